using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>Pairs of elements of x, each turned by an angle: <c>(a·cos − b·sin, b·cos + a·sin)</c>.</summary>
/// <param name="X">What holds the pairs; where a rest follows them, that too.</param>
/// <param name="Rotated">The number of elements that are turned, from the first.</param>
/// <param name="Interleaved">True when the elements of a pair are neighbours, false when they lie in different halves.</param>
/// <param name="Cos">One cosine for each pair, or for each element.</param>
/// <param name="Sin">The sines.</param>
/// <param name="PerElement">True when pairs have two equal cosines and two equal sines, in the order of the elements.</param>
/// <param name="Backwards">True when angles count negative.</param>
/// <param name="Path">All layers of it.</param>
internal sealed record Rotation(Value X, long Rotated, bool Interleaved, Value Cos, Value Sin, bool PerElement, bool Backwards, ImmutableArray<Layer> Path)
{
    /// <summary>A value seen so, or null.</summary>
    public static Rotation? Of(Value value)
    {
        if (value.Producer is { Operator: Concat, Inputs: [{ } turned, { } rest] } concat && (OfSum(turned) ?? OfPairs(turned)) is { Rotated: var count } inner && Lanes.Width(inner.X) == count)
        {
            foreach (var kept in Lanes.Chain(rest))
            {
                if (Lanes.Of(inner.X, kept.Whole) is not { Path: [_, ..] } taken || !IsAll(kept.Whole, [taken, kept])) continue;
                return inner with { X = kept.Whole, Path = [concat, .. inner.Path, .. taken.Path, .. kept.Path] };
            }
        }
        return OfSum(value) ?? OfPairs(value);
    }

    // x · cos + (pairs of −b and a) · sin
    private static Rotation? OfSum(Value value)
    {
        foreach (var (straight, crossed, path) in Sums(value))
        {
            for (int i = 0; i < 4; i++)
            {
                var (x, cos) = straight.Factors(i % 2 == 0);
                var (turned, sin) = crossed.Factors(i < 2);
                if (straight.Negative || !Match.SameShape(x, value) || Pairs.Of(turned) is not { Rest: null } pairs) continue;
                Signed first = Signed.Of(pairs.First), second = Signed.Of(pairs.Second);
                if (first.Negative == second.Negative || Lanes.Of(second.Value, x) is not { } a || Lanes.Of(first.Value, x) is not { } b || !ArePairs(x, a, b, pairs.Interleaved)) continue;
                if (Lanes.Width(cos) != Lanes.Width(x) || Lanes.Width(sin) != Lanes.Width(x)) continue;
                return new(x, 2 * a.Count, pairs.Interleaved, cos, sin, true, crossed.Negative ^ !first.Negative, [.. path, .. pairs.Path, .. first.Path, .. second.Path, .. a.Path, .. b.Path]);
            }
        }
        return null;
    }

    // Pairs of a · cos − b · sin and b · cos + a · sin.
    private static Rotation? OfPairs(Value value)
    {
        if (Pairs.Of(value) is not { } pairs) return null;
        foreach (var (straight, crossed, path) in Sums(pairs.First))
        {
            for (int i = 0; i < 4; i++)
            {
                var (a, cos) = straight.Factors(i % 2 == 0);
                var (b, sin) = crossed.Factors(i < 2);
                if (straight.Negative || !Match.SameShape(a, pairs.First) || Lanes.Width(cos) != Lanes.Width(a) || Lanes.Width(sin) != Lanes.Width(a)) continue;
                var others = Sums(pairs.Second).Where(s => !s.First.Negative && s.Second.Negative != crossed.Negative && s.First.IsOf(b, cos) && s.Second.IsOf(a, sin)).Take(1).ToArray();
                if (others is not [var other]) continue;
                if (Holder(a, b, pairs) is not var (x, between)) continue;
                return new(x, 2 * Lanes.Width(a)!.Value, pairs.Interleaved, cos, sin, false, !crossed.Negative, [.. pairs.Path, .. path, .. other.Path, .. between]);
            }
        }
        return null;
    }

    // The nearest value that holds the pairs, and behind them the rest, and nothing else.
    private static (Value X, ImmutableArray<Layer> Path)? Holder(Value a, Value b, Pairs pairs)
    {
        foreach (var first in Lanes.Chain(a))
        {
            var x = first.Whole;
            if (Lanes.Of(b, x) is not { } second || !ArePairs(x, first, second, pairs.Interleaved, pairs.Rest is not null)) continue;
            if (pairs.Rest is null) return (x, [.. first.Path, .. second.Path]);
            if (Lanes.Of(pairs.Rest, x) is { Step: 1 } rest && rest.Begin == 2 * first.Count && rest.Begin + rest.Count == Lanes.Width(x)) return (x, [.. first.Path, .. second.Path, .. rest.Path]);
        }
        return null;
    }

    private static bool ArePairs(Value x, Lanes a, Lanes b, bool interleaved, bool hasRest = false) => a.Begin == 0 && a.Count == b.Count
        && (interleaved ? (a.Step, b.Step, b.Begin) is (2, 2, 1) : (a.Step, b.Step) is (1, 1) && b.Begin == a.Count) && (hasRest || Lanes.Width(x) == 2 * a.Count);

    // What lies side by side from the first element to the last.
    private static bool IsAll(Value whole, ReadOnlySpan<Lanes> parts)
    {
        long at = 0;
        foreach (var part in parts)
        {
            if (part.Step != 1 || part.Begin != at) return false;
            at += part.Count;
        }
        return at == Lanes.Width(whole);
    }

    // A sum or difference of two products, either of which may be looked at first.
    private static IEnumerable<(Product First, Product Second, ImmutableArray<Layer> Path)> Sums(Value value)
    {
        if (value.Producer is not { Operator: Add or Sub, Inputs: [{ } left, { } right] } layer || Product.Of(left) is not { } a || Product.Of(right) is not { } b) yield break;
        if (layer.Operator is Sub) b = b with { Negative = !b.Negative };
        ImmutableArray<Layer> path = [layer, .. a.Path, .. b.Path];
        yield return (a, b, path);
        yield return (b, a, path);
    }

    private sealed record Product(bool Negative, Value Left, Value Right, ImmutableArray<Layer> Path)
    {
        public static Product? Of(Value value)
        {
            var outer = Signed.Of(value);
            if (outer.Value.Producer is not { Operator: Mul, Inputs: [{ } left, { } right] } layer) return null;
            Signed a = Signed.Of(left), b = Signed.Of(right);
            return new(outer.Negative ^ a.Negative ^ b.Negative, a.Value, b.Value, [.. outer.Path, layer, .. a.Path, .. b.Path]);
        }

        public (Value, Value) Factors(bool inOrder) => inOrder ? (Left, Right) : (Right, Left);

        public bool IsOf(Value a, Value b) => Left == a && Right == b || Left == b && Right == a;
    }

    private sealed record Signed(bool Negative, Value Value, ImmutableArray<Layer> Path)
    {
        public static Signed Of(Value value)
        {
            if (value.Producer is not { } layer) return new(false, value, []);
            if (layer.Operator is Neg) return new(true, layer.Inputs[0]!, [layer]);
            bool isTurned = layer.Operator is Mul && Match.WithScalar(layer) is (var other, -1) && Match.SameShape(other, value);
            return isTurned ? new(true, Match.WithScalar(layer)!.Value.Other, [layer]) : new(false, value, []);
        }
    }
}
