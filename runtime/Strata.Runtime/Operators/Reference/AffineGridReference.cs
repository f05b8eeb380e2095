using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="AffineGrid"/>.</summary>
internal static class AffineGridReference
{
    public static Tensor Evaluate(AffineGrid op, ReferenceContext context)
    {
        var theta = context[0];
        long[] size = context[1].ToInt64s();
        int axes = size.Length - 2;
        if (axes is not (2 or 3) || theta.Rank != 3 || theta.Dims[0] != size[0] || theta.Dims[1] != axes || theta.Dims[2] != axes + 1 || size.Any(e => e is < 0 or > int.MaxValue))
            throw ReferenceContext.Fail($"theta {theta} does not fit size [{string.Join(", ", size)}]");

        int[] spatial = [.. size[2..].Select(e => (int)e)];
        int[] dims = [(int)size[0], .. spatial, axes];
        var result = new double[Tensor.CountOf(dims)];
        double[] matrix = theta.ToDoubles();
        int points = Tensor.CountOf(spatial);
        for (int i = 0; i < result.Length; i++)
        {
            int row = i % axes, rest = i / axes % points, sample = i / axes / points;
            var coefficients = matrix.AsSpan((sample * axes + row) * (axes + 1), axes + 1);
            result[i] = coefficients[axes];
            // Coordinates name the last spatial axis first.
            for (int d = axes - 1; d >= 0; d--)
            {
                result[i] += coefficients[axes - 1 - d] * Coordinate(rest % spatial[d], spatial[d], op.AlignCorners);
                rest /= spatial[d];
            }
        }
        return Tensor.FromDoubles(theta.ElementType, dims, result);
    }

    private static double Coordinate(int index, int extent, bool alignCorners) => alignCorners
        ? extent == 1 ? -1 : -1 + 2.0 * index / (extent - 1)
        : -1 + (2.0 * index + 1) / extent;
}
