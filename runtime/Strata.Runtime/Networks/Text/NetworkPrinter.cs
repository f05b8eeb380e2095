using System.Text;

namespace Strata.Networks.Text;

/// <summary>
/// Prints networks in the text form, which <see cref="NetworkParser"/> reads back to an equal network. The same network
/// gives the same text on every machine; a small change of the network changes few lines.
/// </summary>
public sealed class NetworkPrinter
{
    private readonly IOperatorSet operators;
    private readonly PrintOptions options;
    private readonly StringBuilder builder = new();
    private readonly Dictionary<Type, Dictionary<string, string>> defaults = [];
    private int depth;

    private NetworkPrinter(IOperatorSet operators, PrintOptions options) => (this.operators, this.options) = (operators, options);

    /// <summary>Prints a network whose operators are all in the given set.</summary>
    /// <exception cref="UnsupportedOperatorException">An operator is not in the set.</exception>
    public static string Print(Network network, IOperatorSet operators, PrintOptions? options = null)
    {
        var printer = new NetworkPrinter(operators, options ?? new());
        printer.Append(network);
        return printer.builder.Append('\n').ToString();
    }

    private void Append(Network network)
    {
        builder.Append("network ");
        TextQuoting.Append(builder, network.Name);
        builder.Append(" {");
        int empty = builder.Length;
        depth++;
        foreach (var (key, value) in network.Metadata.OrderBy(p => p.Key, StringComparer.Ordinal))
            Line().Append($"metadata {TextQuoting.Quote(key)} = {TextQuoting.Quote(value)}");
        foreach (var input in network.Inputs) Line().Append($"input {input}");
        foreach (var value in network.Constants) AppendConstant(value);
        foreach (var layer in network.Layers) AppendLayer(layer);
        foreach (var constraint in network.Constraints)
            Line().Append($"constrain {constraint.Left} == {constraint.Right} : {TextQuoting.Quote(constraint.Reason)}");
        foreach (var output in network.Outputs) Line().Append($"output {TextQuoting.Quote(output.Name)} = {Name(output.Value)}");
        depth--;
        if (builder.Length > empty) Line();
        builder.Append('}');
    }

    private void AppendConstant(Value value)
    {
        Line().Append($"const {value} = {ConstantText.Print(value.Constant!)}");
        if (options.Statistics) ConstantText.AppendStatistics(builder, value.Constant!);
    }

    private void AppendLayer(Layer layer)
    {
        Line();
        if (layer.Outputs.IsEmpty) builder.Append("()");
        else builder.AppendJoin(", ", layer.Outputs.Select(o => o?.ToString() ?? "_"));
        builder.Append($" = {TextQuoting.WordOrQuoted(operators.NameOf(layer.Operator))}(");
        builder.AppendJoin(", ", layer.Inputs.Select(i => i is null ? "_" : Name(i)));
        builder.Append(')');
        AppendAttributes(layer.Operator);
        if (layer.Name.Length > 0) builder.Append(' ').Append(TextQuoting.Quote(layer.Name));
    }

    private void AppendAttributes(Operator op)
    {
        var known = Defaults(op);
        var printed = AttributePrinter.Print(op, Nested).Where(a => !known.TryGetValue(a.Name, out string? text) || text != a.Text).ToList();
        if (printed.Count == 0) return;
        if (!printed.Any(a => a.Text.Contains('\n')))
        {
            builder.Append($" {{{string.Join(", ", printed.Select(a => $"{a.Name} = {a.Text}"))}}}");
            return;
        }
        builder.Append(" {");
        depth++;
        for (int i = 0; i < printed.Count; i++) Line().Append($"{printed[i].Name} = {printed[i].Text}{(i < printed.Count - 1 ? "," : "")}");
        depth--;
        Line().Append('}');
    }

    private Dictionary<string, string> Defaults(Operator op)
    {
        if (defaults.TryGetValue(op.GetType(), out var known)) return known;
        known = operators.TryPrototype(operators.NameOf(op), out var prototype)
            ? AttributePrinter.Print(prototype, Nested).ToDictionary(a => a.Name, a => a.Text, StringComparer.Ordinal)
            : [];
        return defaults[op.GetType()] = known;
    }

    // The value of an attribute, one level deeper than the layer's line.
    private string Nested(Network network)
    {
        int start = builder.Length;
        depth++;
        Append(network);
        depth--;
        string text = builder.ToString(start, builder.Length - start);
        builder.Length = start;
        return text;
    }

    private StringBuilder Line() => builder.Append('\n').Append(' ', 2 * depth);

    private static string Name(Value value) => $"%{TextQuoting.BareOrQuoted(value.Name)}";
}

/// <summary>The text form as a method of a network.</summary>
public static class NetworkTextExtensions
{
    /// <summary>The network in the text form.</summary>
    public static string ToText(this Network network, IOperatorSet operators, PrintOptions? options = null) => NetworkPrinter.Print(network, operators, options);
}
