using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Kernels;

/// <summary>Rotary embeddings and short-time Fourier transforms against the reference evaluation.</summary>
public class RotaryAndSpectralKernelTests
{
    private static readonly Random Numbers = new(17);

    private static Tensor Draw(params int[] dims) => KernelProbe.Draw(Numbers, dims);

    [Fact]
    public void PairsRotate()
    {
        foreach (bool interleaved in (bool[])[false, true])
        {
            foreach (var (size, rotated) in ((int, int)[])[(8, 0), (34, 0), (40, 22), (7, 4), (6, 0)])
            {
                int half = (rotated == 0 ? size : rotated) / 2;
                var op = new RotaryEmbedding { Interleaved = interleaved, RotaryEmbeddingDim = rotated, NumHeads = 3 };
                var positions = Tensor.From<long>([2, 5], [.. Enumerable.Range(0, 10).Select(_ => Numbers.NextInt64(9))]);
                foreach (int[] dims in (int[][])[[2, 3, 5, size], [2, 5, 3 * size]])
                {
                    Assert.True(KernelRowTests.Check(op, [Draw(dims), Draw(9, half), Draw(9, half), positions], bound: 3e-7) > 0);
                    Assert.True(KernelRowTests.Check(op, [Draw(dims), Draw(2, 5, half), Draw(2, 5, half)], bound: 3e-7) > 0);
                }
            }
        }
        Assert.True(KernelRowTests.Check(new RotaryEmbedding(), [Draw(0, 3, 5, 4), Draw(0, 5, 2), Draw(0, 5, 2)]) > 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(45)]
    [InlineData(60)]
    [InlineData(64)]
    [InlineData(101)]
    [InlineData(1000)]
    public void FramesOfEveryLengthAreTransformed(int frame)
    {
        Tensor step = Tensor.Scalar(3L), length = Tensor.Scalar((long)frame);
        foreach (bool onesided in (bool[])[true, false])
        {
            var op = new Stft { Onesided = onesided };
            // Sums of so many numbers below 1, rounded once.
            double bound = frame * KernelProbe.Unit;
            Assert.Equal(1, KernelRowTests.Check(op, [Draw(2, frame + 20, 1), step, null, length], fixedFrom: 1, bound: bound));
            Assert.Equal(1, KernelRowTests.Check(op, [Draw(2, frame + 20), step, Draw(frame)], fixedFrom: 1, bound: bound));
            if (!onesided) Assert.Equal(1, KernelRowTests.Check(op, [Draw(1, frame + 9, 2), step, Draw(frame), length], fixedFrom: 1, bound: 2 * bound));
        }
    }
}
