using System.Numerics;

namespace Strata.Tests.Oracles;

/// <summary>The syntax of headers: "Unit headers" and what follows it. One object reads all units of a file, in order.</summary>
internal sealed class PlainHeaders(PlainTables tables, int minor, long headerBytes)
{
    private readonly List<string> symbols = [];
    private readonly HashSet<(PlainNetwork, string)> names = [];
    private long weight;
    private int unit = -1;

    /// <summary>Bytes of the data of the unit that is being read.</summary>
    public long DataBytes { get; set; } = long.MaxValue;

    public List<List<PlainConstant>> Units { get; } = [];

    /// <summary>Unit 0 up to the outputs, which are read last.</summary>
    public PlainNetwork NetworkHeader(PlainFields fields)
    {
        symbols.AddRange(List(fields, "symbols", () => fields.Name("symbol")));
        PlainFields.Check(!symbols.Contains(""), "a symbol without a name");
        OwnedConstants(fields);
        var network = new PlainNetwork();
        Signature(fields, network);
        return network;
    }

    public void LayerHeader(PlainFields fields, PlainNetwork network)
    {
        OwnedConstants(fields);
        Layer(fields, network, depth: 0);
    }

    /// <summary>The outputs of unit 0, from which distances count back, so that only its own constants can be meant.</summary>
    public void LastOutputs(PlainFields fields, PlainNetwork network)
    {
        unit *= PlantedBug.In("outputs"); // to 0
        Outputs(fields, network);
    }

    private static T[] List<T>(PlainFields fields, string name, Func<T> read, int most = 1 << 20)
    {
        var items = new T[fields.List(name, most)];
        for (int i = 0; i < items.Length; i++) items[i] = read();
        return items;
    }

    // Owned constants

    private void OwnedConstants(PlainFields fields)
    {
        unit++;
        Units.Add([]);
        int count = fields.List("owned_constants");
        for (int i = 0; i < count; i++) Units[unit].Add(OwnedConstant(fields));
    }

    private PlainConstant OwnedConstant(PlainFields fields)
    {
        var constant = new PlainConstant { Type = Tensor(fields), Codec = (int)fields.Unsigned("codec", 255) };
        constant.Count = Count(constant.Type);
        PlainFields.Check(PlainCodecs.RawBytes(constant, tables) <= 0x7FFFFFC7, "a constant with too many bytes");
        PlainFields.Check(constant.Codec < 3 || minor >= 2, "a codec in an older file", constant.Codec);
        if (constant.Codec == 8)
        {
            constant.Inline = [];
            constant.Transposes = Reference(fields);
            CheckTransposed(constant.Type, constant.Transposes);
            return constant;
        }
        if (fields.Flag("inline"))
        {
            constant.Inline = fields.Bytes("payload", 512);
            constant.Length = constant.Inline.Length;
        }
        else
        {
            constant.Length = fields.Unsigned("length", 0x7FFFFFC7);
            if (minor == 0)
            {
                constant.Offset = fields.Unsigned("offset", long.MaxValue);
                PlainFields.Check(constant.Offset <= DataBytes - constant.Length, "a payload ends behind the data of its unit");
                PlainFields.Check(constant.Codec != 0 || constant.Offset % 64 == 0, "a raw payload that is not aligned");
            }
            constant.Checksum = fields.Fixed32("crc32c");
        }
        PlainCodecs.Check(constant, tables);
        return constant;
    }

    private static long Count(PlainTensor type)
    {
        var dims = type.Dims;
        PlainFields.Check(dims is not null && dims.All(d => d.Constant <= int.MaxValue), "a constant's shape is not constant");
        var count = dims!.Aggregate(BigInteger.One, (product, d) => product * d.Constant!.Value);
        PlainFields.Check(count <= int.MaxValue, "a constant with too many elements");
        return (long)count;
    }

    private void CheckTransposed(PlainTensor type, PlainConstant other)
    {
        int bits = tables.Elements[type.Element].Bits;
        PlainFields.Check(bits > 0 && bits % 8 == 0 && tables.Codecs.Contains(8), "transposed: elements that are not whole bytes");
        PlainFields.Check(other.Codec != 8 && other.Type.Element == type.Element, "transposed: of another kind");
        var (one, another) = (type.Dims!, other.Type.Dims!);
        PlainFields.Check(one.Count == 2 && another.Count == 2, "transposed: not of two dimensions");
        PlainFields.Check(one[0].Constant == another[1].Constant && one[1].Constant == another[0].Constant, "transposed: other extents");
    }

    private PlainConstant Reference(PlainFields fields)
    {
        var owner = Units[unit - (int)fields.Unsigned("constant_distance", unit)];
        long index = fields.Unsigned("constant_index", 1 << 20);
        PlainFields.Check(index < owner.Count, "a constant of a unit that has fewer", index);
        return owner[(int)index];
    }

    // Types

    private PlainType Type(PlainFields fields, int depth = 0)
    {
        PlainFields.Check(depth <= 64, "types nest too deep");
        return fields.Unsigned("type_kind", 3) switch
        {
            0 => Tensor(fields),
            1 => new PlainSequence(Type(fields, depth + 1)),
            2 => new PlainOptional(Type(fields, depth + 1)),
            _ => new PlainMap(Element(fields), Type(fields, depth + 1)),
        };
    }

    private int Element(PlainFields fields)
    {
        int number = (int)fields.Unsigned("element_type", 255);
        PlainFields.Check(tables.Elements.ContainsKey(number), "an element type that is not known", number);
        return number;
    }

    private PlainTensor Tensor(PlainFields fields)
    {
        int element = Element(fields);
        long rankPlusOne = fields.Unsigned("rank_plus_one", 9);
        List<PlainDim>? dims = rankPlusOne == 0 ? null : [];
        for (int axis = 0; axis < rankPlusOne - 1; axis++)
        {
            dims!.Add(Dim(fields));
            PlainFields.Check(dims[axis].Constant is not { Sign: < 0 }, "a negative extent");
        }
        if (!fields.Flag("quantized")) return new(element, dims, null);
        long? along = fields.Flag("has_axis") ? fields.Signed("axis") + PlantedBug.In("axis") : null;
        PlainFields.Check(along is null or >= -8 and <= 8, "an axis out of bounds", along);
        long group = fields.Unsigned("group", int.MaxValue >> PlantedBug.In("group"));
        var scale = Parameter(fields);
        return new(element, dims, new(along, group, scale, fields.Flag("has_zero_point") ? Parameter(fields) : null));
    }

    private PlainConstant Parameter(PlainFields fields)
    {
        var constant = Reference(fields);
        var quantization = constant.Type.Quantization;
        PlainFields.Check(quantization is null || quantization.Scale.Type.Quantization is null && quantization.ZeroPoint?.Type.Quantization is null, "parameters of parameters are quantised");
        return constant;
    }

    // Dimensions

    private PlainDim Dim(PlainFields fields, int depth = 0)
    {
        PlainFields.Check(depth <= 32, "dimensions nest too deep");
        long h = fields.Unsigned("dim", long.MaxValue);
        if (h % 2 == 0) return new([new(h / 2, [])]);
        long count = (h - 1) / 2;
        PlainFields.Check(count <= 256, "too many terms");
        var terms = new List<PlainTerm>();
        for (int t = 0; t < count; t++)
        {
            terms.Add(new(fields.Signed("coefficient"), []));
            long factors = fields.Unsigned("factors", 32);
            fields.Count(4 * factors, "factors");
            for (int f = 0; f < factors; f++) terms[t].Factors.Add(Factor(fields, depth));
        }
        var dim = new PlainDim(terms, terms.Sum(t => 1 + t.Factors.Sum(f => f.Weight)));
        weight += dim.Weight;
        PlainFields.Check(weight <= Math.Min((1 << 13) + 32 * headerBytes, 1 << 26), "the dimensions weigh too much");
        return dim;
    }

    private PlainFactor Factor(PlainFields fields, int depth)
    {
        long n = fields.Unsigned("factor", (1 << 20) + 3);
        if (n < 3) return new(null, (int)n, Dim(fields, depth + 1), Dim(fields, depth + 1));
        PlainFields.Check(n - 3 < symbols.Count, "a symbol that is not there", n);
        return new(symbols[(int)(n - 3)], 0, null, null);
    }

    // Networks

    private void Signature(PlainFields fields, PlainNetwork network)
    {
        network.Name = fields.Name("network_name");
        network.Inputs = fields.List("inputs");
        for (int i = 0; i < network.Inputs; i++) AddValue(network, new(fields.Name("input_name"), Type(fields), null));
        network.Constraints = [.. List(fields, "constraints", () => (Dim(fields), Dim(fields), fields.Name("reason")))];
    }

    private void AddValue(PlainNetwork network, PlainValue value)
    {
        PlainFields.Check(value.Name != "", "a value without a name");
        PlainFields.Check(names.Add((network, value.Name)), "two values of a name", value.Name);
        network.Values.Add(value);
        PlainFields.Check(network.Values.Count <= 1 << 20, "too many values");
    }

    private void NewConstants(PlainFields fields, PlainNetwork network)
    {
        foreach (var (name, constant) in List(fields, "constants", () => (fields.Name("constant_name"), Reference(fields)))) AddValue(network, new(name, constant.Type, constant));
    }

    private void Layer(PlainFields fields, PlainNetwork network, int depth)
    {
        long number = fields.Unsigned("operator", int.MaxValue);
        PlainFields.Check(tables.Operators.ContainsKey(number), "an operator that is not known", number);
        var (since, attributes) = tables.Operators[number];
        PlainFields.Check(since <= minor + 1, "an operator in an older file", number);
        string name = fields.Name("name");
        NewConstants(fields, network);
        var operands = List(fields, "operands", () => (int)fields.Unsigned("operand", network.Values.Count) is var back and > 0 ? network.Values[^back] : null);
        var results = List(fields, "results", () => fields.Flag("wanted") ? new PlainValue(fields.Name("result_name"), Type(fields), null) : null);
        var values = attributes.ConvertAll(a => (a.Name, a.Since <= minor + 1 ? Attribute(fields, a, depth) : tables.DefaultOf(a)));
        foreach (var result in results.OfType<PlainValue>()) AddValue(network, result);
        network.Layers.Add(new(number, name, [.. operands], [.. results], values));
    }

    private object? Attribute(PlainFields fields, PlainTables.Attribute attribute, int depth)
    {
        string name = attribute.Name;
        long state = fields.Unsigned(name + "?", 2);
        if (state == 0) return tables.DefaultOf(attribute);
        if (state == 2)
        {
            PlainFields.Check(attribute.MayBeAbsent, "cannot be absent", name);
            return null;
        }
        return attribute.Kind switch
        {
            "int" or "int?" => fields.Signed(name),
            "ints" => List(fields, name, () => fields.Signed(name)),
            "float" or "float?" => fields.Fixed32(name),
            "floats" => List(fields, name, () => fields.Fixed32(name)),
            "flag" => fields.Flag(name),
            "text" => fields.Text(name, 1 << 20),
            "texts" => List(fields, name, () => fields.Text(name, 1 << 20)),
            "choice" => (int)fields.Unsigned(name, attribute.Choices.Length - 1),
            "type?" => Element(fields),
            "tensor?" => Reference(fields),
            "value type?" => Type(fields),
            "network" => Nested(fields, depth + 1),
            _ => throw new FormatException($"kind {attribute.Kind}"),
        };
    }

    private PlainNetwork Nested(PlainFields fields, int depth)
    {
        PlainFields.Check(depth <= 64, "networks nest too deep");
        var network = new PlainNetwork();
        Signature(fields, network);
        network.Metadata = Metadata(fields);
        int count = fields.List("layers");
        for (int i = 0; i < count; i++) Layer(fields, network, depth);
        Outputs(fields, network);
        return network;
    }

    public static List<(string, string)> Metadata(PlainFields fields)
    {
        var metadata = List(fields, "metadata", () => (Key: fields.Name("key"), fields.Text("value", 1 << 24)), 65536);
        PlainFields.Check(metadata.DistinctBy(m => m.Key).Count() == metadata.Length, "metadata with a key twice");
        return [.. metadata];
    }

    private void Outputs(PlainFields fields, PlainNetwork network)
    {
        NewConstants(fields, network);
        int count = fields.List("outputs");
        PlainFields.Check(count == 0 || network.Values.Count > 0, "an output of a network without values");
        for (int i = 0; i < count; i++) network.Outputs.Add((fields.Name("output_name"), network.Values[(int)fields.Unsigned("output_value", network.Values.Count - 1)]));
    }
}
