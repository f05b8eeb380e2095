using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Strata.Tensors;

namespace Strata.Networks;

/// <summary>State of type inference over one network: symbolic contents of values, fresh symbols, collected constraints.</summary>
internal sealed class TypeInference
{
    private readonly ConditionalWeakTable<Value, StrongBox<ImmutableArray<Dim>?>> contents = [];
    private readonly TypeInference? outer;
    private int nextFresh;

    public TypeInference(TypeInference? outer = null) => this.outer = outer;

    public List<DimConstraint> Constraints { get; } = [];

    // One counter for a network and everything nested in it keeps fresh symbols distinct.
    public Dim Fresh() => outer is null ? Dim.Symbol($"?{nextFresh++}") : outer.Fresh();

    public void Reserve(string symbol)
    {
        if (outer is not null) outer.Reserve(symbol);
        else if (symbol.StartsWith('?') && int.TryParse(symbol.AsSpan(1), out int used)) nextFresh = Math.Max(nextFresh, used + 1);
    }

    public ImmutableArray<Dim>? ContentsOf(Value value)
    {
        if (contents.TryGetValue(value, out var known)) return known.Value;
        if (value.Constant is not { Count: <= Limits.InlineElements, Type: { ElementType: ElementType.Int64 or ElementType.Int32 } } constant) return null;
        ImmutableArray<Dim>? read = [.. constant.Materialize().ToInt64s().Select(Dim.Of)];
        contents.Add(value, new(read));
        return read;
    }

    public void SetContents(Value value, ImmutableArray<Dim>? dims)
    {
        if (dims is not null) contents.AddOrUpdate(value, new(dims));
    }

    public Dim Same(Dim a, Dim b, string reason, InferenceContext context)
    {
        if (a.Equals(b)) return a;
        if ((a - b).Constant is not null) throw context.Fail($"{reason}: {a} against {b}");
        var constraint = new DimConstraint(a, b, reason);
        if (!Constraints.Contains(constraint)) Constraints.Add(constraint);
        return b.Constant is not null || a.ToString().StartsWith('?') ? b : a;
    }
}
