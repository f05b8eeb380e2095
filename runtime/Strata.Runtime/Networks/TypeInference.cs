using System.Collections.Immutable;
using System.Globalization;
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

    private readonly List<DimConstraint> constraints = [];
    private readonly HashSet<DimConstraint> met = [];

    public IReadOnlyList<DimConstraint> Constraints => constraints;

    public void Constrain(DimConstraint constraint)
    {
        if (met.Add(constraint)) constraints.Add(constraint);
    }

    /// <summary>Forgets the constraints from a number on that are not wanted.</summary>
    public void Forget(int from, Func<DimConstraint, bool> wanted)
    {
        foreach (var constraint in constraints.Skip(from).Where(c => !wanted(c)).ToArray())
        {
            met.Remove(constraint);
            constraints.Remove(constraint);
        }
    }

    // One counter for a network and everything nested in it keeps fresh symbols distinct.
    public Dim Fresh() => outer is null ? Dim.Symbol($"?{nextFresh++}") : outer.Fresh();

    /// <summary>Keeps fresh symbols distinct from those of a type.</summary>
    public void Reserve(NetworkType? type)
    {
        switch (type)
        {
            case TensorType { Shape: { } shape }:
                foreach (var dim in shape) Reserve(dim);
                break;
            case SequenceType sequence: Reserve(sequence.Element); break;
            case OptionalType optional: Reserve(optional.Element); break;
            case MapType map: Reserve(map.Value); break;
        }
    }

    /// <summary>Keeps fresh symbols distinct from those of a dimension.</summary>
    public void Reserve(Dim dim)
    {
        foreach (string symbol in dim.Symbols) Reserve(symbol);
    }

    private void Reserve(string symbol)
    {
        if (outer is not null) outer.Reserve(symbol);
        else if (symbol.StartsWith('?') && int.TryParse(symbol.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out int used) && used < int.MaxValue)
            nextFresh = Math.Max(nextFresh, used + 1);
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
        Constrain(new(a, b, reason));
        return b.Constant is not null || a.ToString().StartsWith('?') ? b : a;
    }
}
