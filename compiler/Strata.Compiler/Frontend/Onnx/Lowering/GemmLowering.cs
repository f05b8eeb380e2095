using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>Gemm before version 7 says whether c may broadcast; when it does, it does so as today.</summary>
internal static class GemmLowering
{
    public static void Lower(NodeLowering node)
    {
        // Without the permission c has the full shape, which the newer rule takes as well.
        node.Attributes.Ignore("broadcast");
        node.Result(node.Read(new Gemm()), node.Inputs.AsSpan());
    }
}
