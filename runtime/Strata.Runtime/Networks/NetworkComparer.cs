using Strata.Networks.Text;

namespace Strata.Networks;

/// <summary>
/// Structural equality of networks: names, types, attributes, constants, constraints and metadata, floating-point numbers
/// by their bits, and edges by the values that they join.
/// </summary>
public static class NetworkComparer
{
    /// <summary>True when nothing differs.</summary>
    public static bool AreEqual(Network a, Network b) => FirstDifference(a, b) is null;

    /// <summary>One sentence on the first difference, where it is and both sides of it, or null when there is none.</summary>
    public static string? FirstDifference(Network a, Network b) => ReferenceEquals(a, b) ? null : new Comparison(a, b, $"network {TextQuoting.Quote(a.Name)}").Run();

    /// <summary>True when element type, dimensions and every element agree, bit for bit.</summary>
    public static bool SameContent(Constant a, Constant b)
    {
        if (a.Type.ElementType != b.Type.ElementType || !a.Dims.SequenceEqual(b.Dims)) return false;
        // Hashes of large constants are kept; small ones are cheaper to look at.
        return a.Count <= Limits.InlineElements ? a.Materialize().BitEquals(b.Materialize()) : a.ContentEquals(b);
    }

    private sealed class Comparison(Network a, Network b, string path)
    {
        private readonly Dictionary<Value, Value> counterparts = new(ReferenceEqualityComparer.Instance);

        public string? Run() => Differ("name", TextQuoting.Quote(a.Name), TextQuoting.Quote(b.Name))
            ?? Metadata()
            ?? Each("inputs", a.Inputs, b.Inputs, (x, y, i) => Define($"input {i}", x, y))
            ?? Each("constants", a.Constants, b.Constants, (x, y, i) => Define($"constant {i}", x, y))
            ?? Each("layers", a.Layers, b.Layers, (x, y, _) => Layers(x, y))
            ?? Each("constraints", a.Constraints, b.Constraints, (x, y, i) => Differ($"constraint {i}", Text(x), Text(y)))
            ?? Each("outputs", a.Outputs, b.Outputs, (x, y, i) =>
                Differ($"name of output {i}", TextQuoting.Quote(x.Name), TextQuoting.Quote(y.Name)) ?? SameEdge($"output {i}", x.Value, y.Value));

        private string? Metadata()
        {
            foreach (string key in a.Metadata.Keys.Union(b.Metadata.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                if (Differ($"metadata {TextQuoting.Quote(key)}", Text(a.Metadata.GetValueOrDefault(key)), Text(b.Metadata.GetValueOrDefault(key))) is { } difference) return difference;
            }
            return null;
        }

        private string? Layers(Layer x, Layer y)
        {
            string where = $"layer {x.Id} {TextQuoting.Quote(x.Name)} ({x.Operator})";
            return Differ($"name of layer {x.Id}", TextQuoting.Quote(x.Name), TextQuoting.Quote(y.Name))
                ?? Differ($"operator of layer {x.Id} {TextQuoting.Quote(x.Name)}", x.Operator.ToString(), y.Operator.ToString())
                ?? (x.Operator.GetType() == y.Operator.GetType() ? null : $"{path}: {where}: two operators are called {x.Operator}")
                ?? Each($"operands of {where}", x.Inputs, y.Inputs, (p, q, i) => SameEdge($"{where}: operand {i}", p, q))
                ?? Attributes(where, x.Operator, y.Operator)
                ?? Each($"outputs of {where}", x.Outputs, y.Outputs, (p, q, i) => p is null || q is null
                    ? Differ($"{where}: output {i}", Text(p), Text(q))
                    : Define($"{where}: output {i}", p, q));
        }

        // An attribute's text says it to the last bit; networks are compared as such, for a difference that says where.
        private string? Attributes(string where, Operator x, Operator y)
        {
            List<Network> left = [], right = [];
            return Each($"attributes of {where}", Texts(x, left), Texts(y, right), (p, q, _) =>
                    Differ($"attributes of {where}", p.Name, q.Name) ?? Differ($"{where}: attribute {p.Name}", p.Text, q.Text))
                ?? Each($"bodies of {where}", left, right, (p, q, i) => new Comparison(p, q, $"{path}: {where}: body {i}").Run());
        }

        private static IReadOnlyList<(string Name, string Text)> Texts(Operator op, List<Network> bodies) => AttributePrinter.Print(op, body =>
        {
            bodies.Add(body);
            return "network";
        });

        // Pairs two definitions; uses are then compared by identity.
        private string? Define(string where, Value x, Value y)
        {
            counterparts[x] = y;
            return Differ($"name of {where}", TextQuoting.Quote(x.Name), TextQuoting.Quote(y.Name))
                ?? Differ($"type of {where} {TextQuoting.Quote(x.Name)}", x.Type.ToString(), y.Type.ToString())
                ?? (x.Constant is { } c && y.Constant is { } d ? Constants($"{where} {TextQuoting.Quote(x.Name)}", c, d)
                    : x.Constant is null == y.Constant is null ? null : $"{path}: {where} {TextQuoting.Quote(x.Name)} is a constant on one side only");
        }

        private string? SameEdge(string where, Value? x, Value? y) =>
            x is null ? y is null ? null : Differ(where, Text(x), Text(y))
            : y is not null && counterparts.GetValueOrDefault(x) == y ? null
            : Differ(where, Text(x), Text(y)) ?? $"{path}: {where} joins another value of the same name {Text(x)}";

        private string? Constants(string where, Constant x, Constant y)
        {
            if (Differ($"type of {where}", x.Type.ToString(), y.Type.ToString()) is { } difference) return difference;
            return SameContent(x, y) ? null : Differ(where, ConstantText.Print(x), ConstantText.Print(y)) ?? $"{path}: {where}: contents differ";
        }

        private string? Each<T>(string what, IReadOnlyList<T> x, IReadOnlyList<T> y, Func<T, T, int, string?> compare)
        {
            for (int i = 0; i < Math.Min(x.Count, y.Count); i++)
            {
                if (compare(x[i], y[i], i) is { } difference) return difference;
            }
            return x.Count == y.Count ? null : $"{path}: number of {what}: {x.Count} against {y.Count}";
        }

        private string? Differ(string what, string x, string y) => x == y ? null : $"{path}: {what}: {x} against {y}";

        private static string Text(Value? value) => value is null ? "_" : $"%{TextQuoting.BareOrQuoted(value.Name)}";

        private static string Text(string? value) => value is null ? "none" : TextQuoting.Quote(value);

        private static string Text(DimConstraint constraint) => $"{constraint.Left} == {constraint.Right} : {TextQuoting.Quote(constraint.Reason)}";
    }
}
