using System.Collections.Immutable;

namespace Strata.Networks.Text;

/// <summary>
/// Reads networks in the text form. The types of layer outputs may be left out: then the operators' rules give them.
/// Constants that nothing uses are dropped, as everywhere. The text is untrusted: whatever is wrong with it raises
/// <see cref="StrataFormatException"/> with line and column, and nothing is allocated beyond what the text can fill.
/// </summary>
public sealed class NetworkParser
{
    private readonly TextCursor cursor;
    private readonly TypeParser types;
    private readonly IOperatorSet operators;
    private int depth, valueCount;

    private NetworkParser(TextCursor cursor, IOperatorSet operators, ParseOptions options) =>
        (this.cursor, this.operators, types) = (cursor, operators, new(cursor, options));

    /// <summary>Reads one network. It is not verified beyond what building it needs; see <see cref="NetworkVerifier"/>.</summary>
    /// <exception cref="StrataFormatException">The text is malformed; names line, column, what was found, what was expected.</exception>
    public static Network Parse(string text, IOperatorSet operators, ParseOptions? options = null)
    {
        var cursor = new TextCursor(text);
        var network = new NetworkParser(cursor, operators, options ?? new()).Network(outer: null);
        return cursor.Kind == TokenKind.End ? network : throw cursor.Expected("the end of the text");
    }

    /// <summary>Reads a type, such as <c>f32[batch, 3]</c>.</summary>
    /// <exception cref="StrataFormatException">The text is no type.</exception>
    public static NetworkType ParseType(string text, ParseOptions? options = null)
    {
        var cursor = new TextCursor(text);
        var type = new TypeParser(cursor, options ?? new()).Type();
        return cursor.Kind == TokenKind.End ? type : throw cursor.Expected("the end of the type");
    }

    private Network Network(NetworkBuilder? outer)
    {
        if (depth > Limits.NestingDepth) throw cursor.Fail($"networks nest deeper than {Limits.NestingDepth}");
        depth++;
        cursor.TakeWord("network");
        var builder = new NetworkBuilder(cursor.TakeName("the network's name in quotes"), outer);
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        var metadata = builder.Metadata.ToBuilder();
        cursor.Take('{');
        while (!cursor.TryTake('}'))
        {
            int start = cursor.Position;
            try
            {
                Statement(builder, values, metadata);
            }
            catch (StrataException error) when (error is not StrataFormatException)
            {
                throw cursor.Fail(error.Message, start, error);
            }
        }
        builder.Metadata = metadata.ToImmutable();
        depth--;
        return builder.Build();
    }

    private void Statement(NetworkBuilder builder, Dictionary<string, Value> values, ImmutableSortedDictionary<string, string>.Builder metadata)
    {
        if (cursor.TryTakeWord("metadata")) Metadata(metadata);
        else if (cursor.TryTakeWord("input"))
        {
            string name = NewValue(values);
            cursor.Take(':');
            values.Add(name, builder.Input(name, types.Type()));
        }
        else if (cursor.TryTakeWord("const")) Constant(builder, values);
        else if (cursor.TryTakeWord("constrain"))
        {
            var left = DimParser.Sum(cursor);
            cursor.Take('=');
            cursor.Take('=');
            var right = DimParser.Sum(cursor);
            cursor.Take(':');
            builder.Constrain(new(left, right, cursor.TakeQuoted("the constraint's reason in quotes")));
        }
        else if (cursor.TryTakeWord("output"))
        {
            string name = cursor.TakeName("the output's name in quotes");
            cursor.Take('=');
            builder.Output(name, Operand(values));
        }
        else if (cursor.Kind == TokenKind.Value || cursor.AtWord("_") || cursor.At('(')) Layer(builder, values);
        else throw cursor.Expected("metadata, input, const, constrain, output, a layer (%name : type = …) or '}'");
    }

    private void Metadata(ImmutableSortedDictionary<string, string>.Builder metadata)
    {
        int start = cursor.Position;
        string key = cursor.TakeQuoted("the key in quotes");
        cursor.Take('=');
        if (metadata.ContainsKey(key)) throw cursor.Fail($"metadata '{key}' is given twice", start);
        metadata.Add(key, cursor.TakeQuoted("a string"));
    }

    private void Constant(NetworkBuilder builder, Dictionary<string, Value> values)
    {
        string name = NewValue(values);
        cursor.Take(':');
        int declared = cursor.Position;
        var type = types.Tensor();
        cursor.Take('=');
        values.Add(name, builder.Constant(types.Constant(type, declared), name));
    }

    private void Layer(NetworkBuilder builder, Dictionary<string, Value> values)
    {
        var outputs = Outputs(values);
        cursor.Take('=');
        int named = cursor.Position;
        string operatorName = cursor.TakeWordOrName("an operator");
        if (!operators.TryPrototype(operatorName, out var prototype)) throw cursor.Fail($"found '{operatorName}', which is no operator", named);
        var operands = Operands(values);
        var op = AttributeParser.Parse(prototype, cursor, types, () => Network(builder));
        string layerName = cursor.Kind == TokenKind.Quoted ? cursor.TakeName("the layer's name") : "";
        foreach (var output in builder.Add(op, operands, outputs, layerName).Outputs)
        {
            if (output is not null) values.Add(output.Name, output);
        }
    }

    private OutputSpec?[] Outputs(Dictionary<string, Value> values)
    {
        if (cursor.TryTake('('))
        {
            cursor.Take(')');
            return [];
        }
        var outputs = new List<OutputSpec?>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        do
        {
            if (cursor.TryTakeWord("_"))
            {
                outputs.Add(null);
                continue;
            }
            int start = cursor.Position;
            string name = NewValue(values);
            if (!names.Add(name)) throw cursor.Fail($"two values are called '{name}'", start);
            outputs.Add(new(name, cursor.TryTake(':') ? types.Type() : null));
        }
        while (cursor.TryTake(','));
        return [.. outputs];
    }

    private Value?[] Operands(Dictionary<string, Value> values)
    {
        cursor.Take('(');
        if (cursor.TryTake(')')) return [];
        var operands = new List<Value?>();
        do
        {
            operands.Add(cursor.TryTakeWord("_") ? null : Operand(values));
        }
        while (cursor.TryTake(','));
        if (!cursor.TryTake(')')) throw cursor.Expected("',' or ')' after an operand");
        return [.. operands];
    }

    private Value Operand(Dictionary<string, Value> values)
    {
        int start = cursor.Position;
        string name = cursor.TakeValueName();
        return values.TryGetValue(name, out var value) ? value : throw cursor.Fail($"'{name}' is not defined above", start);
    }

    private string NewValue(Dictionary<string, Value> values)
    {
        int start = cursor.Position;
        string name = cursor.TakeValueName();
        if (values.ContainsKey(name)) throw cursor.Fail($"two values are called '{name}'", start);
        return ++valueCount <= Limits.Values ? name : throw cursor.Fail($"more than {Limits.Values} values", start);
    }
}
