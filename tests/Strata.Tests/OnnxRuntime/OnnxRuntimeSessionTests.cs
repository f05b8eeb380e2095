#if HAVE_ONNXRUNTIME
using System.Runtime.InteropServices;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.OnnxRuntime;
#endif
using Strata.Tests.Support;

namespace Strata.Tests.OnnxRuntime;

public class OnnxRuntimeSessionTests
{
#if HAVE_ONNXRUNTIME
    [FactRequiring(TestSource.OnnxRuntime | TestSource.Shared)]
    public void MatchesTheRecordedOutputOfARealModel()
    {
        string folder = Path.Combine(TestData.SharedModels, "connxr_mnist_dynquant");
        using var session = new OnnxRuntimeSession(Path.Combine(folder, "model.onnx"));
        OnnxRuntimeTensor input = ReadTensor(Path.Combine(folder, "test_data_set_0", "input_0.pb"));
        OnnxRuntimeTensor expected = ReadTensor(Path.Combine(folder, "test_data_set_0", "output_0.pb"));

        var outputs = session.Run(new Dictionary<string, OnnxRuntimeValue> { [session.InputNames[0]] = input });

        var actual = Assert.IsType<OnnxRuntimeTensor>(outputs[session.OutputNames[0]]);
        Assert.Equal(expected.ElementType, actual.ElementType);
        Assert.Equal(expected.Dims, actual.Dims);
        float[] want = MemoryMarshal.Cast<byte, float>(expected.Data).ToArray();
        float[] got = MemoryMarshal.Cast<byte, float>(actual.Data).ToArray();
        float bound = 1e-4f * want.Max(MathF.Abs);
        Assert.All(want.Zip(got), pair => Assert.InRange(pair.Second, pair.First - bound, pair.First + bound));
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void TakesAndGivesEveryElementTypeTheManagedInterfaceKnows()
    {
        (int Type, int Size)[] types =
            [(1, 4), (2, 1), (3, 1), (4, 2), (5, 2), (6, 4), (7, 8), (9, 1), (10, 2), (11, 8), (12, 4), (13, 8), (16, 2)];
        Assert.All(types, t =>
        {
            byte[] data = [.. Enumerable.Range(0, 2 * 3 * t.Size).Select(i => (byte)(i & 1))];
            var input = new OnnxRuntimeTensor(t.Type, [2, 3], data);
            var output = Assert.IsType<OnnxRuntimeTensor>(RunIdentity(t.Type, input));
            Assert.Equal(t.Type, output.ElementType);
            Assert.Equal([2, 3], output.Dims);
            Assert.Equal(data, output.Data);
        });
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void TakesAndGivesStrings()
    {
        string[] data = ["", "a", "größer", "行", "\0", "x y"];
        var output = Assert.IsType<OnnxRuntimeStrings>(RunIdentity(8, new OnnxRuntimeStrings([2, 3], data)));
        Assert.Equal([2, 3], output.Dims);
        Assert.Equal(data, output.Data);
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void AnEmptyTensorPasses()
    {
        var output = Assert.IsType<OnnxRuntimeTensor>(RunIdentity(1, new OnnxRuntimeTensor(1, [0, 3], [])));
        Assert.Equal([0, 3], output.Dims);
        Assert.Empty(output.Data);
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void RefusalsAreOfOneType()
    {
        Assert.Throws<OnnxRuntimeRefusedException>(() => new OnnxRuntimeSession([1, 2, 3]));
        Assert.Throws<OnnxRuntimeRefusedException>(() => RunIdentity(1, new OnnxRuntimeTensor(7, [1], new byte[8])));
        Assert.Throws<ArgumentException>(() => RunIdentity(1, new OnnxRuntimeTensor(1, [2], new byte[4])));
        Assert.Throws<NotSupportedException>(() => RunIdentity(1, new OnnxRuntimeTensor(17, [1], new byte[1])));
    }

    private static OnnxRuntimeValue RunIdentity(int elementType, OnnxRuntimeValue input)
    {
        var type = new TypeProto { TensorType = new() { ElemType = elementType } };
        var model = new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } },
            Graph = new()
            {
                Name = "identity",
                Input = { new ValueInfoProto { Name = "x", Type = type } },
                Output = { new ValueInfoProto { Name = "y", Type = type } },
                Node = { new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "y" } } },
            },
        };
        using var session = new OnnxRuntimeSession(model.ToByteArray());
        return session.Run(new Dictionary<string, OnnxRuntimeValue> { ["x"] = input })["y"];
    }

    private static OnnxRuntimeTensor ReadTensor(string file)
    {
        TensorProto tensor = TensorProto.Parser.ParseFrom(File.ReadAllBytes(file));
        Assert.True(tensor.HasRawData);
        return new(tensor.DataType, [.. tensor.Dims], tensor.RawData.ToByteArray());
    }
#else
    [FactRequiring(TestSource.OnnxRuntime | TestSource.Shared)]
    public void MatchesTheRecordedOutputOfARealModel() => TestData.Require(TestSource.OnnxRuntime);
#endif
}
