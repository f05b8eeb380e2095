using System.Collections.Immutable;
using System.Numerics;

namespace Strata.Networks;

/// <summary>
/// Floor division. By a positive constant n it is brought to one form, so that equal chains of strides compare equal:
/// coefficients split, <c>⌊(qn + r)x/n⌋ = qx + ⌊rx/n⌋</c>; a common divisor g of n and the symbols' coefficients goes,
/// <c>⌊(gx + c)/gn⌋ = ⌊(x + ⌊c/g⌋)/n⌋</c>; nested divisions merge, <c>⌊(⌊x/m⌋ + c)/n⌋ = ⌊(x + cm)/mn⌋</c>.
/// </summary>
public sealed partial class Dim
{
    /// <summary>⌊a/b⌋; b is never zero in a run.</summary>
    /// <exception cref="InvalidNetworkException">b is the constant 0, or a coefficient overflows.</exception>
    public static Dim FloorDiv(Dim a, Dim b)
    {
        if (b.Is(0)) throw new InvalidNetworkException($"division of dimension {a} by zero");
        if (b.Is(1) || a.Is(0)) return a;
        if (a.Equals(b)) return One;
        if (b.Constant is { } divisor) return divisor > 0 ? ByPositive(a, divisor) : FloorDiv(a * -1, b * -1);
        if (b.terms.Length > 1) return Atom(a, b);

        var exact = a.terms.Select(t => Quotient(t, b.terms[0])).OfType<Term>();
        var rest = Collect(a.terms.Where(t => Quotient(t, b.terms[0]) is null));
        return rest.Is(0) ? Collect(exact) : Collect(exact) + Atom(rest, b);
    }

    /// <summary>⌈a/b⌉ for positive b.</summary>
    public static Dim CeilDiv(Dim a, Dim b) => FloorDiv(a + b - One, b);

    internal static long FloorDiv(long a, long b) => checked(a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0));

    private static Dim ByPositive(Dim a, long divisor)
    {
        var whole = Collect(a.terms.Select(t => t with { Coefficient = FloorDiv(t.Coefficient, divisor) }));
        var rest = a - whole * divisor;
        if (rest.Constant is not null) return whole;

        long common = (long)rest.terms.Where(t => t.Key != "").Aggregate((BigInteger)divisor, (g, t) => BigInteger.GreatestCommonDivisor(g, t.Coefficient));
        rest = Collect(rest.terms.Select(t => t with { Coefficient = FloorDiv(t.Coefficient, common) }));
        divisor /= common;
        return whole + (Merge(rest, divisor) ?? Atom(rest, divisor));
    }

    private static Dim? Merge(Dim rest, long divisor)
    {
        if (rest.terms[0] is not { Coefficient: 1, Factors: [DimAtom.Call { Function: DimFunction.FloorDiv, B.Constant: > 0 and var inner, A: var x }] }) return null;
        if (rest.terms.Length > 2 || rest.terms.Length == 2 && rest.terms[1].Key != "") return null;
        long offset = rest.terms.Length == 2 ? rest.terms[1].Coefficient : 0;
        bool fits = (Int128)inner * divisor <= long.MaxValue && (Int128)inner * offset <= long.MaxValue;
        return fits ? FloorDiv(x + inner * offset, inner * divisor) : null;
    }

    private static Dim Atom(Dim a, Dim b) => FromAtom(new DimAtom.Call(DimFunction.FloorDiv, a, b));

    // Factors are sorted on both sides, so one pass removes the divisor's from the term's.
    private static Term? Quotient(Term term, Term divisor)
    {
        if ((Int128)term.Coefficient % divisor.Coefficient != 0) return null;
        var left = ImmutableArray.CreateBuilder<DimAtom>();
        int removed = 0;
        foreach (var factor in term.Factors)
        {
            if (removed < divisor.Factors.Length && factor.Equals(divisor.Factors[removed])) removed++;
            else left.Add(factor);
        }
        if (removed < divisor.Factors.Length) return null;
        long coefficient = Checked(() => checked((long)((Int128)term.Coefficient / divisor.Coefficient)));
        return new(coefficient, left.ToImmutable(), string.Join('*', left));
    }
}
