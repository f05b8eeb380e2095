using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft's CausalConvWithState: the core operator, without its variants of layout and state.</summary>
internal static class CausalConvLowering
{
    // What has no effect, by attribute.
    private static readonly (string Name, long Allowed)[] Fixed = [("channels_last", 0), ("dilation", 1), ("ndim", 1), ("state_window", 0)];

    public static void Lower(NodeLowering node)
    {
        foreach (var (name, allowed) in Fixed)
        {
            if (node.Attributes.Int(name, allowed) is var value && value != allowed) throw NodeLowering.Unsupported($"{name} {value} is not supported; allowed is {allowed}");
        }
        node.Result(node.Read(new CausalConvWithState()), node.Inputs.AsSpan());
    }
}
