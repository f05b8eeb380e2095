using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Tests.Networks;

/// <summary>Constants are handles: elements appear on demand, go away when nobody holds them, and keep their identity.</summary>
public class ConstantTests
{
    private static readonly TensorType Floats = new(ElementType.Float32, [4]);

    [Fact]
    public void AConstantOfASourceReadsWhenAskedAndOnlyItsRange()
    {
        var source = new CountingByteSource(new MemoryByteSource(Bytes(8)));
        var constant = new SourceConstant(source, 16, Floats);
        Assert.Equal((16L, 4, 0L), (constant.ByteCount, constant.Count, source.Reads));

        var tensor = constant.Materialize();
        Assert.Equal([4f, 5f, 6f, 7f], tensor.Span<float>().ToArray());
        Assert.Same(tensor, constant.Materialize());
        Assert.Equal((1L, 16L), (source.Reads, source.BytesRead));
    }

    [Fact]
    public void ElementsNobodyHoldsAreEvictedAndReadAgain()
    {
        var source = new CountingByteSource(new MemoryByteSource(Bytes(4)));
        var constant = new SourceConstant(source, 0, Floats);
        var held = Touch(constant);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.False(held.TryGetTarget(out _));

        Assert.Equal([0f, 1f, 2f, 3f], constant.Materialize().Span<float>().ToArray());
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public void TheHashOutlivesTheElements()
    {
        var source = new CountingByteSource(new MemoryByteSource(Bytes(4)));
        var constant = new SourceConstant(source, 0, Floats);
        var hash = constant.Hash;
        GC.Collect();
        Assert.Equal(hash, constant.Hash);
        Assert.Equal(1, source.Reads);

        var same = Constant.Of(Tensor.From<float>([4], [0, 1, 2, 3]));
        Assert.Equal(same.Hash, hash);
        Assert.True(constant.ContentEquals(same));
        Assert.False(constant.ContentEquals(Constant.Of(Tensor.From<float>([2, 2], [0, 1, 2, 3]))));
        Assert.False(constant.ContentEquals(Constant.Of(Tensor.From<int>([4], [0, 1, 2, 3]))));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void ARangeOutsideTheSourceIsRefused(long offset) =>
        Assert.Throws<StrataFormatException>(() => new SourceConstant(new MemoryByteSource(Bytes(4)), offset, Floats));

    [Fact]
    public void AConstantNeedsAConstantShape() =>
        Assert.Throws<InvalidNetworkException>(() => new SourceConstant(new MemoryByteSource(Bytes(4)), 0, new(ElementType.Float32, [Dim.Symbol("n")])));

    [Fact]
    public void ADeferredExpressionEvaluatesItsOperandsWhenAsked()
    {
        var source = new CountingByteSource(new MemoryByteSource(Bytes(4)));
        var leaf = new SourceConstant(source, 0, Floats);
        int evaluations = 0;
        var inner = new DeferredConstant(new Neg(), [leaf], Floats, Negate);
        var outer = new DeferredConstant(new Neg(), [inner, null], Floats, Negate);
        Assert.Equal((0, 0L), (evaluations, source.Reads));

        var tensor = outer.Materialize();
        Assert.Equal([0f, 1f, 2f, 3f], tensor.Span<float>().ToArray());
        Assert.Same(tensor, outer.Materialize());
        Assert.Equal((2, 1L), (evaluations, source.Reads));
        Assert.True(outer.ContentEquals(leaf));
        Assert.IsType<Neg>(outer.Operator);
        Assert.Equal([inner, null], outer.Operands);

        Tensor Negate(Operator op, IReadOnlyList<Tensor?> operands)
        {
            evaluations++;
            return Tensor.From<float>([4], [.. operands[0]!.Span<float>().ToArray().Select(v => 0 - v)]);
        }
    }

    [Fact]
    public void ADeferredExpressionMustGiveWhatItDeclares()
    {
        var operand = Constant.Of(Tensor.From<float>([4], [0, 1, 2, 3]));
        foreach (var result in (Tensor[])[Tensor.From<float>([2, 2], [0, 1, 2, 3]), Tensor.From<int>([4], [0, 1, 2, 3])])
        {
            var constant = new DeferredConstant(new Neg(), [operand], Floats, (_, _) => result);
            Assert.Throws<InvalidNetworkException>(() => constant.Materialize());
        }
    }

    [Fact]
    public void AllThreadsGetTheSameElements()
    {
        int loads = 0;
        var constant = new DeferredConstant(new Neg(), [], Floats, (_, _) =>
        {
            Interlocked.Increment(ref loads);
            return Tensor.From<float>([4], [0, 1, 2, 3]);
        });
        var tensors = new Tensor[32];
        Parallel.For(0, tensors.Length, i => tensors[i] = constant.Materialize());
        Assert.All(tensors, t => Assert.Same(tensors[0], t));
        Assert.Equal(1, loads);
    }

    [Theory]
    [InlineData(ElementType.Float32, 300_001)]
    [InlineData(ElementType.Int4, 700_001)]
    [InlineData(ElementType.UInt2, 3)]
    [InlineData(ElementType.Float32, 0)]
    public void BlocksOfASourceAreItsElements(ElementType type, int count)
    {
        var bytes = new byte[type.ByteCount(count) + 7];
        new Random(1).NextBytes(bytes);
        var source = new CountingByteSource(new MemoryByteSource(bytes));
        var constant = new SourceConstant(source, 3, new(type, [count]));
        var hash = constant.Hash;
        Assert.Equal(type.ByteCount(count), source.BytesRead);
        var blocks = Blocks(constant);
        Assert.Equal(constant.Materialize().Bytes.ToArray(), blocks.SelectMany(b => b));
        Assert.All(blocks, b => Assert.InRange(b.Length, 1, 256 << 10));
        Assert.Equal(ContentHash.Of(constant.Materialize()), hash);
        // What is in memory is not read again.
        long reads = source.Reads;
        Assert.Equal(blocks.SelectMany(b => b), Blocks(constant).SelectMany(b => b));
        Assert.Equal(reads, source.Reads);
    }

    [Theory]
    [InlineData(new[] { 100, 1000 }, new[] { 100, 1 })]
    [InlineData(new[] { 100, 1000 }, new[] { 1000 })]
    [InlineData(new[] { 100, 1000 }, new int[0])]
    [InlineData(new[] { 1, 100, 1000 }, new[] { 100, 1000 })]
    [InlineData(new[] { 1, 1, 9, 20_000 }, new[] { 1, 1, 20_000 })]
    [InlineData(new[] { 3, 40_000 }, new[] { 3, 1 })]
    [InlineData(new[] { 100_000 }, new[] { 1 })]
    [InlineData(new[] { 0, 4 }, new[] { 4 })]
    public void ElementwiseExpressionsAreEvaluatedRowByRow(int[] dims, int[] factorDims)
    {
        var x = new SourceConstant(new MemoryByteSource(Bytes(Tensor.CountOf(dims))), 0, new(ElementType.Float32, Shape.Of(dims)));
        var factor = Constant.Of(Tensor.From<float>(factorDims, [.. Enumerable.Range(1, Tensor.CountOf(factorDims)).Select(i => 1f / i)]));
        var shift = Constant.Of(Tensor.Scalar(-3f));
        var expression = ConstantExpressions.Apply(new Neg(), ConstantExpressions.Apply(new Add(), shift, ConstantExpressions.Apply(new Mul(), x, factor)));
        byte[][] blocks = [.. Blocks(expression)];

        int inner = factor.Count == 1 ? int.MaxValue : dims.Length > 1 && factor.Count == dims[^1] ? 1 : dims[^1];
        byte[] expected = MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, x.Count).Select(i =>
            -(-3f + i * (1f / (factorDims.SequenceEqual(new[] { 100, 1000 }) ? i + 1 : inner == 1 ? i % dims[^1] + 1 : i / inner + 1))))]).ToArray();
        Assert.Equal(expected, blocks.SelectMany(b => b));
        Assert.Equal(expected, expression.Materialize().Bytes.ToArray());
        Assert.All(blocks, b => Assert.InRange(b.Length, 0, Math.Max(32 << 10, 4 * dims[^1])));
    }

    [Fact]
    public void WhatIsSharedOrDeepIsEvaluatedAtOnce()
    {
        // 2⁶⁰ additions were each operand evaluated anew; 20,000 nested evaluations were none made at once.
        Constant sum = Constant.Of(Tensor.From<double>([5000], [.. Enumerable.Repeat(1.0, 5000)])), chain = Constant.Of(Tensor.Vector(1.0));
        for (int i = 0; i < 60; i++) sum = ConstantExpressions.Apply(new Add(), sum, sum);
        Assert.All(sum.Materialize().ToDoubles(), v => Assert.Equal(Math.Pow(2, 60), v));
        for (int i = 0; i < 20_000; i++) chain = ConstantExpressions.Apply(new Neg(), i % 2 == 0 ? chain : ConstantExpressions.Apply(new Transpose(), chain));
        Assert.All(chain.Materialize().ToDoubles(), v => Assert.Equal(1, v));
    }

    private static List<byte[]> Blocks(Constant constant)
    {
        var blocks = new List<byte[]>();
        constant.ReadBlocks(b => blocks.Add(b.ToArray()));
        return blocks;
    }

    // In a method of its own, so that no local variable of the test holds the tensor.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<Tensor> Touch(Constant constant) => new(constant.Materialize());

    private static byte[] Bytes(int count) => MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, count).Select(i => (float)i)]).ToArray();
}
