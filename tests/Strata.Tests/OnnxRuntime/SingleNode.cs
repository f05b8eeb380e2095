#if HAVE_ONNXRUNTIME
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Execution;
using Strata.OnnxRuntime;
using Strata.Tensors;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Tests.OnnxRuntime;

/// <summary>A model of one node, run by ONNX Runtime and by the interpreter.</summary>
internal sealed class SingleNode(string domain, string name, int opset)
{
    private readonly NodeProto node = new() { OpType = name, Domain = domain, Name = name.ToLowerInvariant() };
    private readonly List<(string Name, Tensor Value, bool Constant)> inputs = [];
    private readonly Random random = new(7);

    /// <summary>Sets an attribute: an integer, a float, a string, or a list of integers or floats.</summary>
    public SingleNode With(string attribute, object value)
    {
        var proto = new AttributeProto { Name = attribute };
        switch (value)
        {
            case int or long: (proto.Type, proto.I) = (AttributeType.Int, Convert.ToInt64(value, null)); break;
            case float number: (proto.Type, proto.F) = (AttributeType.Float, number); break;
            case string text: (proto.Type, proto.S) = (AttributeType.String, ByteString.CopyFromUtf8(text)); break;
            case int[] list: proto.Type = AttributeType.Ints; proto.Ints.AddRange(list.Select(i => (long)i)); break;
            case float[] list: proto.Type = AttributeType.Floats; proto.Floats.AddRange(list); break;
            default: throw new ArgumentException($"no attribute of {value.GetType()}");
        }
        node.Attribute.Add(proto);
        return this;
    }

    /// <summary>Adds an operand; null for an omitted one.</summary>
    public SingleNode On(Tensor? value, bool constant = false)
    {
        node.Input.Add(value is null ? "" : $"x{inputs.Count}");
        if (value is not null) inputs.Add((node.Input[^1], value, constant));
        return this;
    }

    /// <summary>Adds an f32 operand of even steps in [−2, 2).</summary>
    public SingleNode OnFloats(params int[] dims) => On(Random(ElementType.Float32, dims, () => random.Next(-128, 128) / 64.0));

    /// <summary>Adds an operand of codes.</summary>
    public SingleNode OnCodes(ElementType type, params int[] dims)
    {
        // Signed ones are factors of unsigned ones: of seven bits where ONNX Runtime's sums would saturate.
        int most = OnnxRuntimeReference.SaturatesByteProducts ? 64 : 128;
        return On(Random(type, dims, () => type == ElementType.UInt8 ? random.Next(256) : random.Next(-most, most)));
    }

    /// <summary>Checks that every output agrees: integers exactly, floats to a part of the largest magnitude.</summary>
    public void Agrees(int outputs = 1, double tolerance = 1e-5)
    {
        for (int i = 0; i < outputs; i++) node.Output.Add($"y{i}");
        var model = new ModelProto { IrVersion = 8, Graph = new() { Name = "single", Node = { node } } };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        if (domain.Length > 0) model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
        foreach (var (input, value, constant) in inputs)
        {
            if (constant) model.Graph.Initializer.Add(OnnxTensors.Write(value, input));
            else model.Graph.Input.Add(new ValueInfoProto { Name = input, Type = new() { TensorType = new() { ElemType = (int)value.ElementType } } });
        }
        foreach (string output in node.Output) model.Graph.Output.Add(new ValueInfoProto { Name = output });

        byte[] bytes = model.ToByteArray();
        using var session = new OnnxRuntimeSession(bytes);
        var fed = inputs.Where(i => !i.Constant).ToArray();
        var expected = session.Run(fed.ToDictionary(i => i.Name, i => (OnnxRuntimeValue)new OnnxRuntimeTensor((int)i.Value.ElementType, [.. i.Value.Dims.Select(d => (long)d)], i.Value.Bytes.ToArray())));

        using var parsed = OnnxModel.Parse(bytes, name);
        var network = OnnxImporter.Import(parsed);
        var actual = new Interpreter(network).Run([.. fed.Select(i => i.Value)]);
        for (int i = 0; i < outputs; i++) Compare((OnnxRuntimeTensor)expected[$"y{i}"], (Tensor)actual[i]!, tolerance);
    }

    private static void Compare(OnnxRuntimeTensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.ElementType, (int)actual.ElementType);
        Assert.Equal(expected.Dims, actual.Dims.Select(d => (long)d));
        double[] want = Tensor.FromBytes(actual.ElementType, actual.Dims.AsSpan(), expected.Data).ToDoubles(), got = actual.ToDoubles();
        double bound = actual.ElementType.IsFloat() ? tolerance * Math.Max(1e-30, want.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max()) : 0;
        for (int i = 0; i < want.Length; i++)
        {
            if (want[i].Equals(got[i]) || Math.Abs(want[i] - got[i]) <= bound) continue;
            Assert.Fail($"element {i} of {actual} is {got[i]}, ONNX Runtime gives {want[i]}");
        }
    }

    private static Tensor Random(ElementType type, int[] dims, Func<double> next)
    {
        var values = new double[dims.Aggregate(1, static (product, dim) => product * dim)];
        for (int i = 0; i < values.Length; i++) values[i] = next();
        return Tensor.FromDoubles(type, dims, values);
    }
}
#endif
