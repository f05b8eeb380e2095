using Strata.Bitstream;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Execution;
using Strata.Networks;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>A way to execute an imported network, such as the interpreter or a round trip through the encoded form.</summary>
public sealed record SuiteRoute(string Name, Func<Network, IReadOnlyList<RuntimeValue?>, CancellationToken, IReadOnlyList<RuntimeValue?>> Run)
{
    /// <summary>The imported network, by reference evaluations.</summary>
    public static SuiteRoute Interpreter { get; } = new("interpreter", static (network, inputs, cancel) =>
        new Interpreter(network).Run(inputs, new RunOptions { CancellationToken = cancel }));

    /// <summary>The imported network after the default passes, by reference evaluations.</summary>
    public static SuiteRoute Passes { get; } = new("passes", static (network, inputs, cancel) =>
    {
        var result = new PassManager(Pipelines.Default).Run(network, new PassContext { Cancellation = cancel });
        return new Interpreter(result.Network).Run(inputs, new RunOptions { CancellationToken = cancel });
    });

    /// <summary>The imported network encoded, decoded, compared with what was encoded, and run by reference evaluations.</summary>
    public static SuiteRoute Encoded { get; } = new("encoded", static (network, inputs, cancel) =>
    {
        using var file = new MemoryStream();
        NetworkEncoder.Encode(network, file, cancel: cancel);
        using var decoded = EncodedNetwork.Open(new MemoryByteSource(file.GetBuffer().AsMemory(0, (int)file.Length)));
        if (NetworkComparer.FirstDifference(network, decoded.Network) is { } difference) throw new InvalidNetworkException($"the decoded network differs: {difference}");
        return new Interpreter(decoded.Network).Run(inputs, new RunOptions { CancellationToken = cancel });
    });

    /// <summary>The imported network exported to ONNX, imported again, and run by reference evaluations.</summary>
    public static SuiteRoute Exported { get; } = new("exported", static (network, inputs, cancel) =>
    {
        using var model = OnnxModel.Parse(OnnxExporter.Export(network), "exported");
        return new Interpreter(OnnxImporter.Import(model)).Run(inputs, new RunOptions { CancellationToken = cancel });
    });

    /// <summary>The imported network by the kernels of a session, twice: the second run finds plans and memory of the first.</summary>
    public static SuiteRoute Engine { get; } = new("engine", static (network, inputs, cancel) =>
    {
        using var model = Model.Of(network);
        using var session = model.CreateSession();
        for (int i = 0; i < inputs.Count; i++)
        {
            if (inputs[i] is { } value) session.SetInput(network.Inputs[i].Name, value);
        }
        for (int run = 0; run < 2; run++) session.Run(new RunOptions { CancellationToken = cancel });
        return [.. network.Outputs.Select(o => session.GetOutput(o.Name))];
    });

    /// <summary>All routes.</summary>
    public static IReadOnlyList<SuiteRoute> All { get; } = [Interpreter, Passes, Encoded, Exported, Engine];
}
