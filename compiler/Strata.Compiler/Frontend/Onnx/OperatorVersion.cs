using System.Collections.Frozen;
using System.Globalization;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>An operand or result of an operator: the names of the types it may have, and how often it occurs.</summary>
internal sealed record OperatorPort(IReadOnlySet<string> Types, bool IsOptional, bool IsRepeated)
{
    /// <summary>True when a value of the type may stand here.</summary>
    public bool Takes(NetworkType type) => type switch
    {
        TensorType tensor => Types.Contains(tensor.ElementType.Name()),
        SequenceType => Types.Contains("seq"),
        OptionalType => Types.Contains("optional"),
        _ => false,
    };
}

/// <summary>What an operator of ONNX's default domain takes from a version on.</summary>
internal sealed record OperatorVersion(string Name, int Version, IReadOnlyList<OperatorPort> Operands, IReadOnlyList<OperatorPort> Results, IReadOnlySet<string> Attributes)
{
    private static readonly ILookup<string, OperatorVersion> ByName = Read();

    /// <summary>The versions of an operator, oldest first; none of operators of other domains.</summary>
    public static IEnumerable<OperatorVersion> Of(string name) => ByName[name];

    /// <summary>True when the operands and results of a node, and its attributes, can be written in this version.</summary>
    public bool HasFormOf(NodeProto node) => Fits(Operands, node.Input) && (node.Output.Count == 0 || At(Results, node.Output.Count - 1) is not null) && node.Attribute.All(Has);

    /// <summary>True when the values of a layer have types that this version knows.</summary>
    public bool TakesTypesOf(Layer layer) => Take(Operands, layer.Inputs) && Take(Results, layer.Outputs);

    // A value of an attribute that some version names came with the first that does.
    private bool Has(AttributeProto attribute)
    {
        string value = $"{attribute.Name}={attribute.S.ToStringUtf8()}";
        return Attributes.Contains(attribute.Name) && (Attributes.Contains(value) || !ByName[Name].Any(v => v.Attributes.Contains(value)));
    }

    private static bool Fits(IReadOnlyList<OperatorPort> ports, IReadOnlyList<string> names) =>
        Enumerable.Range(0, Math.Max(ports.Count, names.Count)).All(i => i < names.Count && names[i].Length > 0
            ? At(ports, i) is not null
            : i >= ports.Count || ports[i].IsOptional || ports[i].IsRepeated);

    private static bool Take(IReadOnlyList<OperatorPort> ports, IReadOnlyList<Value?> values)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value && At(ports, i) is { } port && !port.Takes(value.Type)) return false;
        }
        return true;
    }

    private static OperatorPort? At(IReadOnlyList<OperatorPort> ports, int index) =>
        index < ports.Count ? ports[index] : ports is [.., { IsRepeated: true } last] ? last : null;

    private static ILookup<string, OperatorVersion> Read()
    {
        using var stream = typeof(OperatorVersion).Assembly.GetManifestResourceStream("operator-versions.txt")!;
        using var reader = new StreamReader(stream);
        var sets = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        var versions = new List<OperatorVersion>();
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            if (words is [['#', ..], ..]) continue;
            if (words is [var set, "=", .. var types])
            {
                sets[set] = types.ToFrozenSet(StringComparer.Ordinal);
                continue;
            }
            int results = Array.IndexOf(words, "->"), attributes = Array.IndexOf(words, ":");
            if (attributes < 0) attributes = words.Length;
            versions.Add(new(words[0], int.Parse(words[1], CultureInfo.InvariantCulture), Ports(words[2..results]), Ports(words[(results + 1)..attributes]),
                words.Skip(attributes + 1).ToFrozenSet(StringComparer.Ordinal)));
        }
        return versions.ToLookup(v => v.Name, StringComparer.Ordinal);

        OperatorPort[] Ports(string[] words) => Array.ConvertAll(words, word =>
        {
            string types = word.TrimEnd('?', '*');
            return new OperatorPort(sets.TryGetValue(types, out var set) ? set : FrozenSet.Create(StringComparer.Ordinal, types), word.EndsWith('?'), word.EndsWith('*'));
        });
    }
}
