using Strata.Operators;
using Strata.Tensors;
using static Strata.Tests.Operators.Evaluation;

namespace Strata.Tests.Operators;

public class QuantizedMatMulTests
{
    [Fact]
    public void ZeroPointsArePerRowAndPerColumn()
    {
        var a = Of(ElementType.UInt8, [2, 2], 1, 2, 3, 4);
        var b = Of(ElementType.Int8, [2, 2], 1, -1, 2, -2);
        // a − (1, 3) by rows: (0 1; 0 1); b − (1, −2) by columns: (0 1; 1 0).
        var y = Run(new MatMulInteger(), a, b, Tensor.Vector<byte>(1, 3), Tensor.Vector<sbyte>(1, -2));
        Assert.Equal([1, 0, 1, 0], y.Span<int>().ToArray());
        Assert.Equal([5, -5, 11, -11], Run(new MatMulInteger(), a, b).Span<int>().ToArray());
        Assert.Equal("i32[B, M, N]", Infer(new MatMulInteger(), Type(ElementType.UInt8, "B", "M", "K"), Type(ElementType.Int8, "K", "N")));
    }

    [Fact]
    public void ResultsAreRequantized()
    {
        Tensor a = Of(ElementType.UInt8, [1, 2], 3, 5), b = Of(ElementType.Int8, [2, 2], 1, 2, 0, -3);
        Tensor zero = Tensor.Scalar<byte>(0), signedZero = Tensor.Scalar<sbyte>(0);
        // Sums 3 and −9, times 0.5 · 1 / 1: 1.5 and −4.5 go to even, then the zero-point.
        var y = Run(new QLinearMatMul(), a, Tensor.Scalar(0.5f), zero, b, Tensor.Scalar(1f), signedZero, Tensor.Scalar(1f), Tensor.Scalar<sbyte>(1));
        Assert.Equal([3L, -3], y.ToInt64s());
        // By column 1 and 100: 1.5 and −450.
        y = Run(new QLinearMatMul(), a, Tensor.Scalar(0.5f), zero, b, Floats(1, 100), Tensor.Vector<sbyte>(0, 0), Tensor.Scalar(1f), Tensor.Scalar<sbyte>(1));
        Assert.Equal([3L, -128], y.ToInt64s());
    }

    [Fact]
    public void EightBitFloatsAreSummedAsReals()
    {
        const ElementType F8 = ElementType.Float8E4M3FN;
        Tensor one = Tensor.Scalar(1f), zero = Of(F8, [], 0);
        var y = Run(new QLinearMatMul(), Of(F8, [1, 2], 1.5, 2), one, zero, Of(F8, [2, 1], 2, 384), one, zero, Tensor.Scalar(2f), zero);
        // (1.5 · 2 + 2 · 384) / 2 = 385.5; neighbours in E4M3 are 384 and 416.
        Assert.Equal([384.0], y.ToDoubles());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void PackedWeightsAreDequantizedByBlocks(int bits)
    {
        const int K = 40, N = 3, Block = 16, Blocks = 3;
        int codes = 1 << bits;
        int Weight(int n, int k) => (7 * n + 3 * k) % codes;
        int Zero(int n, int group) => (n + group) % codes;
        float Scale(int n, int group) => 0.5f * (1 + n + group);

        var packed = new byte[N * Blocks * Block * bits / 8];
        var zeros = new byte[N * ((Blocks * bits + 7) / 8)];
        for (int n = 0; n < N; n++)
        {
            for (int k = 0; k < K; k++) Pack(packed, n * Blocks * Block + k, Weight(n, k));
            for (int g = 0; g < Blocks; g++) Pack(zeros, n * ((Blocks * bits + 7) / 8) * 8 / bits + g, Zero(n, g));
        }
        void Pack(byte[] target, int index, int code) => target[index * bits / 8] |= (byte)(code << (index * bits % 8));

        var scales = Tensor.From<float>([N, Blocks], [.. from n in Enumerable.Range(0, N) from g in Enumerable.Range(0, Blocks) select Scale(n, g)]);
        float[] a = [.. Enumerable.Range(0, 2 * K).Select(i => (i % 5) - 2f)];
        var op = new MatMulNBits { K = K, N = N, Bits = bits, BlockSize = Block };
        var weights = Tensor.From<byte>([N, Blocks, Block * bits / 8], packed);

        float[] Expected(Func<int, int, int> zero, float bias) =>
        [
            .. from row in Enumerable.Range(0, 2)
               from n in Enumerable.Range(0, N)
               select bias * n + Enumerable.Range(0, K).Sum(k => a[row * K + k] * (Weight(n, k) - zero(n, k / Block)) * Scale(n, k / Block)),
        ];
        var input = Tensor.From<float>([1, 2, K], a);
        Assert.Equal(Expected((_, _) => codes / 2, 0), Run(op, input, weights, scales).Span<float>().ToArray());
        Assert.Equal(Expected(Zero, 0), Run(op, input, weights, scales, Tensor.Vector<byte>(zeros)).Span<float>().ToArray());
        var realZeros = Tensor.From<float>([N, Blocks], [.. from n in Enumerable.Range(0, N) from g in Enumerable.Range(0, Blocks) select (float)Zero(n, g)]);
        Assert.Equal(Expected(Zero, 10), Run(op, input, weights, scales, realZeros, null, Floats(0, 10, 20)).Span<float>().ToArray());
    }

    [Fact]
    public void SizesAreChecked()
    {
        var op = new MatMulNBits { K = 32, N = 2, BlockSize = 16 };
        Assert.Contains("weights must have 32 elements, have 16", Refusal(op, F32(1, 32), Type(ElementType.UInt8, 2, 1, 8), F32(4)), StringComparison.Ordinal);
        Assert.Contains("bits must be 2, 4 or 8, is 3", Refusal(op with { Bits = 3 }, F32(1, 32), Type(ElementType.UInt8, 32), F32(4)), StringComparison.Ordinal);
        Assert.Contains("a and b must both be integers", Refusal(new QLinearMatMul(), Type(ElementType.UInt8, 1, 1), F32(), Type(ElementType.UInt8),
            Type(ElementType.Float8E5M2, 1, 1), F32(), Type(ElementType.Float8E5M2), F32(), Type(ElementType.UInt8)), StringComparison.Ordinal);
    }
}
