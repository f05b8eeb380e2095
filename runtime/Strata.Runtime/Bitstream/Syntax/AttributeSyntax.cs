using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream.Syntax;

/// <summary>
/// The attributes of an operator in the order of its walk: each is a presence flag, then the value unless it is the default.
/// </summary>
internal sealed class AttributeSyntax(FieldSyntax s, UnitContext context, Operator prototype) : AttributeWalker
{
    private const int MaxItems = 1 << 20, MaxText = 1 << 20;

    // Values are written when they differ from the prototype's, which is walked alongside.
    private readonly Dictionary<string, object?> defaults = s.IsReading ? [] : DefaultsOf(prototype);

    public override long Int(string name, long value, int since = 1)
    {
        if (Present(name, value, since)) s.Signed(name, ref value);
        return value;
    }

    public override long? OptionalInt(string name, long? value, int since = 1)
    {
        if (!Present(name, value, since)) return value;
        long number = value ?? 0;
        s.Signed(name, ref number);
        return number;
    }

    public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Items(name, value, since, item =>
    {
        s.Signed(name, ref item);
        return item;
    });

    public override float Float(string name, float value, int since = 1)
    {
        if (Present(name, BitConverter.SingleToUInt32Bits(value), since)) s.Single(name, ref value);
        return value;
    }

    public override float? OptionalFloat(string name, float? value, int since = 1)
    {
        if (!Present(name, value is { } known ? BitConverter.SingleToUInt32Bits(known) : null, since)) return value;
        float number = value ?? 0;
        s.Single(name, ref number);
        return number;
    }

    public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => Items(name, value, since, item =>
    {
        s.Single(name, ref item);
        return item;
    });

    public override bool Flag(string name, bool value, int since = 1)
    {
        if (Present(name, value, since)) s.Flag(name, ref value);
        return value;
    }

    public override string Text(string name, string value, int since = 1)
    {
        if (Present(name, value, since)) s.Text(name, ref value, MaxText);
        return value;
    }

    public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => Items(name, value, since, item =>
    {
        item ??= "";
        s.Text(name, ref item, MaxText);
        return item;
    });

    public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1)
    {
        if (Present(name, value, since)) s.Int(name, ref value, names.Length - 1);
        return value;
    }

    public override ElementType? Type(string name, ElementType? value, int since = 1)
    {
        if (!Present(name, value, since)) return value;
        var type = value ?? default;
        TypeSyntax.Walk(s, ref type);
        return type;
    }

    public override Constant? Tensor(string name, Constant? value, int since = 1)
    {
        if (Present(name, value, since)) TypeSyntax.Walk(s, context, ref value);
        return value;
    }

    public override NetworkType? ValueType(string name, NetworkType? value, int since = 1)
    {
        if (Present(name, value, since)) TypeSyntax.Walk(s, context, ref value!);
        return value;
    }

    public override Network Network(string name, Network value, int since = 1)
    {
        if (Present(name, value, since)) BodySyntax.Walk(s, context, ref value);
        return value;
    }

    private ImmutableArray<T> Items<T>(string name, ImmutableArray<T> value, int since, Func<T, T> item)
    {
        if (!Present(name, new Sequence<T>(value), since)) return value;
        List<T> list = [.. value];
        s.List(name, ref list, MaxItems, item);
        return [.. list];
    }

    private bool Present(string name, object? value, int since)
    {
        if (since > context.FormatVersion) return false; // the file is older than the attribute
        bool present = !s.IsReading && !Equals(value, defaults[name]);
        s.Flag(name + "?", ref present);
        return present;
    }

    private static Dictionary<string, object?> DefaultsOf(Operator prototype)
    {
        var collector = new Collector();
        prototype.Walk(collector);
        return collector.Values;
    }

    // Immutable arrays compare by reference; floats must compare by their bits.
    private sealed class Sequence<T>(ImmutableArray<T> items)
    {
        private readonly ImmutableArray<T> items = items;

        public override bool Equals(object? obj) => obj is Sequence<T> other && items.AsSpan().SequenceEqual(other.items.AsSpan());

        public override int GetHashCode() => items.Length;
    }

    private sealed class Collector : AttributeWalker
    {
        public Dictionary<string, object?> Values { get; } = new(StringComparer.Ordinal);

        public override long Int(string name, long value, int since = 1) => Keep(name, value, value);

        public override long? OptionalInt(string name, long? value, int since = 1) => Keep(name, value, value);

        public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Keep(name, value, new Sequence<long>(value));

        public override float Float(string name, float value, int since = 1) => Keep(name, value, BitConverter.SingleToUInt32Bits(value));

        public override float? OptionalFloat(string name, float? value, int since = 1) => Keep(name, value, value is { } known ? BitConverter.SingleToUInt32Bits(known) : null);

        public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => Keep(name, value, new Sequence<float>(value));

        public override bool Flag(string name, bool value, int since = 1) => Keep(name, value, value);

        public override string Text(string name, string value, int since = 1) => Keep(name, value, value);

        public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => Keep(name, value, new Sequence<string>(value));

        public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1) => Keep(name, value, value);

        public override ElementType? Type(string name, ElementType? value, int since = 1) => Keep(name, value, value);

        public override Constant? Tensor(string name, Constant? value, int since = 1) => Keep(name, value, value);

        public override NetworkType? ValueType(string name, NetworkType? value, int since = 1) => Keep(name, value, value);

        public override Network Network(string name, Network value, int since = 1) => Keep(name, value, value);

        private T Keep<T>(string name, T value, object? comparable)
        {
            Values.Add(name, comparable);
            return value;
        }
    }
}
