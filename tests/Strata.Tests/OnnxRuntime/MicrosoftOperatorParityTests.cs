#if HAVE_ONNXRUNTIME
using Strata.Tensors;
#endif
using Strata.Tests.Support;

namespace Strata.Tests.OnnxRuntime;

/// <summary>Packed, quantised and small operators of com.microsoft, and ONNX's experimental ones, against ONNX Runtime.</summary>
public class MicrosoftOperatorParityTests
{
#if HAVE_ONNXRUNTIME
    private const ElementType U8 = ElementType.UInt8, I8 = ElementType.Int8;

    private static readonly Dictionary<string, Func<string?>> Cases = new()
    {
        ["quantised attention"] = () => QuantizedAttention().Without().Code(U8, 120).Code(I8, 3).Difference(),
        ["quantised attention, lengths"] = () => QuantizedAttention().I32([2], 2, 3).Code(U8, 120).Code(I8, 0).Difference(),
        ["quantised attention, past"] = () => QuantizedAttention().I32([2, 5], 1, 1, 1, 1, 1, 0, 1, 1, 1, 1).Code(U8, 120).Code(I8, 0).F32(2, 2, 2, 2, 4).Set("unidirectional", 1).Difference("yp"),
        ["quantised embedding"] = () => QuantizedEmbedding().Difference("ym"),

        ["NF4 weights"] = () => Node("MatMulBnb4").F32(2, 3, 32).Codes(U8, 96).F32(12).Set("K", 32).Set("N", 6).Set("block_size", 16).Set("quant_type", 1).Difference(),
        ["FP4 weights"] = () => Node("MatMulBnb4").F32(3, 32).Codes(U8, 96).F32(6).Set("K", 32).Set("N", 6).Set("block_size", 32).Set("quant_type", 0).Difference(),
        ["gathered bytes"] = () => Node("GatherBlockQuantized").Codes(U8, 5, 32).I64([2, 2], 4, 0, -1, 2).F32(5, 2).Set("bits", 8).Set("block_size", 16).Set("quantize_axis", 1).Difference(),
        ["gathered nibbles"] = () => Node("GatherBlockQuantized").Codes(U8, 5, 16).I32([3], 4, 0, 2).F32(5, 2).Set("bits", 4).Set("block_size", 16).Set("quantize_axis", 1).Difference(),
        ["gathered nibbles, zero-points"] = () => Node("GatherBlockQuantized").Codes(U8, 5, 24).I64([3], 4, 0, 2).F32(5, 3).Codes(U8, 5, 2).Set("bits", 4).Set("block_size", 16).Set("quantize_axis", 1).Difference(),
        ["gathered i4"] = () => Node("GatherBlockQuantized").Codes(ElementType.Int4, 4, 3, 32).Fixed().I64([2], 3, 1).F32(4, 3, 2).Set("gather_axis", 0).Set("quantize_axis", 2).Set("block_size", 16).Difference(),
        ["gathered u4 along a later axis"] = () => Node("GatherBlockQuantized").Codes(ElementType.UInt4, 32, 3, 4).Fixed().I64([2, 1], 2, 1).F32(2, 3, 4).Codes(ElementType.UInt4, 2, 3, 4).Fixed().Set("gather_axis", 1).Set("quantize_axis", 0).Set("block_size", 16).Difference(),

        ["experts"] = () => Experts().Difference(),
        ["experts, two, normalised"] = () => Experts().Set("k", 2).Set("normalize_routing_weights", 1).Set("activation_type", "silu").Difference(),
        ["experts, SwiGLU by turns"] = () => Node("MoE").F32(3, 8).F32(3, 4).F32(4, 12, 8).F32(4, 12).F32(4, 8, 6).F32(4, 8).Set("k", 2).Set("normalize_routing_weights", 1).Set("activation_type", "swiglu").Set("swiglu_fusion", 1).Set("activation_alpha", 1.702f).Set("activation_beta", 1f).Set("swiglu_limit", 0.5f).Difference(),
        ["packed experts"] = () => Node("QMoE").F32(3, 32).F32(3, 4).Codes(U8, 4, 64, 16).F32(4, 64).Without().Codes(U8, 4, 32, 16).F32(4, 32).Set("k", 2).Set("normalize_routing_weights", 1).Set("activation_type", "swiglu").Set("swiglu_fusion", 1).Set("expert_weight_bits", 4).Set("swiglu_limit", 7f).Difference(tolerance: 1e-4),

        ["causal convolution"] = () => Node("CausalConvWithState").F32(1, 3, 4).F32(3, 1, 3).F32(3).F32(1, 3, 2).Set("activation", "silu").Difference("ys"),
        ["transposed product"] = () => Node("TransposeMatMul").F32(4, 3).F32(4, 5).Set("transA", 1).Set("alpha", 2f).Difference(),
        ["distances"] = () => Node("CDist").F32(4, 3).F32(5, 3).Set("metric", "euclidean").Difference(),
        ["squared distances"] = () => Node("CDist").F32(4, 3).F32(5, 3).Set("metric", "sqeuclidean").Difference(),
        ["new axis"] = () => Node("ExpandDims").F32(2, 3).I32([], -1).Difference(),
        ["padding"] = () => Node("Pad").F32(2, 3).I64([1, 4], 0, 1, 2, 0).F32(0.5f).Set("mode", "constant").Difference(),
        ["padding by reflection"] = () => Node("Pad").F32(2, 3).I64([4], 0, 2, 1, 0).Set("mode", "reflect").Difference(),
        ["range"] = () => Node("Range").I32([1], 2).I32([], 11).I32([1], 3).Difference(),
        ["range by ones"] = () => Node("Range").F32(0.5f).F32(3.75f).Difference(),
        ["unique"] = () => Node("Unique").With(Tensor.Vector(2f, 1f, 2f, 5f, 1f)).Difference("yin"),
        ["windows"] = () => Node("UnfoldTensor").F32(2, 7, 3).Set("dim", 1).Set("size", 3).Set("step", 2).Difference(),
        ["triangle"] = () => Node("Trilu").F32(3, 4).I64([], -1).Set("upper", 0).Difference(),
        ["16-bit product"] = () => Node("MatMulInteger16").Codes(ElementType.Int16, 2, 3).Codes(ElementType.Int16, 3, 4).Difference(),
        ["sampled grid"] = () => Node("GridSample").F32(1, 2, 4, 4).F32(1, 3, 3, 2).Set("mode", "bilinear").Set("padding_mode", "border").Difference(),
        ["quantised choice"] = () => Node("QLinearWhere").With(Tensor.Vector(true, false, true)).Codes(U8, 2, 3).F32(0.02f).Code(U8, 7).Codes(U8, 3).F32(0.03f).Code(U8, 100).F32(0.04f).Code(U8, 30).Difference(),
        ["quantised LSTM"] = () => QuantizedLstm().Difference("yhc", 0.05), // rounds its inputs and states to bytes there

        ["affine"] = () => Old("Affine").F32(2, 3).Set("alpha", 0.5f).Set("beta", -2f).Difference(),
        ["scaled image"] = () => Old("ImageScaler").F32(1, 3, 2, 2).Set("scale", 2f).Floats("bias", 1, 2, 3).Difference(),
        ["parametric softplus"] = () => Old("ParametricSoftplus").F32(2, 3).Set("alpha", 0.5f).Set("beta", 3f).Difference(),
        ["scaled tanh"] = () => Old("ScaledTanh").F32(2, 3).Set("alpha", 0.5f).Set("beta", 3f).Difference(),
        ["old thresholded ReLU"] = () => Old("ThresholdedRelu").F32(2, 3).Set("alpha", 0.25f).Difference(),
        ["crop"] = () => Old("Crop").F32(1, 2, 5, 6).Set("border", 1, 2, 0, 1).Difference(),
        ["crop to a size"] = () => Old("Crop").F32(1, 2, 5, 6).Set("border", 1, 2, 0, 0).Set("scale", 2, 3).Difference(),
        ["dynamic slice"] = () => Old("DynamicSlice").F32(3, 4, 5).I64([2], 1, 0).I64([2], 3, -1).I64([2], 0, 2).Difference(),
        ["old mean-variance"] = () => Old("MeanVarianceNormalization").F32(2, 3, 4, 5).Difference(),
        ["old mean-variance, all channels"] = () => Old("MeanVarianceNormalization").F32(2, 3, 4, 5).Set("across_channels", 1).Difference(),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(Names))]
    public void GivesTheSame(string name) => Assert.Null(Cases[name]());

    private static NodeParity Node(string name) => new(name, "com.microsoft");

    private static NodeParity Old(string name) => new(name, Opset: 8);

    private static NodeParity QuantizedAttention() => Node("QAttention").Codes(U8, 2, 3, 8).Factors(8, 24).F32(24).F32(0.02f).F32(0.01f).Set("num_heads", 2);

    private static NodeParity Experts() => Node("MoE").F32(5, 8).F32(5, 3).F32(3, 6, 8).F32(3, 6).F32(3, 8, 6).F32(3, 8);

    private static NodeParity QuantizedEmbedding()
    {
        var node = Node("QEmbedLayerNormalization").I32([2, 3], 4, 0, 1, 2, 2, 3).I32([2, 3], 0, 0, 1, 1, 0, 1)
            .Codes(U8, 5, 8).Codes(U8, 4, 8).Codes(U8, 2, 8).Codes(U8, 8).Codes(U8, 8).I32([2, 3], 1, 1, 0, 1, 1, 1);
        for (int i = 0; i < 5; i++) node.F32(0.01f + 0.005f * i);
        for (int i = 0; i < 5; i++) node.Code(U8, 120 + 5 * i);
        return node;
    }

    private static NodeParity QuantizedLstm() => Node("DynamicQuantizeLSTM").F32(4, 2, 3).Codes(I8, 1, 3, 20).Codes(I8, 1, 5, 20).F32(1, 40).Without().Without().Without().Without()
        .With(Tensor.Vector(0.01f)).With(Tensor.Vector<sbyte>(3)).With(Tensor.Vector(0.005f)).With(Tensor.Vector<sbyte>(-2)).Set("hidden_size", 5);
#else
    [FactRequiring(TestSource.OnnxRuntime)]
    public void GivesTheSame() => TestData.Require(TestSource.OnnxRuntime);
#endif
}
