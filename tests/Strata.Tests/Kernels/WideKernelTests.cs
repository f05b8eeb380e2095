using Strata.Kernels;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Kernels;

/// <summary>Layers of f16 and bf16 are computed in f32 and rounded once.</summary>
public class WideKernelTests
{
    public static TheoryData<ElementType> Halves => [ElementType.Float16, ElementType.BFloat16];

    [Theory]
    [MemberData(nameof(Halves))]
    public void ResultsAreOffByAtMostOneRounding(ElementType type)
    {
        var random = new Random(3);
        // Within a step of the reference's f16 or bf16 (of numbers below 16), which rounds the exact result.
        double step = type == ElementType.Float16 ? 1.0 / 128 : 1.0 / 16;
        foreach (int fixedFrom in (int[])[1, int.MaxValue])
        {
            Same(new MatMul(), Draw(7, 33), Draw(33, 20));
            Same(new MatMul(), Draw(2, 3, 7, 9), Draw(3, 9, 20));
            Same(new Gemm { TransB = true, Alpha = 0.5f }, Draw(5, 12), Draw(20, 12), Draw(20));
            Same(new Conv { Window = new() { Pads = [1, 1, 1, 1] } }, Draw(1, 3, 8, 9), Draw(4, 3, 3, 3), Draw(4));
            Same(new Softmax(), Draw(5, 40));
            Same(new LayerNormalization(), Draw(5, 40), Draw(40), Draw(40));
            Same(new Attention(), Draw(1, 2, 5, 8), Draw(1, 2, 6, 8), Draw(1, 2, 6, 8));
            Same(new AveragePool { Window = new() { KernelShape = [2, 2] } }, Draw(1, 2, 5, 6));
            Same(new Add(), Draw(5, 40), Draw(40));
            Same(new Gelu(), Draw(3, 17));
            Same(new Sum(), Draw(3, 17), Draw(17), Draw());
            Same(new ReduceMean { KeepDims = false }, Draw(6, 200));

            void Same(Operator op, params Tensor[] inputs) => Assert.True(KernelRowTests.Check(op, inputs, fixedFrom, step) > 0, $"{op} of {type} has no kernel");
        }
        Assert.True(KernelRowTests.Check(new Greater(), [Draw(5, 40), Draw(40)]) > 0);

        Tensor Draw(params int[] dims) => Tensor.FromDoubles(type, dims, KernelProbe.Draw(random, dims).ToDoubles());
    }

    [Theory]
    [MemberData(nameof(Halves))]
    public void AdditionsAreExactToTheLastBit(ElementType type)
    {
        double[] values = [double.NaN, double.PositiveInfinity, -0.0, 0, 1, 1 + 1.0 / 256, 65504, 6e-8, -6e-5, 1.0 / 3, 1e-3];
        Tensor a = Tensor.FromDoubles(type, [11, 1], values), b = Tensor.FromDoubles(type, [11], values);
        foreach (Operator op in new Operator[] { new Add(), new Mul(), new Div() }) Assert.True(KernelRowTests.Check(op, [a, b]) > 0);
    }
}
