using Strata.Networks;
using Strata.Tensors;

namespace Strata.Kernels.Integer;

/// <summary>Weights less their zero-points as f32, and the greatest sum of magnitudes that belong to one result.</summary>
internal sealed record CentredWeights(Constant Numbers, double Largest)
{
    /// <summary>Centres codes <c>[results, terms]</c>, or <c>[terms, results]</c> when <paramref name="byColumn"/>, with one zero-point, one per result, or none.</summary>
    public static CentredWeights Of(Tensor codes, Tensor? zeros, int results, bool byColumn)
    {
        double[] numbers = codes.ToDoubles(), origins = zeros?.ToDoubles() ?? [0], sums = new double[results];
        int terms = results == 0 ? 0 : numbers.Length / results;
        var centred = new float[numbers.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            int result = byColumn ? i % results : i / terms;
            double number = numbers[i] - origins[origins.Length == 1 ? 0 : result];
            centred[i] = (float)number;
            sums[result] += Math.Abs(number);
        }
        return new(Constant.Of(Tensor.From<float>(codes.Dims.AsSpan(), centred)), sums.DefaultIfEmpty().Max());
    }
}
