using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Compiler.Frontend.Onnx.Wire;
using Strata.Networks;
using Strata.Tensors;
using Strata.Tests.Support;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Tests.Frontend;

/// <summary>Models whose larger tensors stay in their file; what comes of it is held against the protobuf parser, which reads everything.</summary>
public class ModelReaderTests
{
    private const int Long = ModelReader.LeastBytes / sizeof(float); // elements of f32 that stay in the file

    [FactRequiring(TestSource.TestData)]
    public void EveryModelIsReadAsByTheProtobufParser()
    {
        foreach (string file in TestData.ModelFiles(TestSource.TestData | TestSource.Shared).Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "models"), "*.onnx")))
        {
            if (new FileInfo(file).Length > 64 << 20) continue; // one large file is as another
            using var model = OnnxModel.Load(file);
            Assert.True(Whole(model).Equals(ModelProto.Parser.ParseFrom(File.ReadAllBytes(file))), file);
        }
    }

    [Fact]
    public void LongTensorsStayInTheFileWhereverTheyStand()
    {
        var model = Everywhere();
        byte[] bytes = model.ToByteArray();
        var (read, data) = ModelReader.Read(new MemoryByteSource(bytes));
        Assert.Equal(7, data.Count);
        Assert.All(data.Keys, tensor => Assert.False(tensor.HasRawData || tensor.FloatData.Count > 0 || tensor.DoubleData.Count > 0));
        Assert.True(read.CalculateSize() < bytes.Length / 4);
        AssertSame(bytes);
    }

    [Theory]
    [InlineData(Long - 1, false)]
    [InlineData(Long, true)]
    public void ShortTensorsDoNot(int count, bool stays)
    {
        using var model = OnnxModel.Parse(Model(Raw("w", count)).ToByteArray(), "model.onnx");
        var constant = OnnxImporter.Import(model).Constants.Single().Constant!;
        Assert.Equal(stays, constant is SourceConstant);
        Assert.Equal(Values(count), constant.Materialize().Span<float>().ToArray());
    }

    public static TheoryData<string, byte[]> Unusual()
    {
        var raw = Raw("w", Long);
        var typed = new TensorProto { DataType = (int)ElementType.Float32, Dims = { 2 * Long }, FloatData = { Values(Long) } };
        byte[] node = Field(1, new NodeProto { OpType = "Relu", Input = { "w" }, Output = { "y" } }.ToByteArray());
        var attribute = new AttributeProto { Name = "value", Type = AttributeType.Tensor, T = raw };
        return new()
        {
            { "raw data twice, the last counts", InGraph(Field(5, [.. raw.ToByteArray(), .. Field(9, new byte[4 * Long])])) },
            { "short raw data after long", InGraph(Field(5, [.. raw.ToByteArray(), .. Field(9, new byte[4])])) },
            { "long raw data after short", InGraph(Field(5, [.. Field(9, new byte[4]), .. raw.ToByteArray()])) },
            { "floats in two pieces", InGraph(Field(5, [.. typed.ToByteArray(), .. Field(4, new byte[4 * Long])])) },
            { "floats, some one by one", InGraph(Field(5, [.. typed.ToByteArray(), 4 << 3 | 5, 0, 0, 128, 63])) },
            { "floats of a type that has other ones", InGraph(Field(5, new TensorProto(typed) { DataType = (int)ElementType.Int32 }.ToByteArray())) },
            { "floats and raw data", InGraph(Field(5, [.. raw.ToByteArray(), .. Field(4, new byte[4 * Long])])) },
            { "the type after the floats", InGraph(Field(5, [.. Field(4, new byte[4 * Long]), 2 << 3, 1])) },
            { "a part of a float", InGraph(Field(5, [2 << 3, 1, .. Field(4, new byte[4 * Long + 1])])) },
            { "raw data of strings", InGraph(Field(5, [2 << 3, 8, 1 << 3, 1, .. Field(9, new byte[4 * Long]), .. Field(6, [65])])) },
            { "long nodes between short ones", InGraph([.. node, .. Field(1, new NodeProto { OpType = "Constant", Attribute = { attribute } }.ToByteArray()), .. node]) },
            { "an attribute with two tensors where it has one", InGraph(Field(1, Field(5, [.. attribute.ToByteArray(), .. Field(5, new TensorProto { Name = "again" }.ToByteArray())]))) },
            { "two graphs", [.. InGraph(Field(5, raw.ToByteArray())), .. InGraph(Field(5, raw.ToByteArray()))] },
            { "unknown fields", InGraph([.. Field(100, [1, 2, 3]), .. Field(5, [.. raw.ToByteArray(), .. Field(69, new byte[2000])]), .. Field(101, [])]) },
            { "a group", InGraph([.. Field(5, raw.ToByteArray()), 100 << 3 & 127 | 3 | 128, 100 >> 4, 8, 1, 100 << 3 & 127 | 4 | 128, 100 >> 4, .. node]) },
            { "a group with another inside", InGraph([.. Field(5, raw.ToByteArray()), 51, 59, 60, 52]) },
            { "a group that does not end", InGraph([.. Field(5, raw.ToByteArray()), 51, 8, 1]) },
            { "a group that ends as another", InGraph([.. Field(5, raw.ToByteArray()), 51, 60]) },
            { "the end of no group", InGraph([.. Field(5, raw.ToByteArray()), 52]) },
            { "a tensor field that is a number", InGraph([.. Field(5, raw.ToByteArray()), 5 << 3, 1]) },
        };
    }

    [Theory]
    [MemberData(nameof(Unusual))]
    public void WhatIsUnusualMeansWhatItMeansToTheProtobufParser(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        AssertSame(bytes);
    }

    /// <summary>Damaged models are read as the protobuf parser reads them, or refused.</summary>
    [Fact]
    public void DamagedModelsAreRefusedOrMeanWhatTheyMeanToTheProtobufParser()
    {
        byte[] sound = Everywhere().ToByteArray();
        var random = new Random(5);
        for (int length = 0; length < sound.Length; length += random.Next(1, 40)) AssertSame(sound[..length], mayRefuse: true);
        // Most bytes are elements: hit what is around them.
        int[] structure = [.. Enumerable.Range(0, sound.Length).Where(i => sound[i] != Fill)];
        for (int round = 0; round < 5000; round++)
        {
            byte[] damaged = [.. sound];
            for (int i = 0; i <= round % 3; i++) damaged[structure[random.Next(structure.Length)]] = (byte)random.Next(256);
            AssertSame(damaged, mayRefuse: true);
        }
    }

    [Fact]
    public void FilesMayBeLongerThanAnArray()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "long.onnx");
        const int Elements = 1_300_000_000;
        byte[][] parts = [.. new[] { "a", "b" }.Select(name => new TensorProto { Name = name, DataType = (int)ElementType.UInt8, Dims = { Elements } }.ToByteArray())];
        byte[] rest = new GraphProto { Name = "long", Output = { new ValueInfoProto { Name = "a" }, new ValueInfoProto { Name = "b" } } }.ToByteArray();
        using (var file = new FileStream(path, FileMode.CreateNew))
        {
            var tensors = parts.Select(p => (byte[])[.. p, 9 << 3 | 2, .. Varint(Elements)]).ToArray();
            var headers = tensors.Select(t => (byte[])[5 << 3 | 2, .. Varint(t.Length + Elements), .. t]).ToArray();
            file.Write([.. Field(8, new OperatorSetIdProto { Version = 18 }.ToByteArray()), 7 << 3 | 2, .. Varint(headers.Sum(h => (long)h.Length + Elements) + rest.Length)]);
            foreach (var header in headers)
            {
                file.Write(header);
                file.Position += Elements - 1; // a hole, where the file system has such
                file.WriteByte(header == headers[0] ? (byte)7 : (byte)9);
            }
            file.Write(rest);
        }
        using var model = OnnxModel.Load(path);
        var network = OnnxImporter.Import(model);

        Assert.True(model.FileBytes > int.MaxValue);
        Assert.Equal([7, 9], network.Constants.Select(c => c.Constant!.ReadRows(Elements - 1, 1).Span<byte>()[0]));
    }

    [Fact]
    public void ATensorLongerThanAnyIsRefused()
    {
        var tensor = new TensorProto { Name = "w", DataType = (int)ElementType.Float32, Dims = { 1 << 30 } };
        byte[] header = [.. tensor.ToByteArray(), 9 << 3 | 2, .. Varint(4L << 30)];
        byte[] graph = [5 << 3 | 2, .. Varint(header.Length + (4L << 30)), .. header];
        byte[] start = [7 << 3 | 2, .. Varint(graph.Length + (4L << 30)), .. graph];
        var (read, data) = ModelReader.Read(new Prefix(start, start.Length + (4L << 30)));
        Assert.Equal(new EmbeddedData(start.Length, 4L << 30, IsRaw: true), data[read.Graph.Initializer.Single()]);
        Assert.Throws<ResourceLimitException>(() => new SourceConstant(new Prefix(start, 5L << 30), 0, OnnxTensors.TypeOf(tensor)));
    }

    [Fact]
    public void AModelIsPreservedWithWhatStaysInItsFile()
    {
        using var folder = new TemporaryFolder();
        var proto = Everywhere();
        string path = Path.Combine(folder.Path, "model.onnx");
        File.WriteAllBytes(path, proto.ToByteArray());
        using var model = OnnxModel.Load(path);
        Constant[] constants = [Constant.Of(Tensor.From<float>([Long], Values(Long)))];
        byte[] section = OnnxPreservation.Write(model, constants).ToArray();
        Assert.True(section.Length < File.ReadAllBytes(path).Length / 2);
        Assert.True(OnnxPreservation.GivesBack(model, section, constants));
        Assert.Equal(proto, ModelProto.Parser.ParseFrom(OnnxPreservation.Read(section, constants)));

        var other = Everywhere();
        other.Graph.Node[0].Attribute[0].T.Name = "other";
        using var changed = OnnxModel.Parse(other.ToByteArray(), "other.onnx");
        Assert.False(OnnxPreservation.GivesBack(changed, section, constants));
    }

    private const byte Fill = 0x5A;

    // Tensors in every place, of every form; a short one in each place too.
    private static ModelProto Everywhere()
    {
        var inner = new GraphProto { Initializer = { Raw("inner", Long), Raw("short", 2) } };
        var body = new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = inner }, new AttributeProto { Name = "graphs", Graphs = { inner, new GraphProto { Name = "short" } } } } };
        var constant = new NodeProto { OpType = "Constant", Attribute = { new AttributeProto { Name = "value", Type = AttributeType.Tensor, T = Raw("value", Long) } } };
        var model = Model(Raw("w", Long), Raw("v", 3),
            new TensorProto { Name = "floats", DataType = (int)ElementType.Float32, Dims = { Long }, FloatData = { Values(Long) } },
            new TensorProto { Name = "doubles", DataType = (int)ElementType.Float64, Dims = { Long }, DoubleData = { Values(Long).Select(v => (double)v) } },
            new TensorProto { Name = "integers", DataType = (int)ElementType.Int64, Dims = { Long }, Int64Data = { Enumerable.Range(0, Long).Select(v => (long)v) } });
        model.Graph.Node.Add([constant, body]);
        model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = Raw("sparse", Long), Dims = { Long } });
        model.Functions.Add(new FunctionProto { Name = "F", Node = { new NodeProto { OpType = "Constant", Attribute = { new AttributeProto { Name = "tensors", Tensors = { Raw("x", Long), Raw("short", 1) } } } } } });
        return model;
    }

    private static ModelProto Model(params TensorProto[] weights) => new()
    {
        IrVersion = 8,
        OpsetImport = { new OperatorSetIdProto { Version = 18 } },
        Graph = new GraphProto { Name = "model", Initializer = { weights }, Output = { weights.Select(w => new ValueInfoProto { Name = w.Name }) } },
    };

    private static TensorProto Raw(string name, int count) => new()
    {
        Name = name,
        DataType = (int)ElementType.Float32,
        Dims = { count },
        RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(Values(count)).ToArray()),
    };

    private static float[] Values(int count) => [.. Enumerable.Repeat(BitConverter.Int32BitsToSingle(Fill * 0x01010101), count)];

    private static byte[] InGraph(byte[] fields) => Field(7, fields);

    private static byte[] Field(int number, byte[] content) => [.. Varint(number << 3 | 2), .. Varint(content.Length), .. content];

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        for (; value >= 128; value >>= 7) bytes.Add((byte)(value | 128));
        return [.. bytes, (byte)value];
    }

    private static void AssertSame(byte[] bytes, bool mayRefuse = false)
    {
        ModelProto? expected = null;
        try
        {
            expected = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
        }
        if (expected?.Graph is null)
        {
            Assert.Throws<StrataFormatException>(() => OnnxModel.Parse(bytes, "model.onnx"));
            return;
        }
        try
        {
            using var model = OnnxModel.Parse(bytes, "model.onnx");
            Assert.Equal(expected, Whole(model));
        }
        catch (StrataFormatException) when (mayRefuse)
        {
        }
    }

    // The model's message with everything that stayed in the file; external data is left where it is.
    private static ModelProto Whole(OnnxModel model)
    {
        var whole = model.Proto.Clone();
        foreach (var ((original, _), (_, replace)) in OnnxTensors.All(model.Proto).Zip(OnnxTensors.All(whole)))
        {
            if (original.DataLocation != TensorProto.Types.DataLocation.External) replace(model.Whole(original));
        }
        return whole;
    }

    /// <summary>The first bytes of a source that would be long; nobody may read on.</summary>
    private sealed class Prefix(byte[] bytes, long length) : IByteSource
    {
        public string Name => "prefix";

        public long Length => length;

        public void Read(long offset, Span<byte> destination) => bytes.AsSpan((int)offset, (int)Math.Min(destination.Length, bytes.Length - offset)).CopyTo(destination);
    }
}
