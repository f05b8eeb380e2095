using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft's Rfft and Irfft: transforms of real signals along the last one to three axes; half spectra have real and imaginary part last.</summary>
internal static class SpectralLowering
{
    /// <summary>A real signal to its half spectrum.</summary>
    public static void Forward(NodeLowering node)
    {
        int rank = Check(node), axes = Axes(node, rank);
        var value = node.Emit(new Unsqueeze(), node[0], node.Ints(rank));
        for (int i = 0; i < axes; i++) value = node.Emit(new Dft { Onesided = i == 0 }, value, null, Axis(node, rank - 1 - i));
        node.Bind(0, value);
    }

    /// <summary>A half spectrum to its real signal, of even length along the last axis.</summary>
    public static void Inverse(NodeLowering node)
    {
        int rank = Check(node) - 1, axes = Axes(node, rank);
        var value = node[0];
        for (int i = axes - 1; i >= 0; i--) value = node.Emit(new Dft { Inverse = true, Onesided = i == 0 }, value, null, Axis(node, rank - 1 - i));
        node.Bind(0, node.Emit(new Squeeze(), value, node.Ints(rank)));
    }

    private static int Check(NodeLowering node)
    {
        if (node.Attributes.Flag("normalized", false)) throw NodeLowering.Unsupported("normalized 1 is not supported; allowed is 0");
        if (!node.Attributes.Flag("onesided", true)) throw NodeLowering.Unsupported("onesided 0 is not supported; allowed is 1");
        return node[0].TensorType.Rank ?? throw NodeLowering.Unsupported("the input must have a known rank");
    }

    private static int Axes(NodeLowering node, int rank)
    {
        long axes = node.Attributes.Int("signal_ndim", 1);
        return axes is >= 1 and <= 3 && axes <= rank ? (int)axes : throw new InvalidNetworkException($"signal_ndim must be 1, 2 or 3 and at most the {rank} axes of the signal, is {axes}");
    }

    private static Value Axis(NodeLowering node, long axis) => node.Constant(Tensors.Tensor.Scalar(axis));
}
