using System.Text.RegularExpressions;
using Strata.Networks;
using Strata.Networks.Text;

namespace Strata.Compiler.Fidelity;

/// <summary>One thing that is not the same on both sides: what it is, and each side's text; null where a side lacks it.</summary>
public sealed record Difference(string What, string? First, string? Second);

/// <summary>A constant operand of one type whose content differs.</summary>
public sealed record ConstantDifference(Value First, Value Second)
{
    /// <summary>How far the second is from the first; materialises both.</summary>
    public FidelityMetrics Measure()
    {
        var accumulator = new FidelityAccumulator(First.Name);
        accumulator.Add(First.Constant!.Materialize(), Second.Constant!.Materialize());
        return accumulator.Result();
    }
}

/// <summary>A layer and its counterpart; one of them is null where there is none.</summary>
public sealed record LayerDifference(Layer? First, Layer? Second, IReadOnlyList<Difference> Changes, IReadOnlyList<ConstantDifference> Constants)
{
    /// <summary>True when both compute the same from the same operands.</summary>
    public bool IsSame => First is not null && Second is not null && Changes.Count + Constants.Count == 0;

    /// <summary>True when a name differs: the layer's or an output's.</summary>
    public bool IsRenamed => First is not null && Second is not null
        && (First.Name != Second.Name || !First.Outputs.Select(o => o?.Name).SequenceEqual(Second.Outputs.Select(o => o?.Name)));
}

/// <summary>What is and what is not the same in two networks. Layers are matched by what they compute before by what they are called.</summary>
public sealed partial class NetworkDiff
{
    private NetworkDiff(Network first, Network second)
    {
        var pairing = new LayerPairing(first, second);
        FirstDifference = NetworkComparer.FirstDifference(first, second);
        Inputs = Ports("input", [.. first.Inputs.Select(i => (i.Name, i))], [.. second.Inputs.Select(i => (i.Name, i))]);
        Outputs = Ports("output", [.. first.Outputs.Select(o => (o.Name, o.Value))], [.. second.Outputs.Select(o => (o.Name, o.Value))]);
        Metadata = [.. from key in first.Metadata.Keys.Union(second.Metadata.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
                       let x = first.Metadata.GetValueOrDefault(key)
                       let y = second.Metadata.GetValueOrDefault(key)
                       where x != y
                       select new Difference(key, x, y)];
        Layers = [.. first.Layers.Select(l => Compare(l, pairing.SecondOf(l), pairing)), .. second.Layers.Where(l => pairing.FirstOf(l) is null).Select(l => new LayerDifference(null, l, [], []))];
        HashSet<string> firstContents = [.. Contents(first)], secondContents = [.. Contents(second)];
        SharedConstants = firstContents.Count(secondContents.Contains);
        (ConstantsOnlyInFirst, ConstantsOnlyInSecond) = (firstContents.Count - SharedConstants, secondContents.Count - SharedConstants);
        IsSameComputation = Layers.All(l => l.IsSame)
            && first.Inputs.Length == second.Inputs.Length && first.Outputs.Length == second.Outputs.Length
            && first.Inputs.Zip(second.Inputs).All(p => p.First.Type.Equals(p.Second.Type) && pairing.AreSame(p.First, p.Second))
            && first.Outputs.Zip(second.Outputs).All(p => p.First.Value.Type.Equals(p.Second.Value.Type) && pairing.AreSame(p.First.Value, p.Second.Value));
    }

    /// <summary>Compares two networks.</summary>
    public static NetworkDiff Of(Network first, Network second) => new(first, second);

    /// <summary>The first difference of any kind, in a sentence; null when the networks are identical.</summary>
    public string? FirstDifference { get; }

    /// <summary>True when nothing differs, not even a name.</summary>
    public bool IsIdentical => FirstDifference is null;

    /// <summary>True when both compute the same by the same layers: what differs are names, metadata, constraints or the order of layers.</summary>
    public bool IsSameComputation { get; }

    /// <summary>True when both have the same layers joined in the same way, with other weights perhaps.</summary>
    public bool IsSameStructure => Inputs.Count + Outputs.Count == 0 && Layers.All(l => l.First is not null && l.Second is not null && l.Changes.Count == 0);

    /// <summary>Inputs that differ in name, type or position, or that one side lacks.</summary>
    public IReadOnlyList<Difference> Inputs { get; }

    /// <summary>Outputs that differ in name, type or position, or that one side lacks.</summary>
    public IReadOnlyList<Difference> Outputs { get; }

    /// <summary>Metadata that differ, by key.</summary>
    public IReadOnlyList<Difference> Metadata { get; }

    /// <summary>Every layer once: those of the first network in order, with their counterparts, then those that only the second has.</summary>
    public IReadOnlyList<LayerDifference> Layers { get; }

    /// <summary>Constants of one type and content in both networks, those of nested networks included; equal ones count once.</summary>
    public int SharedConstants { get; }

    /// <summary>Constants whose content the second network lacks.</summary>
    public int ConstantsOnlyInFirst { get; }

    /// <summary>Constants whose content the first network lacks.</summary>
    public int ConstantsOnlyInSecond { get; }

    private static Difference[] Ports(string kind, IReadOnlyList<(string Name, Value Value)> first, IReadOnlyList<(string Name, Value Value)> second)
    {
        return [.. PortPairing.Pair([.. first.Select(p => p.Name)], [.. second.Select(p => p.Name)]).Select(p => new Difference(kind, Text(first, p.First), Text(second, p.Second))).Where(d => d.First != d.Second)];

        static string? Text(IReadOnlyList<(string Name, Value Value)> ports, int? index) => index is { } i ? $"{i} {TextQuoting.BareOrQuoted(ports[i].Name)} : {ports[i].Value.Type}" : null;
    }

    private static LayerDifference Compare(Layer x, Layer? y, LayerPairing pairing)
    {
        if (y is null) return new(x, null, [], []);
        List<Difference> changes = [];
        List<ConstantDifference> constants = [];
        if (x.Operator.GetType() != y.Operator.GetType()) changes.Add(new("operator", x.Operator.ToString(), y.Operator.ToString()));
        else changes.AddRange(Attributes(x.Operator, y.Operator));
        for (int i = 0; i < Math.Max(x.Inputs.Length, y.Inputs.Length); i++)
        {
            Value? p = x.Inputs.ElementAtOrDefault(i), q = y.Inputs.ElementAtOrDefault(i);
            if (pairing.AreSame(p, q)) continue;
            if (p?.Constant is not null && q?.Constant is not null && p.Type.Equals(q.Type)) constants.Add(new(p, q));
            else changes.Add(new($"operand {i}", Text(p), Text(q)));
        }
        for (int i = 0; i < Math.Max(x.Outputs.Length, y.Outputs.Length); i++)
        {
            string? p = TypeOf(x.Outputs.ElementAtOrDefault(i)), q = TypeOf(y.Outputs.ElementAtOrDefault(i));
            if (p != q) changes.Add(new($"output {i}", p, q));
        }
        return new(x, y, changes, constants);
    }

    private static IEnumerable<Difference> Attributes(Operator x, Operator y)
    {
        List<Network> left = [], right = [];
        var (p, q) = (Texts(x, left), Texts(y, right));
        foreach (string name in p.Keys.Union(q.Keys, StringComparer.Ordinal).Where(n => p.GetValueOrDefault(n) != q.GetValueOrDefault(n)))
            yield return new(name, p.GetValueOrDefault(name), q.GetValueOrDefault(name));
        foreach (var (a, b) in left.Zip(right))
        {
            if (!Of(a, b).IsSameComputation) yield return new("nested network", TextQuoting.Quote(a.Name), NetworkComparer.FirstDifference(a, b));
        }

        static Dictionary<string, string> Texts(Operator op, List<Network> bodies) => AttributePrinter.Print(op, body =>
        {
            bodies.Add(body);
            return "network";
        }).ToDictionary(a => a.Name, a => a.Text, StringComparer.Ordinal);
    }

    private static string? Text(Value? value) => value is null ? null : value.Constant is null ? value.ToString() : $"constant {value}";

    // Dimensions known only at run time are numbered as they come up.
    private static string? TypeOf(Value? value) => value is null ? null : NumberedDimension().Replace(value.Type.ToString(), "?");

    [GeneratedRegex(@"\?\d+")]
    private static partial Regex NumberedDimension();

    private static IEnumerable<string> Contents(Network network) => network.Constants.Select(c => $"{c.Type} {c.Constant!.Hash}")
        .Concat(network.Layers.SelectMany(l => l.Operator.Bodies).SelectMany(Contents));
}
