using Strata.Tests.Support;

namespace Strata.Tests.OnnxRuntime;

/// <summary>Operators of com.microsoft against ONNX Runtime, which defines them.</summary>
public class FusedOperatorParityTests
{
#if HAVE_ONNXRUNTIME
    private const string Microsoft = "com.microsoft";

    private static readonly Dictionary<string, Func<string?>> Cases = new()
    {
        ["attention"] = () => Attention().Difference(),
        ["attention, scaled"] = () => Attention().Set("scale", 0.3f).Difference(),
        ["attention, unidirectional"] = () => Attention().Set("unidirectional", 1).Difference(),
        ["attention, mask by row"] = () => Attention().I32([2, 3], 1, 1, 0, 0, 0, 0).Difference(tolerance: 1e-3), // a row of masked keys only: scores lose digits next to −10000
        ["attention, mask by query"] = () => Attention().I32([2, 3, 3], 1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0).Set("unidirectional", 1).Difference(),
        ["attention, lengths"] = () => Attention().I32([2], 2, 3).Difference(),
        ["attention, ends and starts"] = () => Attention().I32([4], 3, 2, 1, 0).Difference(),
        ["attention, mask value"] = () => Attention().I32([2, 3], 1, 1, 0, 0, 0, 0).Set("mask_filter_value", -3.4028235e38f).Set("unidirectional", 1).Difference(),
        ["attention, past"] = () => Attention().I32([2, 5], 1, 1, 1, 1, 1, 0, 1, 1, 1, 1).F32(2, 2, 2, 2, 4).Set("unidirectional", 1).Difference("yp"),
        ["attention, addend"] = () => Attention().Without().Without().F32(1, 2, 3, 3).Difference(),
        ["attention, wider values"] = () => new NodeParity("Attention", Microsoft).F32(2, 3, 8).F32(8, 28).F32(28).Set("num_heads", 2).Set("qkv_hidden_sizes", 8, 8, 12).Difference(),

        ["multi-head"] = () => MultiHead().Difference(),
        ["multi-head, bias and lengths"] = () => MultiHead().F32(24).I32([2], 2, 4).Difference(),
        ["multi-head, mask"] = () => MultiHead().Without().I32([2, 4], 1, 1, 0, 1, 0, 1, 1, 1).Difference(),
        ["multi-head, past"] = () => new NodeParity("MultiHeadAttention", Microsoft).F32(1, 2, 8).F32(1, 2, 8).F32(1, 2, 8).Without().Without().F32(1, 2, 2, 5).F32(1, 2, 3, 4).F32(1, 2, 3, 4).Set("num_heads", 2).Set("unidirectional", 1).Difference("ykv"),
        ["multi-head, past keys of another part"] = () => new NodeParity("MultiHeadAttention", Microsoft).F32(1, 2, 8).F32(1, 2, 3, 4).F32(1, 2, 3, 4).Set("num_heads", 2).Difference(),

        ["group-query, prompt"] = () => GroupQuery(4, 2, 2, 0).I32([2], 3, 3).I32([1], 4).Set("num_heads", 4).Set("kv_num_heads", 2).Difference("ykv"),
        ["group-query, next token"] = () => GroupQuery(1, 2, 2, 5).I32([2], 5, 5).I32([1], 6).Set("num_heads", 4).Set("kv_num_heads", 2).Difference("ykv"),
        ["group-query, window and cap"] = () => GroupQuery(4, 2, 2, 0).I32([2], 3, 3).I32([1], 4).Set("num_heads", 4).Set("kv_num_heads", 2).Set("local_window_size", 1).Set("softcap", 0.7f).Difference("ykv"),
        ["group-query, smooth"] = () => GroupQuery(4, 2, 2, 0).I32([2], 3, 3).I32([1], 4).Set("num_heads", 4).Set("kv_num_heads", 2).Set("smooth_softmax", 1).Difference("ykv"),
        ["group-query, rotated"] = () => GroupQuery(4, 2, 2, 0).I32([2], 3, 3).I32([1], 4).F32(8, 8).F32(8, 8).Set("num_heads", 4).Set("kv_num_heads", 2).Set("do_rotary", 1).Difference("ykv"),
        ["group-query, ragged next tokens"] = () => GroupQuery(1, 2, 2, 5).I32([2], 5, 3).I32([1], 6).Set("num_heads", 4).Set("kv_num_heads", 2).Difference("ykv", compared: 1),
        ["group-query, rotated next token"] = () => GroupQuery(1, 2, 2, 5).I32([2], 5, 5).I32([1], 6).F32(8, 8).F32(8, 8).Set("num_heads", 4).Set("kv_num_heads", 2).Set("do_rotary", 1).Difference("ykv"),
        ["group-query, neighbours rotated"] = () => GroupQuery(4, 2, 2, 0).I32([2], 3, 3).I32([1], 4).F32(8, 8).F32(8, 8).Set("num_heads", 4).Set("kv_num_heads", 2).Set("do_rotary", 1).Set("rotary_interleaved", 1).Difference(),
        ["group-query, joined"] = () => new NodeParity("GroupQueryAttention", Microsoft).F32(1, 4, 128).Without().Without().F32(1, 2, 0, 16).F32(1, 2, 0, 16).I32([1], 3).I32([1], 4).Set("num_heads", 4).Set("kv_num_heads", 2).Difference("ykv"),

        ["rotary, first position"] = () => new NodeParity("RotaryEmbedding", Microsoft).F32(2, 3, 16).I64([1], 2).F32(6, 4).F32(6, 4).Difference(),
        ["rotary, positions"] = () => new NodeParity("RotaryEmbedding", Microsoft).F32(2, 2, 3, 8).I64([2, 3], 0, 1, 2, 5, 4, 3).F32(6, 4).F32(6, 4).Set("interleaved", 1).Difference(),

        ["skip layer"] = () => new NodeParity("SkipLayerNormalization", Microsoft).F32(2, 3, 8).F32(2, 3, 8).F32(8).F32(8).F32(8).Set("epsilon", 1e-5f).Difference("y--s"),
        ["skip layer, plain"] = () => new NodeParity("SkipLayerNormalization", Microsoft).F32(2, 3, 8).F32(3, 8).F32(8).Difference(),
        ["skip RMS"] = () => new NodeParity("SkipSimplifiedLayerNormalization", Microsoft).F32(2, 3, 8).F32(2, 3, 8).F32(8).F32(8).Difference("y--s"),
        ["RMS"] = () => new NodeParity("SimplifiedLayerNormalization").F32(2, 3, 8).F32(8).Set("epsilon", 1e-3f).Difference(),
        ["embedding"] = () => Embedding().I32([2, 3], 1, 1, 0, 1, 1, 1).Set("epsilon", 1e-5f).Difference("ym"),
        ["embedding, positions"] = () => Embedding().Without().I32([2, 3], 2, 1, 0, 0, 3, 1).Difference("yms"),

        ["fused product"] = () => new NodeParity("FusedMatMul", Microsoft).F32(2, 4, 3).F32(2, 5, 4).Set("transA", 1).Set("transB", 1).Set("alpha", 0.25f).Difference(),
        ["fused product, batch inside"] = () => new NodeParity("FusedMatMul", Microsoft).F32(3, 2, 4).F32(4, 2, 5).Set("transBatchA", 1).Set("transBatchB", 1).Difference(),
        ["fused product, rows first and transposed"] = () => new NodeParity("FusedMatMul", Microsoft).F32(4, 2, 3).F32(2, 4, 5).Set("transBatchA", 1).Set("transA", 1).Difference(),
        ["fused Gemm"] = () => new NodeParity("FusedGemm", Microsoft).F32(3, 4).F32(5, 4).F32(5).Set("transB", 1).Set("alpha", 0.5f).Set("activation", "LeakyRelu").Set("activation_alpha", 0.2f).Difference(),
        ["inverse"] = () => new NodeParity("Inverse", Microsoft).F32(2, 4, 4).Difference(),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(Names))]
    public void GivesTheSame(string name) => Assert.Null(Cases[name]());

    private static NodeParity Attention() => new NodeParity("Attention", Microsoft).F32(2, 3, 8).F32(8, 24).F32(24).Set("num_heads", 2);

    private static NodeParity MultiHead() => new NodeParity("MultiHeadAttention", Microsoft).F32(2, 3, 8).F32(2, 4, 8).F32(2, 4, 8).Set("num_heads", 2);

    private static NodeParity GroupQuery(int length, int batch, int shared, int past) => new NodeParity("GroupQueryAttention", Microsoft)
        .F32(batch, length, 64).F32(batch, length, 16 * shared).F32(batch, length, 16 * shared).F32(batch, shared, past, 16).F32(batch, shared, past, 16);

    private static NodeParity Embedding() => new NodeParity("EmbedLayerNormalization", Microsoft)
        .I32([2, 3], 4, 0, 1, 2, 2, 3).I32([2, 3], 0, 0, 1, 1, 0, 1).F32(5, 8).F32(4, 8).F32(2, 8).F32(8).F32(8);
#else
    [FactRequiring(TestSource.OnnxRuntime)]
    public void GivesTheSame() => TestData.Require(TestSource.OnnxRuntime);
#endif
}
