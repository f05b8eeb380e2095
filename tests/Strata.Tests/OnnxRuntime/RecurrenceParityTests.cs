using Strata.Tests.Support;

namespace Strata.Tests.OnnxRuntime;

/// <summary>Recurrences and products in the forms that no recorded case covers, against ONNX Runtime.</summary>
public class RecurrenceParityTests
{
#if HAVE_ONNXRUNTIME
    private static readonly Dictionary<string, Func<string?>> Cases = new()
    {
        ["LSTM"] = () => Recurrence("LSTM", 4, 1).Difference("yhc"),
        ["LSTM, reversed, lengths"] = () => Recurrence("LSTM", 4, 1).I32([2], 2, 5).Set("direction", "reverse").Difference("yhc"),
        ["LSTM, both ways, states, peepholes"] = () => Recurrence("LSTM", 4, 2).I32([2], 3, 5).F32(2, 2, 4).F32(2, 2, 4).F32(2, 12).Set("direction", "bidirectional").Difference("yhc"),
        ["LSTM, an empty sequence"] = () => Recurrence("LSTM", 4, 1).I32([2], 0, 5).F32(1, 2, 4).F32(1, 2, 4).Difference("yhc"),
        ["GRU, an empty sequence"] = () => Recurrence("GRU", 3, 1).I32([2], 0, 5).F32(1, 2, 4).Difference("yh"),
        ["RNN, an empty sequence"] = () => Recurrence("RNN", 1, 1).I32([2], 0, 5).F32(1, 2, 4).Difference("yh"),
        ["GRU, clipped"] = () => Recurrence("GRU", 3, 1).Set("clip", 0.2f).Difference("yh"),
        ["LSTM, clipped"] = () => Recurrence("LSTM", 4, 1).Set("clip", 0.2f).Difference("yhc"),
        ["LSTM, coupled"] = () => Recurrence("LSTM", 4, 1).Set("input_forget", 1).Difference("yhc"),
        ["LSTM, activations"] = () => Recurrence("LSTM", 4, 1).Set("activations", "HardSigmoid", "ScaledTanh", "Softsign").Floats("activation_alpha", 0.3f, 0.8f).Floats("activation_beta", 0.4f, 1.2f).Difference("yhc"),
        ["GRU"] = () => Recurrence("GRU", 3, 1).Difference("yh"),
        ["GRU, linear before reset"] = () => Recurrence("GRU", 3, 1).Set("linear_before_reset", 1).Difference("yh"),
        ["GRU, both ways, lengths, state"] = () => Recurrence("GRU", 3, 2).I32([2], 5, 1).F32(2, 2, 4).Set("direction", "bidirectional").Difference("yh"),
        ["GRU, activations"] = () => Recurrence("GRU", 3, 1).Set("activations", "Sigmoid", "LeakyRelu").Floats("activation_alpha", 0.2f).Difference("yh"),
        ["RNN"] = () => Recurrence("RNN", 1, 1).Difference("yh"),
        ["RNN, both ways, two activations"] = () => Recurrence("RNN", 1, 2).Set("activations", "Affine", "Elu").Floats("activation_alpha", 0.5f, 0.7f).Floats("activation_beta", 0.1f).Set("direction", "bidirectional").Difference("yh"),
        ["product of many ranks"] = () => new NodeParity("MatMul").F32(3, 1, 2, 4).F32(5, 4, 3).Difference(),
        ["product of vectors"] = () => new NodeParity("MatMul").F32(7).F32(7).Difference(),
        ["product over nothing"] = () => new NodeParity("MatMul").F32(2, 0).F32(0, 3).Difference(),
        ["Gemm, column added"] = () => new NodeParity("Gemm").F32(4, 3).F32(4, 5).F32(3, 1).Set("transA", 1).Set("alpha", 0.5f).Set("beta", 2f).Difference(),
        ["Einsum, three operands"] = () => new NodeParity("Einsum").F32(2, 3).F32(3, 4).F32(4, 5).Set("equation", "ij, jk, kl -> li").Difference(),
        ["Einsum, ellipsis and diagonal"] = () => new NodeParity("Einsum").F32(2, 3, 4, 4).F32(4, 5).Set("equation", "...ii,ij->...j").Difference(),
        ["Einsum, implicit result"] = () => new NodeParity("Einsum").F32(3, 2).F32(4, 3).Set("equation", "ba,cb").Difference(),
        ["Einsum, attention"] = () => new NodeParity("Einsum").F32(2, 3, 4, 5).F32(2, 6, 4, 5).Set("equation", "bqhd,bkhd->bhqk").Difference(),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(Names))]
    public void GivesTheSame(string name) => Assert.Null(Cases[name]());

    private static NodeParity Recurrence(string name, int gates, int directions) => new NodeParity(name, Opset: 14)
        .F32(5, 2, 3).F32(directions, gates * 4, 3).F32(directions, gates * 4, 4).F32(directions, gates * 8).Set("hidden_size", 4);
#else
    [FactRequiring(TestSource.OnnxRuntime)]
    public void GivesTheSame() => TestData.Require(TestSource.OnnxRuntime);
#endif
}
