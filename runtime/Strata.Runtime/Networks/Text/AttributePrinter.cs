using System.Collections.Immutable;
using System.Globalization;
using Strata.Tensors;

namespace Strata.Networks.Text;

/// <summary>Prints the attributes of an operator, in the order of its walk.</summary>
internal sealed class AttributePrinter : AttributeWalker
{
    private const string None = "none";

    private readonly Func<Network, string> printNetwork;
    private readonly List<(string Name, string Text)> printed = [];

    private AttributePrinter(Func<Network, string> printNetwork) => this.printNetwork = printNetwork;

    /// <summary>All attributes, those at their default included.</summary>
    public static IReadOnlyList<(string Name, string Text)> Print(Operator op, Func<Network, string> printNetwork)
    {
        var printer = new AttributePrinter(printNetwork);
        op.Walk(printer);
        return printer.printed;
    }

    public override long Int(string name, long value, int since = 1) => Add(name, value, Integer(value));

    public override long? OptionalInt(string name, long? value, int since = 1) => Add(name, value, value is { } known ? Integer(known) : None);

    public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Add(name, value, List(value, Integer));

    public override float Float(string name, float value, int since = 1) => Add(name, value, ConstantText.Single(value));

    public override float? OptionalFloat(string name, float? value, int since = 1) => Add(name, value, value is { } known ? ConstantText.Single(known) : None);

    public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => Add(name, value, List(value, ConstantText.Single));

    public override bool Flag(string name, bool value, int since = 1) => Add(name, value, value ? "true" : "false");

    public override string Text(string name, string value, int since = 1) => Add(name, value, TextQuoting.Quote(value));

    public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => Add(name, value, List(value, TextQuoting.Quote));

    public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1) => Add(name, value, TextQuoting.WordOrQuoted(names[value]));

    public override ElementType? Type(string name, ElementType? value, int since = 1) => Add(name, value, value?.Name() ?? None);

    public override Constant? Tensor(string name, Constant? value, int since = 1) => Add(name, value, value is null ? None : ConstantText.PrintTyped(value));

    public override Network Network(string name, Network value, int since = 1) => Add(name, value, printNetwork(value));

    public override NetworkType? ValueType(string name, NetworkType? value, int since = 1) => Add(name, value, value?.ToString() ?? None);

    private T Add<T>(string name, T value, string text)
    {
        printed.Add((name, text));
        return value;
    }

    private static string Integer(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string List<T>(ImmutableArray<T> items, Func<T, string> print) => items.IsDefaultOrEmpty ? "[]" : $"[{string.Join(", ", items.Select(print))}]";
}
