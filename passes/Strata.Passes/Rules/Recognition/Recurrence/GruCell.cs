using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>One step of a GRU: <c>h' = (1 − z) · n + z · h</c>, or with <c>1 − z</c> for z, which negates the arguments of its gate.</summary>
internal static class GruCell
{
    /// <summary>The cell whose new state a value is, or null.</summary>
    public static RecurrentCell? Of(Value hidden, RewriteContext context)
    {
        var reach = Expansion.Reach(hidden, 3);
        // A state that is a constant is not reached.
        var states = reach.Concat(reach.SelectMany(static v => v.Producer?.Inputs ?? []).OfType<Value>().Where(static v => v.Constant is { Count: > 1 }));
        foreach (var z in reach)
        {
            if (Activation.OfGate(z) is not { } update) continue;
            foreach (var n in reach)
            {
                if (Activation.OfState(n) is not { } candidate || !Match.SameShape(n, hidden)) continue;
                foreach (var h in states)
                {
                    if (h == n || h == z || h == hidden || !Match.SameShape(h, hidden) || Find(hidden, h, update, z, candidate, n, context) is not { } cell) continue;
                    return cell;
                }
            }
        }
        return null;
    }

    private static RecurrentCell? Find(Value hidden, Value h, Activation update, Value z, Activation candidate, Value n, RewriteContext context)
    {
        var region = new Region(hidden.Producer!, context);
        var expansion = new Expansion(region, n, z, h);
        var sum = expansion.Of(hidden);
        var type = hidden.TensorType.ElementType;
        bool keeps = sum.IsNear((Polynomial)z * h + n - (Polynomial)z * n, type);
        // HardSigmoid(−x) is not 1 − HardSigmoid(x) for all of its parameters.
        if (!expansion.KeepsShapeOf(n) || !keeps && (update.Name != "Sigmoid" || !sum.IsNear((Polynomial)z * n + h - (Polynomial)z * h, type))) return null;
        if (LinearForm.Of(update.Argument) is not { } gate || (keeps ? gate : gate.Times(-1)) is not { } form) return null;
        return Complete(hidden, h, update, candidate, form, [.. region.Layers, update.Layer, candidate.Layer, .. form.Path]);
    }

    private static RecurrentCell? Complete(Value hidden, Value h, Activation update, Activation candidate, LinearForm zForm, ImmutableArray<Layer> path)
    {
        if (LinearForm.Of(candidate.Argument) is not { } form || form.Count != Lanes.Width(hidden) || !zForm.IsWeighted || zForm.Count != form.Count) return null;
        foreach (var term in form.Terms)
        {
            if (term.Atom.IsStep || term.Atom.Value.Producer is not { Operator: Mul, Inputs: [{ } a, { } b] } product) continue;
            foreach (var (reset, gated) in new[] { (Activation.OfGate(a), b), (Activation.OfGate(b), a) })
            {
                if (reset is null || !reset.IsLike(update) || LinearForm.Of(reset.Argument) is not { IsWeighted: true } rForm || rForm.Count != form.Count || !Match.SameShape(gated, hidden)) continue;
                var rest = form with { Terms = form.Terms.Remove(term) };
                if (!rest.IsWeighted) continue;
                ImmutableArray<Layer> all = [.. path, .. form.Path, product, reset.Layer, .. rForm.Path];
                if (term.Weights is not null && gated == h)
                {
                    var whole = rest with { Terms = rest.Terms.Add(term with { Atom = Atom.Of(h) }) };
                    return new(new Gru(), [update, candidate], hidden, null, h, [zForm, rForm, whole], null, all);
                }
                if (term.Weights is null && LinearForm.Of(gated) is { Terms: [{ Weights: not null } fromState] } inner && fromState.Atom == Atom.Of(h))
                    return new(new Gru { LinearBeforeReset = true }, [update, candidate], hidden, null, h, [zForm, rForm, rest], inner, [.. all, .. inner.Path]);
            }
        }
        return null;
    }
}
