using System.Numerics;
using System.Runtime.CompilerServices;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Einsum"/> from left to right, two operands at a time, each time as a batch of matrix products.</summary>
internal static class EinsumReference
{
    private readonly record struct Operand<T>(string Labels, T[] Values);

    public static Tensor Evaluate(Einsum op, ReferenceContext context)
    {
        Tensor[] operands = [.. Enumerable.Range(0, context.InputCount).Select(i => context[i])];
        var equation = EinsumEquation.Parse(op.Equation, [.. operands.Select(o => o.Rank)]);
        var extents = new Dictionary<char, int>();
        for (int i = 0; i < operands.Length; i++)
        {
            for (int d = 0; d < operands[i].Rank; d++)
            {
                int extent = operands[i].Dims[d], known = extents.GetValueOrDefault(equation.Operands[i][d], 1);
                if (extent != known && extent != 1 && known != 1) throw ReferenceContext.Fail($"label '{equation.Operands[i][d]}' stands for {known} and for {extent}");
                extents[equation.Operands[i][d]] = known == 1 ? extent : known;
            }
        }
        var type = operands[0].ElementType;
        int[] dims = [.. equation.Result.Select(l => extents[l])];
        return type.IsInteger()
            ? Tensor.FromInt64s(type, dims, Sum(context, equation, operands, extents, static o => o.ToInt64s()))
            : Tensor.FromDoubles(type, dims, Sum(context, equation, operands, extents, static o => o.ToDoubles()));
    }

    private static T[] Sum<T>(ReferenceContext context, EinsumEquation equation, Tensor[] operands, Dictionary<char, int> extents, Func<Tensor, T[]> widen) where T : struct, INumberBase<T>
    {
        Operand<T>? sum = null;
        for (int i = 0; i < operands.Length; i++)
        {
            var next = Take(equation.Operands[i], [.. operands[i].Dims], widen(operands[i]), string.Concat(equation.Operands[i].Distinct()), extents);
            string needed = equation.Result + string.Concat(equation.Operands.Skip(i + 1));
            sum = sum is { } left ? Contract(context, left, next, needed, extents) : Reduce(next, needed, extents);
        }
        return Take(sum!.Value.Labels, Dims(sum.Value.Labels, extents), sum.Value.Values, equation.Result, extents).Values;
    }

    // Batch labels are needed later and in both; the others in both are summed.
    private static Operand<T> Contract<T>(ReferenceContext context, Operand<T> a, Operand<T> b, string needed, Dictionary<char, int> extents) where T : struct, INumberBase<T>
    {
        (a, b) = (Reduce(a, needed + b.Labels, extents), Reduce(b, needed + a.Labels, extents));
        string batch = Pick(a, l => b.Labels.Contains(l) && needed.Contains(l)), inner = Pick(a, l => b.Labels.Contains(l) && !needed.Contains(l));
        string rows = Pick(a, l => !b.Labels.Contains(l)), columns = Pick(b, l => !a.Labels.Contains(l));
        var left = Take(a.Labels, Dims(a.Labels, extents), a.Values, batch + rows + inner, extents).Values;
        var right = Take(b.Labels, Dims(b.Labels, extents), b.Values, batch + inner + columns, extents).Values;
        int count = Tensor.CountOf(Dims(batch, extents)), m = Tensor.CountOf(Dims(rows, extents)), k = Tensor.CountOf(Dims(inner, extents)), n = Tensor.CountOf(Dims(columns, extents));
        int total = Tensor.CountOf(Dims(batch + rows + columns, extents));
        context.Reserve((long)total * Unsafe.SizeOf<T>());
        var result = new T[total];
        for (int i = 0; i < count; i++) MatrixProduct.Accumulate(context, left, i * m * k, right, i * k * n, result, i * m * n, m, k, n);
        return new(batch + rows + columns, result);

        static string Pick(Operand<T> operand, Func<char, bool> wanted) => string.Concat(operand.Labels.Where(wanted));
    }

    // Sums over labels that nobody needs.
    private static Operand<T> Reduce<T>(Operand<T> operand, string needed, Dictionary<char, int> extents) where T : struct, INumberBase<T>
    {
        string kept = string.Concat(operand.Labels.Where(needed.Contains)), summed = string.Concat(operand.Labels.Where(l => !needed.Contains(l)));
        if (summed.Length == 0) return operand;
        var ordered = Take(operand.Labels, Dims(operand.Labels, extents), operand.Values, kept + summed, extents).Values;
        var result = new T[Tensor.CountOf(Dims(kept, extents))];
        int run = Tensor.CountOf(Dims(summed, extents));
        for (int i = 0; i < result.Length; i++)
        {
            foreach (var value in ordered.AsSpan(i * run, run)) result[i] += value;
        }
        return new(kept, result);
    }

    // Elements in the order of other labels: a transposition, a diagonal where a label stands twice, a broadcast where an extent is 1.
    private static Operand<T> Take<T>(string labels, int[] dims, T[] values, string wanted, Dictionary<char, int> extents)
    {
        var strides = new int[wanted.Length];
        for (int d = dims.Length - 1, stride = 1; d >= 0; stride *= dims[d], d--)
        {
            if (dims[d] != 1) strides[wanted.IndexOf(labels[d])] += stride;
        }
        int[] target = Dims(wanted, extents), index = new int[wanted.Length];
        var result = new T[Tensor.CountOf(target)];
        for (int i = 0, at = 0; i < result.Length; i++)
        {
            result[i] = values[at];
            for (int d = index.Length - 1; d >= 0; d--)
            {
                at += strides[d];
                if (++index[d] < target[d]) break;
                at -= strides[d] * target[d];
                index[d] = 0;
            }
        }
        return new(wanted, result);
    }

    private static int[] Dims(string labels, Dictionary<char, int> extents) => [.. labels.Select(l => extents[l])];
}
