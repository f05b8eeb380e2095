#if HAVE_ONNXRUNTIME
using Strata.OnnxRuntime;
using Strata.Tests.OnnxRuntime;
#endif
using Strata.Networks;
using Strata.Tensors;
using Strata.Tests.Support;
using static Strata.Tests.Operators.Evaluation;

namespace Strata.Tests.Frontend;

/// <summary>ONNX Runtime's own operators have no recorded cases; ONNX Runtime itself says what they compute.</summary>
public class OnnxRuntimeOperatorTests
{
#if HAVE_ONNXRUNTIME
    private readonly Random random = new(7);

    private Tensor Codes(ElementType type, params int[] dims) => Tensor.FromInt64s(type, dims, [.. Draw(dims, () => random.Next(256))]);

    // Signed codes that are multiplied with unsigned ones: of seven bits where ONNX Runtime's sums would saturate.
    private Tensor Factors(params int[] dims)
    {
        int most = OnnxRuntimeReference.SaturatesByteProducts ? 64 : 128;
        return Tensor.FromInt64s(ElementType.Int8, dims, [.. Draw(dims, () => (long)random.Next(-most, most))]);
    }

    private Tensor Reals(params int[] dims) => Tensor.From<float>(dims, [.. Draw(dims, () => (float)(4 * random.NextDouble() - 2))]);

    private static IEnumerable<T> Draw<T>(int[] dims, Func<T> next) => Enumerable.Range(0, dims.Aggregate(1, (a, b) => a * b)).Select(_ => next());

    private static readonly Tensor A = Tensor.Scalar(0.02f), B = Tensor.Scalar(0.03f), C = Tensor.Scalar(0.05f);

    private static Tensor Zero(ElementType type, int value) => Tensor.FromInt64s(type, [], [value]);

    // Codes may differ by one where ONNX Runtime rounds in another order; floats by a few units in the last place.
    private static void Agrees(SingleNode node, params Tensor?[] operands)
    {
        var ours = node.Run(operands);
        using var session = new OnnxRuntimeSession(node.Build(operands), new OnnxRuntimeOptions { Optimization = OnnxRuntimeOptimization.None });
        var inputs = operands.Select((t, i) => (Name: $"x{i}", Tensor: t)).Where(p => session.InputNames.Contains(p.Name))
            .ToDictionary(p => p.Name, p => (OnnxRuntimeValue)new OnnxRuntimeTensor((int)p.Tensor!.ElementType, [.. p.Tensor.Dims.Select(d => (long)d)], p.Tensor.Bytes.ToArray()));
        var theirs = Assert.IsType<OnnxRuntimeTensor>(session.Run(inputs)["y0"]);
        var expected = Tensor.FromBytes((ElementType)theirs.ElementType, [.. theirs.Dims.Select(d => (int)d)], theirs.Data.ToArray());
        Assert.Equal(expected.ToString(), ours.ToString());
        double[] want = expected.ToDoubles(), got = ours.ToDoubles();
        double bound = ours.ElementType.IsInteger() ? 1 : 1e-5 * want.Max(Math.Abs);
        Assert.All(want.Zip(got), p => Assert.InRange(p.Second, p.First - bound, p.First + bound));
        if (ours.ElementType.IsInteger()) Assert.InRange(want.Zip(got).Count(p => p.First != p.Second), 0, want.Length / 50);
    }

    private static SingleNode Node(string name, params (string, object)[] attributes) => new(name, 1, "com.microsoft") { Attributes = attributes, FirstConstant = 1 };

    public static TheoryData<ElementType> Bytes => [ElementType.UInt8, ElementType.Int8];

    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(Bytes))]
    public void QuantizedElementwiseOperators(ElementType type)
    {
        Tensor x = Codes(type, 4, 60), y = Codes(type, 60), zero = Zero(type, 5), other = Zero(type, 9);
        Agrees(Node("QLinearAdd") with { FirstConstant = 99 }, x, A, zero, y, B, other, C, zero);
        Agrees(Node("QLinearMul"), x, A, zero, y, B, other, C, zero);
        Agrees(Node("QLinearSigmoid"), x, A, zero, Tensor.Scalar(1 / 256f), zero);
        Agrees(Node("QLinearLeakyRelu", ("alpha", 0.3f)), x, A, zero, B, other);
        Agrees(Node("QLinearConcat", ("axis", 0)) with { FirstConstant = 99 }, C, zero, x, A, zero, Codes(type, 2, 60), B, other);
        Agrees(Node("QLinearSoftmax", ("axis", -1), ("opset", 13)), x, A, zero, Tensor.Scalar(1 / 256f), Zero(type, type == ElementType.UInt8 ? 0 : -128));
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void IntegerProducts()
    {
        Tensor weights = Factors(32, 20), weightZero = Tensor.FromInt64s(ElementType.Int8, [20], [.. Enumerable.Range(-10, 20).Select(i => (long)i)]);
        Tensor columns = Tensor.From<float>([20], [.. Enumerable.Range(1, 20).Select(i => 0.01f * i)]);
        Agrees(Node("DynamicQuantizeMatMul"), Reals(3, 32), weights, columns, weightZero, Reals(20));
        Agrees(Node("DynamicQuantizeMatMul"), Reals(2, 3, 32), weights, B);
        Agrees(Node("MatMulIntegerToFloat"), Codes(ElementType.UInt8, 3, 32), weights, A, columns, Zero(ElementType.UInt8, 128), weightZero, Reals(20));
        Agrees(Node("MatMulIntegerToFloat"), Codes(ElementType.UInt8, 3, 32), weights, A, B);
        Agrees(Node("QGemm", ("transB", 1), ("alpha", 0.5f)), Codes(ElementType.UInt8, 3, 20), A, Zero(ElementType.UInt8, 100), weights, B, Zero(ElementType.Int8, 3),
            Tensor.FromInt64s(ElementType.Int32, [32], [.. Enumerable.Range(0, 32).Select(i => 50L * i)]), Tensor.Scalar(0.3f), Zero(ElementType.UInt8, 110));
        Agrees(Node("QGemm"), Codes(ElementType.UInt8, 3, 32), A, Zero(ElementType.UInt8, 100), weights, B, Zero(ElementType.Int8, 3));
    }

    [TheoryRequiring(TestSource.OnnxRuntime)]
    [InlineData(4)]
    [InlineData(8)]
    public void PackedWeights(int bits)
    {
        var node = Node("MatMulNBits", ("K", 64), ("N", 6), ("bits", bits), ("block_size", 32));
        Tensor weights = Codes(ElementType.UInt8, 6, 2, 4 * bits), scales = Reals(12);
        Agrees(node, Reals(2, 64), weights, scales);
        Agrees(node, Reals(2, 64), weights, scales, Codes(ElementType.UInt8, 6 * 2 * bits / 8));
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void Activations()
    {
        Tensor x = Reals(3, 40), bias = Reals(40);
        Agrees(Node("Gelu"), x);
        Agrees(Node("BiasGelu"), x, bias);
        Agrees(Node("FastGelu"), x, bias);
        Agrees(Node("FastGelu"), x);
        Agrees(Node("QuickGelu"), x);
        Agrees(Node("QuickGelu", ("alpha", 0.8f)), x);
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void WideQuantization()
    {
        var x = Reals(4, 6);
        Tensor scales = Tensor.From<float>([6], [.. Enumerable.Range(1, 6).Select(i => 0.001f * i)]), zeros = Tensor.Vector<ushort>(0, 1, 2, 30000, 4, 65535);
        Agrees(Node("QuantizeLinear", ("axis", 1)), x, scales, zeros);
        Agrees(Node("DequantizeLinear", ("axis", 1)), Codes(ElementType.UInt16, 4, 6), scales, zeros);
    }
#endif

    [Fact]
    public void WhereChoosesBetweenQuantizedOperands()
    {
        var y = new SingleNode("QLinearWhere", 1, "com.microsoft").Run(Tensor.From<bool>([3], [true, false, true]),
            Tensor.Vector<byte>(10, 20, 30), Tensor.Scalar(2f), Tensor.Scalar<byte>(0), Tensor.Vector<byte>(7), Tensor.Scalar(10f), Tensor.Scalar<byte>(1),
            Tensor.Scalar(4f), Tensor.Scalar<byte>(100));
        Assert.Equal([105, 115, 115], y.Span<byte>().ToArray());
    }
}
