using System.Diagnostics;
using System.Text.Json;
using Strata.Models;
using Strata.Models.Architectures;
using Strata.Tests.Support;

namespace Strata.Tests.Models;

/// <summary>Peak memory of whole processes, which only a process of its own shows.</summary>
public class BoundedMemoryTests
{
    /// <summary>16 weights of 64 MiB and as many batch normalisations, which passes fold into them.</summary>
    [Fact]
    public void CompilingAGibibyteOfWeightsTakesAFewOfTheLargest()
    {
        using var folder = new TemporaryFolder();
        string path = ModelWriter.Write(folder.Path, "chain", externalData: true, weights => Chain.Build(64, 16, ChainOp.Conv, weights)).Path;
        Assert.True(new FileInfo(path + ".data").Length > 1L << 30);
        string compiled = Path.Combine(folder.Path, "chain.strata");
        var (output, peak) = Run("compile", path, "-o", compiled, "--json");

        Assert.InRange(peak, 1, 400L << 20);
        Assert.InRange(new FileInfo(compiled).Length, 1L << 29, 1L << 30); // entropy-coded
        using var report = JsonDocument.Parse(output);
        Assert.Equal(32, report.RootElement.GetProperty("layers").GetInt32()); // 16 convolutions, 16 ReLUs
        Assert.True(report.RootElement.GetProperty("verification").GetProperty("passed").GetBoolean());
    }

    /// <summary>The same where the weights are inside the model: 16 of 16 MiB, what the process needs anyway is as much as a few of them.</summary>
    [Fact]
    public void CompilingWeightsWithinTheModelTakesAFewOfTheLargest()
    {
        using var folder = new TemporaryFolder();
        string path = ModelWriter.Write(folder.Path, "chain", externalData: false, weights => Chain.Build(16, 16, ChainOp.Conv, weights)).Path;
        Assert.True(new FileInfo(path).Length > 1L << 28);
        var (output, peak) = Run("compile", path, "-o", Path.Combine(folder.Path, "chain.strata"), "--json");

        Assert.InRange(peak, 1, 250L << 20);
        using var report = JsonDocument.Parse(output);
        Assert.True(report.RootElement.GetProperty("verification").GetProperty("passed").GetBoolean());
    }

    // Runs the command line in a process; gives what it prints and the most memory that it had resident, in bytes.
    private static (string Output, long Peak) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Path.Combine(AppContext.BaseDirectory, "strata.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("DOTNET_EnableHWIntrinsic"); // memory is the matter, not the instruction set
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        long peak = 0;
        while (!process.WaitForExit(10))
        {
            process.Refresh();
            peak = Math.Max(peak, PeakOf(process));
        }
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
        return (output.Result, peak);
    }

    private static long PeakOf(Process process)
    {
        try
        {
            return process.PeakWorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // it has just ended
        }
    }
}
