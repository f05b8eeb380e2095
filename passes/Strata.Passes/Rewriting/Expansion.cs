using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>
/// Writes values as polynomials in given values and in whatever else is not arithmetic: sums, differences, products,
/// quotients and powers with constant exponents are looked through, where nothing outside the region uses them, and their layers
/// count to it.
/// </summary>
internal sealed class Expansion(Region region, params Value?[] atoms)
{
    private const int MostDepth = 12, MostTerms = 16, MostValues = 64;
    private readonly HashSet<Value> atoms = new(atoms.OfType<Value>(), ReferenceEqualityComparer.Instance);
    private readonly List<Layer> path = [];
    private readonly Dictionary<Value, (Polynomial Result, Layer[] Path)> known = new(ReferenceEqualityComparer.Instance);
    private readonly Lazy<IReadOnlySet<Layer>> cone = new(() => region.Cone(static l => l.Outputs is [{ } output] && IsArithmetic(output)));
    private int rank; // the largest of constants that took part as numbers

    /// <summary>A value as a polynomial.</summary>
    public Polynomial Of(Value value)
    {
        path.Clear();
        var result = Expand(value, 0);
        foreach (var layer in path) region.Add(layer);
        return result;
    }

    /// <summary>True when the numbers that took part leave the shape of a value as it is.</summary>
    public bool KeepsShapeOf(Value value) => rank == 0 || value.TensorType.Rank >= rank;

    /// <summary>A value and those that it is computed from by arithmetic, nearest first.</summary>
    public static IReadOnlyList<Value> Reach(Value from, int depth = 6)
    {
        var found = new List<Value> { from };
        var seen = new HashSet<Value>(ReferenceEqualityComparer.Instance) { from };
        for (int next = 0, end = 1; depth > 0 && next < end; depth--, end = found.Count)
        {
            for (; next < end; next++)
            {
                if (!IsArithmetic(found[next])) continue;
                foreach (var operand in found[next].Producer!.Inputs)
                {
                    if (found.Count < MostValues && operand is { Constant: null } && seen.Add(operand)) found.Add(operand);
                }
            }
        }
        return found;
    }

    private static bool IsArithmetic(Value value) => value.Type is TensorType { ElementType: var type } && type.IsFloat()
        && value.Producer?.Operator is Add or Sub or Mul or Div or Neg or Reciprocal or Sqrt or Pow;

    private Polynomial Expand(Value value, int depth)
    {
        if (atoms.Contains(value)) return value;
        if (Match.Scalar(value) is { } number)
        {
            rank = Math.Max(rank, value.TensorType.Rank!.Value);
            return number;
        }
        if (!IsArithmetic(value) || depth == MostDepth || !cone.Value.Contains(value.Producer!)) return value;
        if (known.TryGetValue(value, out var before))
        {
            path.AddRange(before.Path);
            return before.Result;
        }
        var (layer, mark) = (value.Producer!, path.Count);
        path.Add(layer);
        var result = layer.Operator switch
        {
            Add => Operand(0) + Operand(1),
            Sub => Operand(0) - Operand(1),
            Mul => Operand(0) * Operand(1),
            Div => Operand(0) * Inverse(layer.Inputs[1]!, depth + 1),
            Neg => -1 * Operand(0),
            Reciprocal => Inverse(layer.Inputs[0]!, depth + 1),
            Sqrt => Polynomial.PowerOf(layer.Inputs[0]!, 0.5),
            _ when Match.Scalar(layer.Inputs[1]) is { } exponent => Power(layer.Inputs[1]!, exponent),
            _ => null,
        };
        if (result?.Terms.Length > MostTerms) result = null;
        if (result is null) path.RemoveRange(mark, path.Count - mark);
        known[value] = (result ?? value, [.. path.Skip(mark).Distinct()]);
        return result ?? value;

        Polynomial Operand(int i) => Expand(layer.Inputs[i]!, depth + 1);

        Polynomial? Power(Value exponent, double number)
        {
            rank = Math.Max(rank, exponent.TensorType.Rank!.Value);
            return Math.Abs(number) == 0.5 ? Polynomial.PowerOf(layer.Inputs[0]!, number) : Operand(0).Power(number);
        }
    }

    // A sum in a denominator is a value like any other.
    private Polynomial Inverse(Value value, int depth)
    {
        int mark = path.Count;
        if (Expand(value, depth) is { Terms.Length: 1 } single) return single.Power(-1)!;
        path.RemoveRange(mark, path.Count - mark);
        return Polynomial.PowerOf(value, -1);
    }
}
