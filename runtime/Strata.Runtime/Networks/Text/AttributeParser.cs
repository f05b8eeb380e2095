using System.Collections.Immutable;
using Strata.Tensors;

namespace Strata.Networks.Text;

/// <summary>
/// Reads the attributes of an operator by walking its prototype: what the text leaves out keeps the prototype's value.
/// They may stand in any order, so the block is split into items first and each is read when the walk asks for it.
/// </summary>
internal sealed class AttributeParser : AttributeWalker
{
    private readonly TextCursor cursor;
    private readonly TypeParser types;
    private readonly Func<Network> parseNetwork;
    private readonly Dictionary<string, (int Start, int End)> items = new(StringComparer.Ordinal);
    private readonly List<string> asked = [];

    private AttributeParser(TextCursor cursor, TypeParser types, Func<Network> parseNetwork) => (this.cursor, this.types, this.parseNetwork) = (cursor, types, parseNetwork);

    /// <summary>Reads an optional block in braces and returns the prototype with the attributes that it holds.</summary>
    public static Operator Parse(Operator prototype, TextCursor cursor, TypeParser types, Func<Network> parseNetwork)
    {
        if (!cursor.At('{')) return prototype;
        int start = cursor.Position;
        var parser = new AttributeParser(cursor, types, parseNetwork);
        parser.Split();
        int end = cursor.Position;
        Operator result;
        try
        {
            result = prototype.Walk(parser);
        }
        catch (StrataException error) when (error is not StrataFormatException)
        {
            throw cursor.Fail(error.Message, start, error);
        }
        foreach (var (name, item) in parser.items)
        {
            if (!parser.asked.Contains(name))
                throw cursor.Fail($"found attribute '{name}', expected {(parser.asked.Count == 0 ? "none" : $"one of {string.Join(", ", parser.asked)}")}", item.Start - 2);
        }
        cursor.Position = end;
        return result;
    }

    public override long Int(string name, long value, int since = 1) => Read(name, value, () => ConstantParser.Int64(cursor));

    public override long? OptionalInt(string name, long? value, int since = 1) => Read(name, value, () => Absent() ? null : ConstantParser.Int64(cursor));

    public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Read(name, value, () => List(() => ConstantParser.Int64(cursor)));

    public override float Float(string name, float value, int since = 1) => Read(name, value, () => ConstantParser.Single(cursor));

    public override float? OptionalFloat(string name, float? value, int since = 1) => Read(name, value, () => Absent() ? null : ConstantParser.Single(cursor));

    public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => Read(name, value, () => List(() => ConstantParser.Single(cursor)));

    public override bool Flag(string name, bool value, int since = 1) => Read(name, value, () => ConstantParser.Flag(cursor));

    public override string Text(string name, string value, int since = 1) => Read(name, value, () => cursor.TakeQuoted("a string"));

    public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => Read(name, value, () => List(() => cursor.TakeQuoted("a string")));

    public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1) => Read(name, value, () =>
    {
        int start = cursor.Position;
        string what = $"one of {string.Join(", ", names.Select(TextQuoting.WordOrQuoted))}";
        int index = names.IndexOf(cursor.TakeWordOrName(what), StringComparer.Ordinal);
        cursor.Position = index < 0 ? start : cursor.Position;
        return index < 0 ? throw cursor.Expected(what) : index;
    });

    public override ElementType? Type(string name, ElementType? value, int since = 1) => Read(name, value, () => Absent() ? null : (ElementType?)types.ElementType());

    public override Constant? Tensor(string name, Constant? value, int since = 1) => Read(name, value, () => Absent() ? null : types.TypedConstant());

    public override Network Network(string name, Network value, int since = 1) => Read(name, value, parseNetwork);

    public override NetworkType? ValueType(string name, NetworkType? value, int since = 1) => Read(name, value, () => Absent() ? null : types.Type());

    private void Split()
    {
        cursor.Take('{');
        if (cursor.TryTake('}')) return;
        do
        {
            int at = cursor.Position;
            string name = cursor.Take(TokenKind.Word, "an attribute");
            cursor.Take('=');
            int start = cursor.Position;
            cursor.SkipItem();
            if (!items.TryAdd(name, (start, cursor.Position))) throw cursor.Fail($"attribute '{name}' is given twice", at);
        }
        while (cursor.TryTake(','));
        if (!cursor.TryTake('}')) throw cursor.Expected("',' or '}' after an attribute");
    }

    private T Read<T>(string name, T value, Func<T> read)
    {
        asked.Add(name);
        if (!items.TryGetValue(name, out var item)) return value;
        cursor.Position = item.Start;
        var result = read();
        return cursor.Position == item.End ? result : throw cursor.Expected("',' or '}' after an attribute");
    }

    private ImmutableArray<T> List<T>(Func<T> read)
    {
        var result = ImmutableArray.CreateBuilder<T>();
        cursor.Take('[');
        if (cursor.TryTake(']')) return [];
        do
        {
            result.Add(read());
        }
        while (cursor.TryTake(','));
        if (!cursor.TryTake(']')) throw cursor.Expected("',' or ']' after an element");
        return result.ToImmutable();
    }

    private bool Absent() => cursor.TryTakeWord("none");
}
