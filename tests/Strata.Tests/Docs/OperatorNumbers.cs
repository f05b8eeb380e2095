using System.Collections.Immutable;
using System.Globalization;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Docs;

/// <summary>An attribute as encoded networks know it.</summary>
internal sealed record AttributeRow(string Name, string Kind, string Default, int Since)
{
    /// <summary>One line's part of the snapshot.</summary>
    public override string ToString() => $"{Name}: {Kind} = {Default} since {Since}";

    /// <summary>The attributes of an operator in the order of its walk.</summary>
    public static IReadOnlyList<AttributeRow> Of(Operator prototype)
    {
        var collector = new Collector();
        prototype.Walk(collector);
        return collector.Rows;
    }

    private sealed class Collector : AttributeWalker
    {
        public List<AttributeRow> Rows { get; } = [];

        public override long Int(string name, long value, int since = 1) => Add(name, "int", value, Number(value), since);

        public override long? OptionalInt(string name, long? value, int since = 1) => Add(name, "int?", value, value is { } known ? Number(known) : "absent", since);

        public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Add(name, "ints", value, List(value, Number), since);

        public override float Float(string name, float value, int since = 1) => Add(name, "float", value, ConstantText.Single(value), since);

        public override float? OptionalFloat(string name, float? value, int since = 1) => Add(name, "float?", value, value is { } known ? ConstantText.Single(known) : "absent", since);

        public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => Add(name, "floats", value, List(value, ConstantText.Single), since);

        public override bool Flag(string name, bool value, int since = 1) => Add(name, "flag", value, value ? "1" : "0", since);

        public override string Text(string name, string value, int since = 1) => Add(name, "text", value, $"\"{value}\"", since);

        public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => Add(name, "texts", value, List(value, t => $"\"{t}\""), since);

        public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1) => Add(name, $"choice({string.Join(", ", names)})", value, names[value], since);

        public override ElementType? Type(string name, ElementType? value, int since = 1) => Add(name, "type?", value, value?.Name() ?? "absent", since);

        public override Constant? Tensor(string name, Constant? value, int since = 1) => Add(name, "tensor?", value, value is null ? "absent" : ConstantText.PrintTyped(value), since);

        public override Network Network(string name, Network value, int since = 1) => Add(name, "network", value, value == Strata.Networks.Network.Empty ? "empty" : throw new NotSupportedException("a default that is a network"), since);

        public override NetworkType? ValueType(string name, NetworkType? value, int since = 1) => Add(name, "value type?", value, value?.ToString() ?? "absent", since);

        private T Add<T>(string name, string kind, T value, string text, int since)
        {
            Rows.Add(new(name, kind, text, since));
            return value;
        }

        private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

        private static string List<T>(ImmutableArray<T> items, Func<T, string> print) => items.IsDefaultOrEmpty ? "[]" : $"[{string.Join(", ", items.Select(print))}]";
    }
}

/// <summary>A line of the snapshot of permanent numbers: an operator and its attributes.</summary>
internal sealed record OperatorLine(string Head, ImmutableArray<string> Attributes)
{
    private const string Separator = "; ";

    public static OperatorLine Of(OperatorRow row) => new($"{row.Number} {row.Name} since {row.Since}", [.. AttributeRow.Of(row.Prototype).Select(a => a.ToString())]);

    public static OperatorLine Parse(string line)
    {
        var parts = line.Split(Separator);
        return new(parts[0], [.. parts[1..]]);
    }

    /// <summary>True when files that know only <paramref name="older"/> mean the same: it only lacks attributes that came later.</summary>
    public bool Extends(OperatorLine older)
    {
        if (Head != older.Head) return false;
        int met = 0;
        foreach (string attribute in Attributes) met += met < older.Attributes.Length && Continues(attribute, older.Attributes[met]) ? 1 : 0;
        return met == older.Attributes.Length;
    }

    // The list of a choice may grow at its end.
    private static bool Continues(string attribute, string older)
    {
        int end = older.Contains(": choice(", StringComparison.Ordinal) ? older.IndexOf(')', StringComparison.Ordinal) : -1;
        return attribute == older || end >= 0 && attribute.StartsWith(older[..end] + ", ", StringComparison.Ordinal) && attribute.EndsWith(older[end..], StringComparison.Ordinal);
    }

    public override string ToString() => string.Join(Separator, Attributes.Prepend(Head));
}
