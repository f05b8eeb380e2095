using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>DFT of version 17, whose axis is an attribute.</summary>
internal static class DftLowering
{
    public static void Lower17(NodeLowering node) =>
        node.Result(node.Read(new Dft()), node[0], node.Optional(1), node.Constant(Tensor.Scalar(node.Attributes.Int("axis", 1))));
}
