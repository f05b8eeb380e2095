using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream.Syntax;

/// <summary>
/// The attributes of an operator in the order of its walk: each is a state (0 default, 1 a value
/// follows, 2 absent although the default is a value), then the value.
/// <paramref name="changed"/> names those that are not at their default (when writing).
/// </summary>
internal sealed class AttributeSyntax(FieldSyntax s, UnitContext context, IReadOnlySet<string> changed) : AttributeWalker
{
    private const int MaxItems = 1 << 20, MaxText = 1 << 20;

    public override long Int(string name, long value, int since = 1)
    {
        if (Present(name, since)) s.Signed(name, ref value);
        return value;
    }

    public override long? OptionalInt(string name, long? value, int since = 1)
    {
        int state = StateOf(name, value is null, mostState: 2, since);
        if (state != 1) return state == 0 ? value : null;
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
        if (Present(name, since)) s.Single(name, ref value);
        return value;
    }

    public override float? OptionalFloat(string name, float? value, int since = 1)
    {
        int state = StateOf(name, value is null, mostState: 2, since);
        if (state != 1) return state == 0 ? value : null;
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
        if (Present(name, since)) s.Flag(name, ref value);
        return value;
    }

    public override string Text(string name, string value, int since = 1)
    {
        if (Present(name, since)) s.Text(name, ref value, MaxText);
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
        if (Present(name, since)) s.Int(name, ref value, names.Length - 1);
        return value;
    }

    public override ElementType? Type(string name, ElementType? value, int since = 1)
    {
        int state = StateOf(name, value is null, mostState: 2, since);
        if (state != 1) return state == 0 ? value : null;
        var type = value ?? default;
        TypeSyntax.Walk(s, ref type);
        return type;
    }

    public override Constant? Tensor(string name, Constant? value, int since = 1)
    {
        int state = StateOf(name, value is null, mostState: 2, since);
        if (state != 1) return state == 0 ? value : null;
        TypeSyntax.Walk(s, context, ref value);
        return value;
    }

    public override NetworkType? ValueType(string name, NetworkType? value, int since = 1)
    {
        int state = StateOf(name, value is null, mostState: 2, since);
        if (state != 1) return state == 0 ? value : null;
        TypeSyntax.Walk(s, context, ref value!);
        return value;
    }

    public override Network Network(string name, Network value, int since = 1)
    {
        if (Present(name, since)) BodySyntax.Walk(s, context, ref value);
        return value;
    }

    private ImmutableArray<T> Items<T>(string name, ImmutableArray<T> value, int since, Func<T, T> item)
    {
        if (!Present(name, since)) return value;
        List<T> list = value.IsDefault ? [] : [.. value];
        s.List(name, ref list, MaxItems, item);
        return [.. list];
    }

    private bool Present(string name, int since) => StateOf(name, isAbsent: false, mostState: 1, since) == 1;

    private int StateOf(string name, bool isAbsent, int mostState, int since)
    {
        if (changed.Contains(name)) context.Need(since);
        if (since > context.FormatVersion) return 0; // the file is older than the attribute
        int state = s.IsReading || !changed.Contains(name) ? 0 : isAbsent ? 2 : 1;
        s.Int(name + "?", ref state, mostState);
        return state;
    }
}
