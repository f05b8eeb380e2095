#if HAVE_ONNXRUNTIME
using Strata.Cli.Bench;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.OnnxRuntime;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.OnnxRuntime;

/// <summary>A model in ONNX Runtime that takes and gives our values.</summary>
internal sealed class OnnxRuntimeReference : IDisposable
{
    private readonly OnnxRuntimeSession session;

    public OnnxRuntimeReference(string path, OnnxRuntimeOptimization optimization = OnnxRuntimeOptimization.All, bool exactByteProducts = false) => session = new(path, new OnnxRuntimeOptions { Optimization = optimization, ExactByteProducts = exactByteProducts });

    public OnnxRuntimeReference(byte[] model, OnnxRuntimeOptimization optimization = OnnxRuntimeOptimization.All, bool exactByteProducts = false) => session = new(model, new OnnxRuntimeOptions { Optimization = optimization, ExactByteProducts = exactByteProducts });

    /// <summary>
    /// True where sums of products of unsigned and signed bytes saturate, as on x64 processors without VNNI: ONNX Runtime then computes
    /// other numbers than ONNX says, unless signed weights keep to seven bits.
    /// </summary>
    public static bool SaturatesByteProducts => saturates.Value;

    private static readonly Lazy<bool> saturates = new(() =>
    {
        var builder = new NetworkBuilder("probe");
        Value a = builder.Input("a", new TensorType(ElementType.UInt8, Shape.Of(4, 64))), b = builder.Input("b", new TensorType(ElementType.Int8, Shape.Of(64, 16)));
        builder.Output("y", builder.Add(new MatMulInteger(), a, b));
        var network = builder.Build();
        using var reference = new OnnxRuntimeReference(OnnxExporter.Export(network), OnnxRuntimeOptimization.None);
        byte[] most = new byte[4 * 64];
        sbyte[] large = new sbyte[64 * 16];
        Array.Fill(most, byte.MaxValue);
        Array.Fill(large, sbyte.MaxValue);
        return ((Tensor)reference.Run(network, [Tensor.From<byte>([4, 64], most), Tensor.From<sbyte>([64, 16], large)])[0]).Span<int>()[0] != 64 * byte.MaxValue * sbyte.MaxValue;
    });

    /// <summary>Runs the model on values in the order of a network's inputs; the results are in the order of its outputs.</summary>
    public IReadOnlyList<RuntimeValue> Run(Network network, IReadOnlyList<RuntimeValue?> inputs)
    {
        // An input that the model does without is not one of its session's.
        var given = network.Inputs.Zip(inputs).Where(p => session.InputNames.Contains(p.First.Name)).ToDictionary(p => p.First.Name, p => OnnxRuntimeValues.ToNative(p.Second!));
        var results = session.Run(given);
        return [.. network.Outputs.Select(o => OnnxRuntimeValues.FromNative(results[o.Name]))];
    }

    public void Dispose() => session.Dispose();
}
#endif
