using Strata.Networks;
using Strata.Networks.Text;

namespace Strata.Bitstream.Syntax;

/// <summary>The values of one network by number: inputs, then for each layer the constants it is the first to use and its outputs.</summary>
internal sealed class ValueNumbers
{
    private readonly List<Value> values = [];
    private readonly Dictionary<Value, int> numbers = new(ReferenceEqualityComparer.Instance);

    public int Count => values.Count;

    public Value this[int number] => values[number];

    public bool Contains(Value value) => numbers.ContainsKey(value);

    public int NumberOf(Value value) => numbers[value];

    /// <summary>Numbers a value that a file gives a name.</summary>
    /// <exception cref="StrataFormatException">The name is taken, so that the network would name the value otherwise.</exception>
    public void Add(Value value, string name)
    {
        if (value.Name != name) throw new StrataFormatException(name.Length == 0 ? "a value has no name" : $"two values are called '{name}'");
        numbers.Add(value, values.Count);
        values.Add(value);
    }
}

/// <summary>One layer: operator, name, constants used for the first time, operands, results, attributes.</summary>
internal static class LayerSyntax
{
    /// <summary>Walks a layer; when reading, adds it to the network being built.</summary>
    public static void Walk(FieldSyntax s, UnitContext context, ValueNumbers numbers, Layer? layer, NetworkBuilder? builder)
    {
        var (prototype, name) = Identify(s, context, layer);
        Constants(s, context, numbers, layer?.Inputs ?? [], builder);
        var operands = Operands(s, numbers, layer);
        var outputs = Outputs(s, context, layer);
        var changed = layer is null ? [] : AttributeDefaults.Changed(layer.Operator, prototype);
        var op = (layer?.Operator ?? prototype).Walk(new AttributeSyntax(s, context, changed));

        if (builder is not null) layer = builder.Add(op, operands, outputs, name);
        for (int i = 0; i < outputs.Length; i++)
        {
            if (layer!.Outputs[i] is { } output) numbers.Add(output, outputs[i]!.Value.Name);
        }
    }

    /// <summary>The first fields of a layer: what it computes and what it is called.</summary>
    public static (Operator Prototype, string Name) Identify(FieldSyntax s, UnitContext context, Layer? layer = null)
    {
        int number = layer is null ? 0 : context.Operators.NumberOf(layer.Operator);
        s.Int("operator", ref number, int.MaxValue);
        if (!context.Operators.TryPrototype(number, out var prototype)) throw new UnsupportedOperatorException($"the encoded network uses operator number {number}, which this build does not know; use a newer Strata");
        int since = context.Operators.SinceOf(number);
        if (s.IsReading && since > context.FormatVersion) throw new StrataFormatException($"operator number {number} came with format 1.{since - 1}, the file is of 1.{context.FormatVersion - 1}");
        context.Need(since);
        string name = layer?.Name ?? "";
        s.Text("name", ref name);
        return (prototype, name);
    }

    /// <summary>The constants that are used here for the first time: name and place of each.</summary>
    public static void Constants(FieldSyntax s, UnitContext context, ValueNumbers numbers, IEnumerable<Value?> used, NetworkBuilder? builder)
    {
        List<Value?> introduced = [.. used.Where(v => v?.Constant is not null && !numbers.Contains(v)).Distinct()];
        s.List("constants", ref introduced, Limits.Values, value =>
        {
            string name = value?.Name ?? "";
            s.Text("constant_name", ref name);
            var constant = value?.Constant;
            TypeSyntax.Walk(s, context, ref constant);
            value ??= builder!.Constant(constant!, name);
            numbers.Add(value, name);
            return value;
        });
    }

    // Each operand is 0 when omitted, otherwise the distance back to its value.
    private static Value?[] Operands(FieldSyntax s, ValueNumbers numbers, Layer? layer)
    {
        List<Value?> operands = layer is null ? [] : [.. layer.Inputs];
        s.List("operands", ref operands, Limits.Values, value =>
        {
            int distance = value is null ? 0 : numbers.Count - numbers.NumberOf(value);
            s.Int("operand", ref distance, numbers.Count);
            return distance == 0 ? null : numbers[numbers.Count - distance];
        });
        return [.. operands];
    }

    private static OutputSpec?[] Outputs(FieldSyntax s, UnitContext context, Layer? layer)
    {
        List<OutputSpec?> outputs = layer is null ? [] : [.. layer.Outputs.Select(o => o is null ? (OutputSpec?)null : new OutputSpec(o.Name, o.Type))];
        s.List("results", ref outputs, Limits.Values, spec =>
        {
            bool wanted = spec is not null;
            s.Flag("wanted", ref wanted);
            if (!wanted) return null;
            string name = spec?.Name ?? "";
            s.Text("result_name", ref name);
            var type = spec?.Type;
            TypeSyntax.Walk(s, context, ref type!);
            return new OutputSpec(name, type);
        });
        return [.. outputs];
    }
}
