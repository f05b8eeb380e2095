using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>InstanceNormalization of version 1: a hint about memory that later versions dropped.</summary>
internal static class InstanceNormalizationLowering
{
    public static void Lower1(NodeLowering node)
    {
        node.Attributes.Ignore("consumed_inputs");
        node.Result(node.Read(new InstanceNormalization()), node.Inputs.AsSpan());
    }
}
