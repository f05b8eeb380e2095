using System.Runtime.InteropServices;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Tensors;

namespace Strata.Models.Building;

/// <summary>Which form of a model to build.</summary>
internal enum ModelSize
{
    /// <summary>Below 300 KB, for tests and examples.</summary>
    Small,
    /// <summary>The size people deploy, for benchmarks.</summary>
    Benchmark,
}

/// <summary>A dimension of an input or output: a number or the name of a symbol.</summary>
internal readonly record struct ModelDim(long Value, string? Symbol)
{
    public static implicit operator ModelDim(int value) => new(value, null);

    public static implicit operator ModelDim(string symbol) => new(0, symbol);
}

/// <summary>A model under construction: the message, its weights, and what sample inputs look like.</summary>
internal sealed class ModelBuilder
{
    private readonly Dictionary<string, int> names = new(StringComparer.Ordinal);

    /// <summary>Starts a model of an opset up to 22.</summary>
    public ModelBuilder(string name, string architecture, ModelSize size, int opset, WeightStore weights)
    {
        (Name, Weights) = (name, weights);
        Proto = new ModelProto
        {
            IrVersion = opset switch { >= 21 => 10, >= 19 => 9, >= 15 => 8, _ => 7 },
            ProducerName = "strata-models",
            ProducerVersion = "1.0",
            Graph = new GraphProto { Name = "main_graph" },
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
            MetadataProps =
            {
                new StringStringEntryProto { Key = "architecture", Value = architecture },
                new StringStringEntryProto { Key = "size", Value = size == ModelSize.Small ? "small" : "benchmark" },
            },
        };
        Graph = new GraphBuilder(this, Proto.Graph, "");
    }

    /// <summary>The name, which also seeds the weights.</summary>
    public string Name { get; }

    /// <summary>The message; complete when the builder's architecture has returned.</summary>
    public ModelProto Proto { get; }

    /// <summary>The main graph, at the root module.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>Where the weights go.</summary>
    public WeightStore Weights { get; }

    /// <summary>What training would have learnt, counted in elements: everything but buffers and constants.</summary>
    public long Parameters { get; private set; }

    /// <summary>How to draw each input of the main graph, in order.</summary>
    public List<(ValueInfoProto Info, Sample Sample)> Inputs { get; } = [];

    /// <summary>The value of each symbol in sample inputs.</summary>
    public Dictionary<string, int> SampleDims { get; } = new(StringComparer.Ordinal);

    /// <summary>The name, numbered if it was given out before: <c>Relu</c>, <c>Relu_1</c>, …</summary>
    internal string Unique(string name)
    {
        names[name] = names.TryGetValue(name, out int count) ? count + 1 : 1;
        return count == 0 ? name : $"{name}_{count}";
    }

    internal void Count(int[] dims) => Parameters += dims.Aggregate(1L, (count, dim) => checked(count * dim));
}

/// <summary>
/// Adds to a graph at one place of a module tree; names come out as PyTorch's exporter writes them
/// (node <c>/layer1/layer1.0/conv1/Conv</c>, weight <c>layer1.0.conv1.weight</c>). Values are their names.
/// </summary>
internal sealed class GraphBuilder
{
    private readonly ModelBuilder model;
    private readonly string scope;

    internal GraphBuilder(ModelBuilder model, GraphProto proto, string scope) => (this.model, Proto, this.scope) = (model, proto, scope);

    /// <summary>The same graph, at a module below this one; dots go further down.</summary>
    public GraphBuilder this[string module] => new(model, Proto, scope + module + ".");

    /// <summary>The message.</summary>
    public GraphProto Proto { get; }

    /// <summary>A graph for an attribute of a node here. It may use values of this graph, and has initializers of its own.</summary>
    public GraphBuilder Body(string name) => new(model, new GraphProto { Name = model.Unique(Path(name)) }, scope + name + ".");

    /// <summary>Declares an input; of the main graph, with what its samples are.</summary>
    public string Input(string name, ElementType type, ModelDim[] dims, Sample? sample = null)
    {
        bool main = ReferenceEquals(Proto, model.Proto.Graph);
        var info = ValueInfo(main ? name : model.Unique(Path(name)), type, dims);
        Proto.Input.Add(info);
        if (main) model.Inputs.Add((info, sample ?? throw new ArgumentNullException(nameof(sample), $"input '{name}' needs a sample")));
        return info.Name;
    }

    /// <summary>Declares a value computed in this graph as an output, under a new name; its users are all there by now.</summary>
    public void Output(string name, string value, ElementType type, params ModelDim[] dims)
    {
        string final = ReferenceEquals(Proto, model.Proto.Graph) ? name : model.Unique(Path(name));
        Proto.Output.Add(ValueInfo(final, type, dims));
        Rename(Proto, value, final);
    }

    /// <summary>Adds a node with one output.</summary>
    public string Node(string op, IEnumerable<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes) =>
        Node(op, 1, inputs, attributes)[0];

    /// <summary>Adds a node; an empty name leaves an optional input out.</summary>
    public string[] Node(string op, int outputs, IEnumerable<string> inputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new NodeProto { OpType = op, Name = model.Unique(Path(op)), Input = { inputs } };
        for (int i = 0; i < outputs; i++) node.Output.Add($"{node.Name}_output_{i}");
        foreach (var (name, value) in attributes) node.Attribute.Add(Attribute(name, value));
        Proto.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>A 1-D i64 constant, as a node.</summary>
    public string Constant(params long[] values) => ConstantNode(ElementType.Int64, [values.Length], MemoryMarshal.AsBytes<long>(values));

    /// <summary>A rank-0 i64 constant, as a node.</summary>
    public string Scalar(long value) => ConstantNode(ElementType.Int64, [], MemoryMarshal.AsBytes<long>([value]));

    /// <summary>A rank-0 f32 constant, as a node.</summary>
    public string Scalar(float value) => ConstantNode(ElementType.Float32, [], MemoryMarshal.AsBytes<float>([value]));

    /// <summary>A rank-0 bool constant, as a node.</summary>
    public string Scalar(bool value) => ConstantNode(ElementType.Bool, [], MemoryMarshal.AsBytes<bool>([value]));

    /// <summary>The full name of a weight of this module.</summary>
    public string WeightName(string name) => scope + name;

    /// <summary>The seed of a weight, by its full name.</summary>
    public ulong SeedOf(string weight) => RandomStream.SeedOf($"{model.Name}/{weight}");

    /// <summary>A learnt weight of this module, f32.</summary>
    public string Parameter(string name, int[] dims, Fill fill)
    {
        model.Count(dims);
        return Buffer(name, dims, fill);
    }

    /// <summary>A learnt weight of this module, in a quantised type.</summary>
    public string QuantizedParameter(string name, ElementType type, int[] dims, RowWriter write)
    {
        model.Count(dims);
        return Initializer(name, type, dims, write);
    }

    /// <summary>An f32 initializer of this module that training does not learn.</summary>
    public string Buffer(string name, int[] dims, Fill fill)
    {
        var random = new RandomStream(SeedOf(WeightName(name)));
        return Initializer(name, ElementType.Float32, dims, (row, bytes) => fill(random, row, MemoryMarshal.Cast<byte, float>(bytes)));
    }

    /// <summary>An initializer of this module, of any type of whole bytes.</summary>
    public string Initializer(string name, ElementType type, int[] dims, RowWriter write)
    {
        var tensor = new TensorProto { Name = WeightName(name), DataType = (int)type, Dims = { dims.Select(d => (long)d) } };
        int rows = dims is [var first, _, ..] ? first : 1;
        int rowLength = dims.Skip(dims.Length > 1 ? 1 : 0).Aggregate(1, (count, dim) => checked(count * dim));
        model.Weights.Store(tensor, rows, checked((int)type.ByteCount(rowLength)), write);
        Proto.Initializer.Add(tensor);
        return tensor.Name;
    }

    private string ConstantNode(ElementType type, int[] dims, ReadOnlySpan<byte> littleEndian) => Node("Constant", [], ("value", new TensorProto
    {
        DataType = (int)type,
        Dims = { dims.Select(d => (long)d) },
        RawData = ByteString.CopyFrom(littleEndian),
    }));

    private static void Rename(GraphProto graph, string from, string to)
    {
        foreach (var node in graph.Node)
        {
            Replace(node.Input);
            Replace(node.Output);
            foreach (var attribute in node.Attribute.Where(attribute => attribute.G is not null)) Rename(attribute.G, from, to);
        }

        void Replace(IList<string> names)
        {
            for (int i = 0; i < names.Count; i++)
            {
                if (names[i] == from) names[i] = to;
            }
        }
    }

    /// <summary>Every module on the way down becomes a folder; a number joins the name before it.</summary>
    private string Path(string name)
    {
        string path = "/", last = "";
        foreach (string module in scope.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            last = char.IsAsciiDigit(module[0]) ? $"{last}.{module}" : module;
            path += last + "/";
        }
        return path + name;
    }

    private static ValueInfoProto ValueInfo(string name, ElementType type, ModelDim[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (var dim in dims)
        {
            shape.Dim.Add(dim.Symbol is null
                ? new TensorShapeProto.Types.Dimension { DimValue = dim.Value }
                : new TensorShapeProto.Types.Dimension { DimParam = dim.Symbol });
        }
        return new() { Name = name, Type = new() { TensorType = new() { ElemType = (int)type, Shape = shape } } };
    }

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case int or long: (attribute.Type, attribute.I) = (AttributeProto.Types.AttributeType.Int, Convert.ToInt64(value)); break;
            case float f: (attribute.Type, attribute.F) = (AttributeProto.Types.AttributeType.Float, f); break;
            case string s: (attribute.Type, attribute.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(s)); break;
            case TensorProto t: (attribute.Type, attribute.T) = (AttributeProto.Types.AttributeType.Tensor, t); break;
            case GraphBuilder g: (attribute.Type, attribute.G) = (AttributeProto.Types.AttributeType.Graph, g.Proto); break;
            case int[] ints:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(ints.Select(i => (long)i));
                break;
            default: throw new ArgumentException($"attribute '{name}': no ONNX form for a {value.GetType().Name}", nameof(value));
        }
        return attribute;
    }
}
