using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Col2Im"/>: the taps of a sliding window, read backwards.</summary>
internal static class Col2ImReference
{
    public static Tensor Evaluate(Col2Im op, ReferenceContext context)
    {
        var x = context[0];
        long[] image = context[1].ToInt64s(), block = context[2].ToInt64s();
        if (x.Rank != 3 || image.Length != block.Length || image.Length == 0) throw ReferenceContext.Fail($"{x} cannot become an image of {image.Length} axes from blocks of {block.Length}");
        if (image.Concat(block).Any(e => e is < 1 or > int.MaxValue)) throw ReferenceContext.Fail("extents of image and block must be positive");
        var window = WindowGeometry.For(op.Window([.. block]), [.. image.Select(e => (int)e)], [.. block.Select(e => (int)e)], ceil: false);
        int size = window.KernelCount, blocks = window.OutputCount, imageSize = window.InputCount;
        if (x.Dims[1] % size != 0 || x.Dims[2] != blocks) throw ReferenceContext.Fail($"{x} does not hold {blocks} blocks of a multiple of {size} elements");

        int channels = x.Dims[1] / size;
        int[] dims = [x.Dims[0], channels, .. window.Input];
        var result = new double[Tensor.CountOf(dims)];
        double[] values = x.ToDoubles();
        var taps = window.Taps(context);
        for (int c = 0; c < x.Dims[0] * channels; c++)
        {
            for (int k = 0; k < size; k++)
            {
                context.Observe();
                foreach (var run in taps[k])
                {
                    for (int j = 0; j < run.Length; j++) result[c * imageSize + run.Input + j * run.InputStep] += values[(c * size + k) * blocks + run.Output + j];
                }
            }
        }
        return Tensor.FromDoubles(x.ElementType, dims, result);
    }
}
