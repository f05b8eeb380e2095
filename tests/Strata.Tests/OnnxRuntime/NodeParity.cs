#if HAVE_ONNXRUNTIME
using Google.Protobuf;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Execution;
using Strata.Networks;
using Strata.OnnxRuntime;
using Strata.Tensors;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Tests.OnnxRuntime;

/// <summary>One node on given inputs, run by ONNX Runtime and by the interpreter.</summary>
internal sealed record NodeParity(string Operator, string Domain = "", int Opset = 17, int DomainVersion = 1)
{
    private readonly List<Tensor?> inputs = [];
    private readonly HashSet<int> constants = [];
    private readonly List<AttributeProto> attributes = [];
    private readonly Random random = new(1);

    /// <summary>An input of numbers from −1 to 1.</summary>
    public NodeParity F32(params int[] dims) => With(Tensor.FromDoubles(ElementType.Float32, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => 2 * random.NextDouble() - 1)]));

    public NodeParity I32(int[] dims, params int[] values) => With(Tensor.From<int>(dims, values));

    public NodeParity I64(int[] dims, params long[] values) => With(Tensor.From<long>(dims, values));

    public NodeParity F32(float scalar) => With(Tensor.Scalar(scalar));

    /// <summary>An input of codes from the whole range of an integer type.</summary>
    public NodeParity Codes(ElementType type, params int[] dims)
    {
        int range = 1 << type.Bits(), least = type.Kind() == ElementKind.Signed ? -range / 2 : 0;
        return With(Tensor.FromInt64s(type, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => (long)random.Next(least, least + range))]));
    }

    /// <summary>Signed codes that are multiplied with unsigned ones: of seven bits where ONNX Runtime's sums would saturate.</summary>
    public NodeParity Factors(params int[] dims)
    {
        int most = OnnxRuntimeReference.SaturatesByteProducts ? 64 : 128;
        return With(Tensor.FromInt64s(ElementType.Int8, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => (long)random.Next(-most, most))]));
    }

    /// <summary>A scalar code.</summary>
    public NodeParity Code(ElementType type, long value) => With(Tensor.FromInt64s(type, [], [value]));

    public NodeParity Without() => With(null);

    /// <summary>Makes the last input an initializer: ONNX Runtime takes types of fewer than 8 bits in no other way.</summary>
    public NodeParity Fixed()
    {
        constants.Add(inputs.Count - 1);
        return this;
    }

    public NodeParity With(Tensor? tensor)
    {
        inputs.Add(tensor);
        return this;
    }

    public NodeParity Set(string name, long value) => Set(new AttributeProto { Name = name, Type = AttributeType.Int, I = value });

    public NodeParity Set(string name, float value) => Set(new AttributeProto { Name = name, Type = AttributeType.Float, F = value });

    public NodeParity Set(string name, string value) => Set(new AttributeProto { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(value) });

    public NodeParity Set(string name, params long[] values) => Set(new AttributeProto { Name = name, Type = AttributeType.Ints, Ints = { values } });

    public NodeParity Floats(string name, params float[] values) => Set(new AttributeProto { Name = name, Type = AttributeType.Floats, Floats = { values } });

    public NodeParity Set(string name, params string[] values) => Set(new AttributeProto { Name = name, Type = AttributeType.Strings, Strings = { values.Select(ByteString.CopyFromUtf8) } });

    public NodeParity Set(AttributeProto attribute)
    {
        attributes.Add(attribute);
        return this;
    }

    /// <summary>Runs both; names an output that differs by more than the tolerance, or is null. Outputs whose letter is '-' are not asked for; those from <paramref name="compared"/> on may hold anything.</summary>
    public string? Difference(string outputs = "y", double tolerance = 1e-5, int compared = int.MaxValue)
    {
        byte[] model = Model(outputs);
        using var session = new OnnxRuntimeSession(model);
        var feeds = new Dictionary<string, OnnxRuntimeValue>();
        for (int i = 0; i < inputs.Count; i++)
        {
            if (inputs[i] is { } tensor && !constants.Contains(i)) feeds[$"x{i}"] = Feed(tensor);
        }
        var expected = session.Run(feeds);

        using var onnx = OnnxModel.Parse(model, "model.onnx");
        var network = OnnxImporter.Import(onnx);
        var actual = new Interpreter(network).Run([.. inputs.Where((t, i) => t is not null && !constants.Contains(i))]);
        for (int i = 0; i < Math.Min(network.Outputs.Length, compared); i++)
        {
            var wanted = expected[network.Outputs[i].Name] switch
            {
                OnnxRuntimeStrings strings => Tensor.FromStrings([.. strings.Dims.Select(d => (int)d)], strings.Data),
                var other => Numbers((OnnxRuntimeTensor)other),
            };
            if (ValueComparison.Difference(actual[i], wanted, new Tolerance(0, 0, tolerance)) is { } difference) return $"{network.Outputs[i].Name}: {difference}";
        }
        return null;
    }

    private static OnnxRuntimeValue Feed(Tensor tensor)
    {
        long[] dims = [.. tensor.Dims.Select(d => (long)d)];
        return tensor.ElementType == ElementType.String ? new OnnxRuntimeStrings(dims, tensor.Strings.ToArray()) : new OnnxRuntimeTensor((int)tensor.ElementType, dims, tensor.Bytes.ToArray());
    }

    private static Tensor Numbers(OnnxRuntimeTensor tensor) => Tensor.FromBytes((ElementType)tensor.ElementType, [.. tensor.Dims.Select(d => (int)d)], tensor.Data);

    private byte[] Model(string outputs)
    {
        var node = new NodeProto { OpType = Operator, Domain = Domain, Attribute = { attributes } };
        var graph = new GraphProto { Name = "node", Node = { node } };
        for (int i = 0; i < inputs.Count; i++)
        {
            node.Input.Add(inputs[i] is null ? "" : $"x{i}");
            if (inputs[i] is not { } tensor) continue;
            if (constants.Contains(i)) graph.Initializer.Add(OnnxTensors.Write(tensor, $"x{i}"));
            else graph.Input.Add(new ValueInfoProto { Name = $"x{i}", Type = OnnxTypes.Write(TensorType.Of(tensor)) });
        }
        foreach (var (letter, i) in outputs.Select((c, i) => (c, i)))
        {
            node.Output.Add(letter == '-' ? "" : $"{letter}{i}");
            if (letter != '-') graph.Output.Add(new ValueInfoProto { Name = $"{letter}{i}" });
        }
        var model = new ModelProto { IrVersion = 8, Graph = graph, OpsetImport = { new OperatorSetIdProto { Version = Opset } } };
        if (Domain.Length > 0) model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = DomainVersion });
        return model.ToByteArray();
    }
}
#endif
