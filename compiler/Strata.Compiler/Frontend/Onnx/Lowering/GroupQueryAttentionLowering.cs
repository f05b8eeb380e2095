using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft's GroupQueryAttention: the core operator, without quantised or sliding caches.</summary>
internal static class GroupQueryAttentionLowering
{
    public static void Lower(NodeLowering node)
    {
        var read = node.Attributes;
        foreach (string name in new[] { "k_quant_type", "v_quant_type" })
        {
            string kind = read.Text(name, "NONE");
            if (kind != "NONE") throw NodeLowering.Unsupported($"{name} '{kind}' is not supported; allowed is NONE");
        }
        if (read.Flag("sliding_window_cache", false)) throw NodeLowering.Unsupported("sliding_window_cache is not supported; allowed is 0");
        if (read.Int("qk_output", 0) != 0) throw NodeLowering.Unsupported("qk_output is not supported; allowed is 0");
        if (node.Inputs.Skip(12).Any(i => i is not null)) throw NodeLowering.Unsupported("scales of a quantised cache and weights that normalise heads are not supported as operands");
        read.Ignore("kv_cache_bit_width", "qk_norm_epsilon"); // belong to what is refused above
        node.Result(node.Read(new GroupQueryAttention()), node.Inputs.AsSpan()[..Math.Min(node.Inputs.Length, 12)]);
    }
}
