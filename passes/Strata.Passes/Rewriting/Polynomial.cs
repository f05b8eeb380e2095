using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Passes;

/// <summary>A product of powers of values, times a number.</summary>
internal sealed record Term(double Coefficient, ImmutableDictionary<Value, double> Powers)
{
    /// <summary>The exponent of a value; 0 where it does not occur.</summary>
    public double this[Value value] => Powers.GetValueOrDefault(value);

    /// <summary>The term without some values.</summary>
    public Term Without(params ReadOnlySpan<Value> values)
    {
        var rest = Powers;
        foreach (var value in values) rest = rest.Remove(value);
        return this with { Powers = rest };
    }

    /// <summary>True when both are products of the same powers.</summary>
    public bool IsLike(Term other) => Powers.Count == other.Powers.Count && Powers.All(p => other[p.Key] == p.Value);

    /// <summary>The product of two.</summary>
    public Term Times(Term other)
    {
        var powers = Powers;
        foreach (var (value, power) in other.Powers)
        {
            double sum = powers.GetValueOrDefault(value) + power;
            powers = sum == 0 ? powers.Remove(value) : powers.SetItem(value, sum);
        }
        return new(Coefficient * other.Coefficient, powers);
    }
}

/// <summary>
/// A sum of products of powers of values with numbers as coefficients: one form for all ways to write an expression, so that
/// <c>x · ½ · (1 + e)</c> equals <c>½ · (x + x · e)</c>. Compares real numbers; what rounding makes of them is the rule's concern.
/// </summary>
internal sealed class Polynomial
{
    private static readonly ImmutableDictionary<Value, double> None = ImmutableDictionary.Create<Value, double>(ReferenceEqualityComparer.Instance);

    private Polynomial(ImmutableArray<Term> terms) => Terms = terms;

    /// <summary>The summands, no two alike, none with coefficient 0.</summary>
    public ImmutableArray<Term> Terms { get; }

    /// <summary>A number.</summary>
    public static implicit operator Polynomial(double number) => Sum([new(number, None)]);

    /// <summary>A value.</summary>
    public static implicit operator Polynomial(Value value) => new([new(1, None.Add(value, 1))]);

    /// <summary>Sum.</summary>
    public static Polynomial operator +(Polynomial a, Polynomial b) => Sum(a.Terms.Concat(b.Terms));

    /// <summary>Difference.</summary>
    public static Polynomial operator -(Polynomial a, Polynomial b) => a + -1 * b;

    /// <summary>Product.</summary>
    public static Polynomial operator *(Polynomial a, Polynomial b) => Sum(from x in a.Terms from y in b.Terms select x.Times(y));

    /// <summary>A power: of one term any integer one, of a sum a small natural one; else null.</summary>
    public Polynomial? Power(double exponent)
    {
        if (exponent != Math.Floor(exponent)) return null;
        if (Terms is [var only]) return Sum([new(Math.Pow(only.Coefficient, exponent), None.AddRange(only.Powers.Select(p => KeyValuePair.Create(p.Key, p.Value * exponent)).Where(p => p.Value != 0)))]);
        if (exponent is not (>= 1 and <= 3)) return null;
        var product = this;
        for (int i = 1; i < exponent; i++) product *= this;
        return product;
    }

    /// <summary>A power of a value that is looked at no further.</summary>
    public static Polynomial PowerOf(Value value, double exponent) => new([new(1, None.Add(value, exponent))]);

    /// <summary>For <c>a · value + b</c>: a and b; null for another form.</summary>
    public (double Slope, double Offset)? Linear(Value value)
    {
        double slope = 0, offset = 0;
        foreach (var term in Terms)
        {
            if (term.Powers.IsEmpty) offset = term.Coefficient;
            else if (term.Powers.Count == 1 && term[value] == 1) slope = term.Coefficient;
            else return null;
        }
        return slope == 0 ? null : (slope, offset);
    }

    /// <summary>True when both have the same terms, with coefficients as near as constants of a type are.</summary>
    public bool IsNear(Polynomial other, ElementType type) => Terms.Length == other.Terms.Length
        && Terms.All(t => other.Terms.FirstOrDefault(t.IsLike) is { } same && Match.IsNear(t.Coefficient, same.Coefficient, type));

    private static Polynomial Sum(IEnumerable<Term> terms)
    {
        var sum = new List<Term>();
        foreach (var term in terms)
        {
            int like = sum.FindIndex(term.IsLike);
            if (like < 0) sum.Add(term);
            else sum[like] = sum[like] with { Coefficient = sum[like].Coefficient + term.Coefficient };
        }
        return new([.. sum.Where(t => t.Coefficient != 0)]);
    }
}
