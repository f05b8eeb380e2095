using System.Text.RegularExpressions;
using Strata.Cli;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Cli;

/// <summary>A folder in which command lines run in this process, and what the last one printed.</summary>
internal sealed partial class CliRun : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("strata-cli-");

    public string Out { get; private set; } = "";

    /// <summary><see cref="Out"/> with the times that were printed.</summary>
    public string OutWithTimes { get; private set; } = "";

    public string Error { get; private set; } = "";

    public byte[] OutBytes { get; private set; } = [];

    /// <summary>The full path of a file in the folder.</summary>
    public string this[string name] => Path.Combine(folder.FullName, name);

    /// <summary>The names of all files in the folder.</summary>
    public IEnumerable<string> Files => folder.GetFiles().Select(f => f.Name).Order(StringComparer.Ordinal);

    /// <summary>Runs a command line; arguments that name a file of the folder as <c>@name</c> (also behind '=') get its path.</summary>
    public int Run(string commandLine, byte[]? input = null, CancellationToken cancel = default) =>
        RunArguments([.. commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => Mark().Replace(a, m => this[m.Groups[1].Value]))], input, cancel);

    /// <summary>Runs a command line whose arguments are given one by one.</summary>
    public int RunArguments(string[] arguments, byte[]? input = null, CancellationToken cancel = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var bytes = new MemoryStream();
        using var terminal = new Terminal(output, error) { OpenInput = () => new MemoryStream(input ?? []), OpenOutput = () => new Uncloseable(bytes) };
        int code = CommandLine.Run(arguments, terminal, cancel);
        OutWithTimes = WithoutFolder(output.ToString());
        (Out, Error, OutBytes) = (WithoutTimes(OutWithTimes), WithoutTimes(WithoutFolder(error.ToString())), bytes.ToArray());
        return code;
    }

    /// <summary>Everything that the last command line printed, with its exit code, for a snapshot.</summary>
    public string Transcript(string commandLine)
    {
        int code = Run(commandLine);
        return $"$ strata {commandLine}\n{Out}{(Error.Length > 0 ? $"[standard error]\n{Error}" : "")}[exit code {code}]\n";
    }

    /// <summary>y = relu(x·W + b), with a symbolic batch.</summary>
    public CliRun WithDense(string name = "dense.onnx", float scale = 1)
    {
        var builder = new NetworkBuilder("dense");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("batch"), 4]));
        var weights = builder.Constant(Tensor.From<float>([4, 3], [.. Enumerable.Range(0, 12).Select(i => scale * (i - 5) / 8f)]), "W");
        var bias = builder.Constant(Tensor.From<float>([3], [0.5f, 0, -0.25f]), "b");
        var product = builder.Add(new MatMul(), [x, weights], [new OutputSpec("product")], "product").Outputs[0];
        var sum = builder.Add(new Add(), [product, bias], [new OutputSpec("sum")], "bias").Outputs[0];
        var y = builder.Add(new Relu(), [sum], [new OutputSpec("y")], "activation").Outputs[0]!;
        builder.Output("y", y);
        File.WriteAllBytes(this[name], OnnxExporter.Export(builder.Build()));
        return this;
    }

    /// <summary>A text in which no time stands.</summary>
    public static string WithoutTimes(string text) => Time().Replace(text, "T ms");

    /// <summary>A text in which no number stands, nor the unit and the width that come with it.</summary>
    public static string WithoutFigures(string text) => Spaces().Replace(Figure().Replace(text, "N"), " ");

    // The folder differs from machine to machine.
    private string WithoutFolder(string text) => text.Replace(folder.FullName + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(folder.FullName, ".", StringComparison.Ordinal);

    public void Dispose() => folder.Delete(recursive: true);

    [GeneratedRegex(@"(?<=^|=)@(\S+)")]
    private static partial Regex Mark();

    [GeneratedRegex(@"\b\d+\.\d+ m?s\b")]
    private static partial Regex Time();

    [GeneratedRegex(@"(?<![\w.])(?:T ms|-?\d[\d.,]*)(?: (?:[mµ]?s|k?B|[MG]B)\b)?")]
    private static partial Regex Figure();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();

    /// <summary>A verb closes standard output; the bytes are still wanted.</summary>
    private sealed class Uncloseable(Stream inner) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
    }
}
