using System.Collections.Immutable;

namespace Strata.Tensors;

/// <summary>What flows along an edge of a network at run time: a tensor, a sequence, an optional, or a map.</summary>
public abstract class RuntimeValue
{
    /// <summary>Bytes that the value occupies, storage that it shares with other values included.</summary>
    internal abstract long Footprint { get; }
}

/// <summary>An ordered list of values of one type.</summary>
public sealed class SequenceValue(ImmutableArray<RuntimeValue> items) : RuntimeValue
{
    /// <summary>The elements, in order.</summary>
    public ImmutableArray<RuntimeValue> Items { get; } = items;

    internal override long Footprint => Items.Sum(static i => i.Footprint);
}

/// <summary>A value that may be absent.</summary>
public sealed class OptionalValue(RuntimeValue? content) : RuntimeValue
{
    /// <summary>The value, or null when absent.</summary>
    public RuntimeValue? Content { get; } = content;

    internal override long Footprint => Content?.Footprint ?? 0;
}

/// <summary>A map from integers or strings to values, kept as parallel arrays: a rank-1 key tensor and the values.</summary>
public sealed class MapValue(Tensor keys, ImmutableArray<RuntimeValue> values) : RuntimeValue
{
    /// <summary>The keys, rank 1, integer or string.</summary>
    public Tensor Keys { get; } = keys;

    /// <summary>The values, in the order of <see cref="Keys"/>.</summary>
    public ImmutableArray<RuntimeValue> Values { get; } = values;

    internal override long Footprint => Keys.Footprint + Values.Sum(static v => v.Footprint);
}
