using System.Runtime.CompilerServices;
using Strata.Networks;
using Strata.Operators;
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

    // In a method of its own, so that no local variable of the test holds the tensor.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<Tensor> Touch(Constant constant) => new(constant.Materialize());

    private static byte[] Bytes(int count) => System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, count).Select(i => (float)i)]).ToArray();
}
