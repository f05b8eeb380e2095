using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft ConvTransposeWithDynamicPads, where the pads operand is a constant after all.</summary>
internal static class ConvTransposeLowering
{
    public static void DynamicPads(NodeLowering node)
    {
        var op = node.Read(new ConvTranspose());
        if (node.Optional(2) is { } pads)
        {
            if (pads.Constant is not { } constant) throw NodeLowering.Unsupported("pads that are known only at run time; make them a constant");
            op = op with { Window = op.Window with { Pads = [.. constant.Materialize().ToInt64s()] } };
        }
        node.Result(op, node[0], node[1], node.Optional(3));
    }
}
