using System.Text;

namespace Strata.Tests.Oracles;

/// <summary>The syntax of headers: "Unit headers" and what follows it. One object reads all units of a file, in order.</summary>
internal sealed class PlainHeaders(PlainTables tables, int minor, long headerBytes)
{
    private readonly List<List<PlainConstant>> units = [];
    private readonly List<string> symbols = [];
    private long weight;

    /// <summary>Bytes of the data of the unit that is being read, or a huge number in format 1.1.</summary>
    public long DataBytes { get; set; } = long.MaxValue;

    public List<List<PlainConstant>> Units => units;

    /// <summary>Unit 0 up to the outputs, which are read last.</summary>
    public PlainNetwork NetworkHeader(PlainFields fields)
    {
        int count = fields.List("symbols");
        for (int i = 0; i < count; i++)
        {
            symbols.Add(fields.Name("symbol"));
            PlainFields.Check(symbols[^1] != "", "a symbol without a name");
        }
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

    // Owned constants

    private void OwnedConstants(PlainFields fields)
    {
        var owned = new List<PlainConstant>();
        units.Add(owned);
        int count = fields.List("owned_constants");
        for (int i = 0; i < count; i++) owned.Add(OwnedConstant(fields));
    }

    private PlainConstant OwnedConstant(PlainFields fields)
    {
        var type = Tensor(fields);
        PlainFields.Check(type.Dims is not null, "a constant of unknown rank");
        long elements = 1;
        foreach (var dim in type.Dims!)
        {
            PlainFields.Check(dim.Constant is { } extent && extent >= 0 && extent <= int.MaxValue, "a constant's shape is not constant");
            elements = Math.Min(checked(elements * (long)dim.Constant!.Value), 1L << 32);
            if (dim.Constant == 0) elements = 0;
        }
        PlainFields.Check(elements <= int.MaxValue, "a constant with too many elements");
        var constant = new PlainConstant { Type = type, Count = elements };
        PlainFields.Check(PlainCodecs.RawBytes(constant, tables) <= 0x7FFFFFC7, "a constant with too many bytes");
        constant.Codec = (int)fields.Unsigned("codec", 255);
        var element = tables.Elements[type.Element];
        PlainFields.Check(constant.Codec < 3 || minor >= 2, $"codec {constant.Codec} in an older file");
        if (constant.Codec == 8)
        {
            var other = constant.Transposes = Reference(fields);
            constant.Inline = [];
            PlainFields.Check(tables.Codecs.Contains(8) && element.Bits > 0 && element.Bits % 8 == 0 && other.Codec != 8 && other.Type.Element == type.Element, "transposed: of another kind");
            PlainFields.Check(type.Dims!.Count == 2 && other.Type.Dims!.Count == 2, "transposed: not of two dimensions");
            for (int axis = 0; axis < 2; axis++) PlainFields.Check(type.Dims![axis].Constant == other.Type.Dims![1 - axis].Constant, "transposed: other extents");
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

    private PlainConstant Reference(PlainFields fields)
    {
        int unit = units.Count - 1;
        var owner = units[unit - (int)fields.Unsigned("constant_distance", unit)];
        long index = fields.Unsigned("constant_index", 1 << 20);
        PlainFields.Check(index < owner.Count, $"constant {index} of a unit that has {owner.Count}");
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
        PlainFields.Check(tables.Elements.ContainsKey(number), $"element type {number}");
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
        long? along = null;
        if (fields.Flag("has_axis"))
        {
            along = fields.Signed("axis");
            PlainFields.Check(along is >= -8 and <= 8, $"axis {along}");
        }
        long group = fields.Unsigned("group", int.MaxValue);
        var scale = Parameter(fields);
        var zero = fields.Flag("has_zero_point") ? Parameter(fields) : null;
        return new(element, dims, new(along, group, scale, zero));
    }

    private PlainConstant Parameter(PlainFields fields)
    {
        var constant = Reference(fields);
        var quantization = constant.Type.Quantization;
        PlainFields.Check(quantization is null || quantization.Scale.Type.Quantization is null && quantization.ZeroPoint?.Type.Quantization is null, "parameters of parameters are quantised");
        return constant;
    }

    // Dimensions

    private PlainDim Dim(PlainFields fields)
    {
        var dim = Dim(fields, 0, out _);
        return dim;
    }

    private PlainDim Dim(PlainFields fields, int depth, out long formula)
    {
        PlainFields.Check(depth <= 32, "dimensions nest too deep");
        formula = 0;
        long h = fields.Unsigned("dim", long.MaxValue);
        if (h % 2 == 0) return new([new(h / 2, [])]);
        long count = (h - 1) / 2;
        PlainFields.Check(count <= 256, $"{count} terms");
        var terms = new List<PlainTerm>();
        for (int t = 0; t < count; t++)
        {
            long coefficient = fields.Signed("coefficient");
            long factors = fields.Unsigned("factors", 32);
            fields.Count(4 * factors, "factors");
            formula++;
            var list = new List<PlainFactor>();
            for (int f = 0; f < factors; f++)
            {
                list.Add(Factor(fields, depth, out long part));
                formula += part;
            }
            terms.Add(new(coefficient, list));
        }
        weight += formula;
        PlainFields.Check(weight <= Math.Min((1 << 13) + 32 * headerBytes, 1 << 26), "the dimensions weigh too much");
        return new(terms);
    }

    private PlainFactor Factor(PlainFields fields, int depth, out long formula)
    {
        long n = fields.Unsigned("factor", (1 << 20) + 3);
        if (n >= 3)
        {
            PlainFields.Check(n - 3 < symbols.Count, $"symbol {n - 3} of {symbols.Count}");
            string symbol = symbols[(int)(n - 3)];
            formula = Encoding.UTF8.GetByteCount(symbol);
            return new(symbol, 0, null, null);
        }
        var a = Dim(fields, depth + 1, out long first);
        var b = Dim(fields, depth + 1, out long second);
        formula = 10 + first + second;
        return new(null, (int)n, a, b);
    }

    // Networks

    private void Signature(PlainFields fields, PlainNetwork network)
    {
        network.Name = fields.Name("network_name");
        network.Inputs = fields.List("inputs");
        for (int i = 0; i < network.Inputs; i++) AddValue(network, new(fields.Name("input_name"), Type(fields), null));
        int count = fields.List("constraints");
        for (int i = 0; i < count; i++) network.Constraints.Add((Dim(fields), Dim(fields), fields.Name("reason")));
    }

    private readonly HashSet<(PlainNetwork, string)> names = [];

    private void AddValue(PlainNetwork network, PlainValue value)
    {
        PlainFields.Check(value.Name != "", "a value without a name");
        PlainFields.Check(names.Add((network, value.Name)), $"two values '{value.Name}'");
        network.Values.Add(value);
        PlainFields.Check(network.Values.Count <= 1 << 20, "too many values");
    }

    private void NewConstants(PlainFields fields, PlainNetwork network)
    {
        int count = fields.List("constants");
        for (int i = 0; i < count; i++)
        {
            string name = fields.Name("constant_name");
            var constant = Reference(fields);
            AddValue(network, new(name, constant.Type, constant));
        }
    }

    private void Layer(PlainFields fields, PlainNetwork network, int depth)
    {
        long number = fields.Unsigned("operator", int.MaxValue);
        PlainFields.Check(tables.Operators.ContainsKey(number), $"operator {number}");
        var (since, attributes) = tables.Operators[number];
        PlainFields.Check(since <= minor + 1, $"operator {number} in an older file");
        string name = fields.Name("name");
        NewConstants(fields, network);
        var operands = new List<PlainValue?>();
        int count = fields.List("operands");
        for (int i = 0; i < count; i++)
        {
            int back = (int)fields.Unsigned("operand", network.Values.Count);
            operands.Add(back == 0 ? null : network.Values[^back]);
        }
        var results = new List<PlainValue?>();
        count = fields.List("results");
        for (int i = 0; i < count; i++) results.Add(fields.Flag("wanted") ? new(fields.Name("result_name"), Type(fields), null) : null);
        var values = new List<(string, object?)>();
        foreach (var attribute in attributes)
        {
            if (attribute.Since <= minor + 1) values.Add((attribute.Name, Attribute(fields, attribute, depth)));
            else values.Add((attribute.Name, tables.DefaultOf(attribute)));
        }
        foreach (var result in results)
        {
            if (result is not null) AddValue(network, result);
        }
        network.Layers.Add(new(number, name, operands, results, values));
    }

    private object? Attribute(PlainFields fields, PlainTables.Attribute attribute, int depth)
    {
        string name = attribute.Name;
        long state = fields.Unsigned(name + "?", 2);
        if (state == 0) return tables.DefaultOf(attribute);
        if (state == 2)
        {
            PlainFields.Check(attribute.MayBeAbsent, $"{name} cannot be absent");
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

    private static T[] List<T>(PlainFields fields, string name, Func<T> read)
    {
        var items = new T[fields.List(name)];
        for (int i = 0; i < items.Length; i++) items[i] = read();
        return items;
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
        var metadata = new List<(string Key, string)>();
        int count = fields.List("metadata", 65536);
        for (int i = 0; i < count; i++) metadata.Add((fields.Name("key"), fields.Text("value", 1 << 24)));
        PlainFields.Check(metadata.DistinctBy(m => m.Key).Count() == count, "metadata with a key twice");
        return metadata;
    }

    public void Outputs(PlainFields fields, PlainNetwork network)
    {
        NewConstants(fields, network);
        int count = fields.List("outputs");
        for (int i = 0; i < count; i++)
        {
            string name = fields.Name("output_name");
            network.Outputs.Add((name, network.Values[Index(fields, network)]));
        }
    }

    private static int Index(PlainFields fields, PlainNetwork network)
    {
        PlainFields.Check(network.Values.Count > 0, "an output of a network without values");
        return (int)fields.Unsigned("output_value", network.Values.Count - 1);
    }
}
