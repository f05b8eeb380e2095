using System.Buffers.Binary;
using Strata.Bitstream;
using Strata.Bitstream.Syntax;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Bitstream;

/// <summary>Files made to do harm: each is refused for what it does, in time and memory in proportion to its length.</summary>
public class HostileFileTests
{
    [Fact]
    public void ANewerMinorVersionIsRefused()
    {
        var bytes = Golden("minimal-v1");
        bytes[10] = 3;
        Refuses("format version 1.3 is newer than 1.2", bytes);
    }

    [Theory]
    [InlineData(0, 64, "begins before byte 192")]
    [InlineData(1, 192, "begins before byte 277")]
    [InlineData(1, 300, "is not aligned to 64 bytes")]
    public void SectionsNeitherOverlapNorLieAskew(int entry, long offset, string reason)
    {
        var bytes = Golden("minimal-v1");
        BinaryPrimitives.WriteInt64LittleEndian(Entry(bytes, entry)[8..], offset);
        if (entry == 0) BinaryPrimitives.WriteInt64LittleEndian(Entry(bytes, entry)[16..], 222 - offset);
        Refuses(reason, bytes);
    }

    [Fact]
    public void TwoSectionsOfAKindAreRefused()
    {
        var builder = new NetworkBuilder("n");
        builder.Metadata = builder.Metadata.Add("key", "value");
        builder.Input("x", new TensorType(ElementType.Float32, []));
        var bytes = EncodedFile.Encode(builder.Build(), _ => new byte[] { 1 });
        var source = Entry(bytes, 3);
        BinaryPrimitives.WriteUInt16LittleEndian(source, (ushort)SectionKind.Metadata);
        Refuses("there are two sections of kind Metadata", bytes);
    }

    [Fact]
    public void AnAxisOfTheSmallestIntegerIsRefused()
    {
        var scale = Constant.Of(Tensor.Scalar(0.5f));
        var file = WithInput(new TensorType(ElementType.UInt8, [4], new Quantization(scale, null, Axis: 7, Group: 99)));
        foreach (long axis in new[] { 9, -9, long.MinValue, long.MaxValue }) Refuses("field 'axis'", Replace(file, [.. Signed(7), 99], [.. Signed(axis), 99]));
    }

    [Fact]
    public void QuantisationNestsTwice()
    {
        // Printing or comparing a type visits all parameters, each of which could have two more.
        Constant one = Constant.Of(Tensor.Scalar(0.5f)), two = one.WithQuantization(new Quantization(one, one)), three = two.WithQuantization(new Quantization(two, two));
        Assert.NotNull(EncodedFile.Decode(WithInput(new TensorType(ElementType.UInt8, [4], new Quantization(two, two)))));
        Assert.Contains("quantised themselves", Assert.Throws<StrataFormatException>(() => WithInput(new TensorType(ElementType.UInt8, [4], new Quantization(three, null)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ScalesOfEqualCodesAndOtherMeaningsStayApart()
    {
        Constant codes = Constant.Of(Tensor.Vector<byte>(1, 2)), scale = Constant.Of(Tensor.Scalar<byte>(7));
        Constant Of(float unit) => codes.WithQuantization(new(scale.WithQuantization(new(Constant.Of(Tensor.Scalar(unit)), null)), null));
        var builder = new NetworkBuilder("n");
        builder.Output("a", builder.Constant(Of(0.5f)));
        builder.Output("b", builder.Constant(Of(0.25f)));
        using var file = EncodedFile.Open(EncodedFile.Encode(builder.Build()));
        var units = file.Network.Outputs.Select(o => ((TensorType)o.Value.Type).Quantization!.Scale.Type.Quantization!.Scale.Materialize().Span<float>()[0]);
        Assert.Equal([0.5f, 0.25f], units);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void ADimensionIsNotNegative(long dim)
    {
        var file = WithInput(new TensorType(ElementType.Float32, [Dim.Symbol("N") + 77]));
        Refuses("a dimension is never negative", Replace(file, [5, .. Signed(1), 1, 3, .. Signed(77), 0], [3, .. Signed(dim), 0]));
    }

    [Fact]
    public void NamesAreUniqueAndThere()
    {
        Refuses("two values are called 'x'", Replace(Golden("minimal-v1"), [1, (byte)'y', 0, 1], [1, (byte)'x', 0, 1]));
        var unnamed = Replace(Golden("minimal-v1"), [4, (byte)'b', (byte)'i', (byte)'a', (byte)'s'], [0]);
        Refuses("a value has no name", unnamed);
    }

    [Fact]
    public void OnlyWhatCanBeAbsentIsAbsent()
    {
        var builder = new NetworkBuilder("n");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [2, 3]));
        builder.Output("y", builder.Add(new Softmax { Axis = 5 }, [x], [new OutputSpec("y", x.Type)], "").Outputs[0]!);
        var bytes = EncodedFile.EncodePlain(builder.Build());
        Refuses("field 'axis?'", Replace(bytes, [0, 1, .. Signed(5)], [0, 2]));
    }

    [Fact]
    public void NumbersHaveOneForm()
    {
        long value = 0;
        Assert.Contains("shortest", Assert.Throws<StrataFormatException>(() => new SyntaxReader(new byte[] { 5, 0 }, "x").Signed("v", ref value)).Message, StringComparison.Ordinal);
        foreach (long edge in new[] { 0, 1, -1, int.MaxValue, int.MinValue, 1L << 31, 1L << 32, long.MaxValue, long.MinValue })
        {
            var reader = new SyntaxReader(Signed(edge), "x");
            reader.Signed("v", ref value);
            reader.End();
            Assert.Equal(edge, value);
        }
    }

    // Each operand is one byte, and trailing omitted ones were once removed one by one.
    [Fact]
    public void AMillionOmittedOperandsTakeNoTime()
    {
        var builder = new NetworkBuilder("n");
        var operands = new Value?[1 << 20];
        builder.Add(new SequenceEmpty(), operands, [], "");
        Assert.Empty(builder.Layers[0].Inputs);
    }

    [Theory]
    [InlineData(30, 20, 5)]
    [InlineData(20, 32, 5)]
    public void FormulasCannotMultiplyTheLengthOfAFile(int name, int factors, int depth)
    {
        Dim formula = Dim.One, symbol = Dim.Symbol(new string('N', name));
        for (int i = 0; i < factors; i++) formula *= symbol;
        for (int i = 0; i < depth; i++) formula = Dim.FloorDiv(formula + 1, Dim.Symbol("M"));
        var builder = new NetworkBuilder("n");
        for (int i = 0; i < 400; i++) builder.Input($"{i}", new TensorType(ElementType.Float32, [formula]));
        Assert.Contains("weigh", Assert.Throws<ResourceLimitException>(() => EncodedFile.Encode(builder.Build())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StringsCountWhatTheyNeedInMemory()
    {
        var builder = new NetworkBuilder("n");
        builder.Output("s", builder.Constant(Tensor.FromStrings([1000], [.. Enumerable.Repeat("x", 1000)])));
        var bytes = EncodedFile.Encode(builder.Build());
        using var file = EncodedFile.Open(bytes, maxMemory: 30_000);
        Assert.Throws<ResourceLimitException>(() => file.Constants[0].Materialize());
        Assert.Throws<ResourceLimitException>(() => file.MaterializeAll());
        Assert.NotNull(EncodedFile.Decode(bytes, maxMemory: 40_000));
    }

    [Fact]
    public void OpeningNeedsNoDataForShapes()
    {
        var builder = new NetworkBuilder("n");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [64]));
        builder.Output("y", builder.Add(new Tile(), builder.Add(new Reshape(), x, builder.Constant(Tensor.Vector<long>(1, 1, 1, 1, 1, 1, 1, 64))), builder.Constant(Tensor.Vector<long>(1, 1, 1, 1, 1, 1, 1, 2))));
        builder.Output("z", builder.Constant(Tensor.Vector([.. Enumerable.Range(0, 64).Select(i => (long)i)])));
        using var file = EncodedFile.Open(EncodedFile.Encode(builder.Build()));
        Assert.All(file.Layers.Append(file.Header).SelectMany(l => l.Constants), c => Assert.True(c.IsInline));
    }

    [Theory]
    [InlineData(ConstantCoding.Auto)]
    [InlineData(ConstantCoding.Raw)]
    public void ALayerIsReadAloneWithTheParametersOfItsConstants(ConstantCoding coding)
    {
        var scale = Constant.Of(Tensor.Scalar(0.5f));
        var weights = Constant.Of(Tensor.Vector<byte>(1, 2, 3)).WithQuantization(new Quantization(scale, null));
        var builder = new NetworkBuilder("n");
        builder.Add(new Identity(), [builder.Constant(scale, "s")], [new OutputSpec("a")], "first");
        builder.Add(new Identity(), [builder.Constant(weights, "w")], [new OutputSpec("b", weights.Type)], "second");
        var bytes = EncodedFile.Encode(builder.Build(), coding: coding);
        var record = EncodedNetwork.ReadLayer(new MemoryByteSource(bytes), 1);
        Assert.Equal(weights.Type, record.Constants.Single().Constant.Type);
        Assert.Equal("second", record.Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => EncodedNetwork.ReadLayer(new MemoryByteSource(bytes), 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => EncodedNetwork.ReadLayer(new MemoryByteSource(bytes), int.MaxValue / 2));
    }

    // Types of every network, bodies within bodies, on the stack that a thread may have.
    [Fact]
    public void TheDeepestNestingFitsASmallStack()
    {
        Network network = Network.Empty;
        for (int depth = 0; depth < Limits.NestingDepth; depth++)
        {
            var builder = new NetworkBuilder($"n{depth}");
            var condition = builder.Input("c", new TensorType(ElementType.Bool, []));
            var value = builder.Input("v", new TensorType(ElementType.Float32, []));
            builder.Output("v", depth == 0 ? value : builder.Add(new If { Then = network, Else = network }, [condition, condition, value], [new OutputSpec("r")], "").Outputs[0]!);
            network = builder.Build();
            if (depth >= 8) break; // both branches double the file at each level
        }
        NetworkType type = new TensorType(ElementType.Float32, []);
        for (int depth = 0; depth < Limits.NestingDepth; depth++) type = new SequenceType(type);
        var outer = new NetworkBuilder("outer");
        outer.Input("x", type);
        foreach (var bytes in new[] { EncodedFile.Encode(network), EncodedFile.Encode(outer.Build()), EncodedFile.Encode(Loops(Limits.NestingDepth)) })
        {
            Exception? failure = null;
            var thread = new Thread(() => failure = Record.Exception(() => EncodedFile.Decode(bytes)), maxStackSize: 1 << 20);
            thread.Start();
            thread.Join();
            Assert.Null(failure);
        }
        Assert.Throws<StrataFormatException>(() => EncodedFile.Encode(Loops(Limits.NestingDepth + 1)));
    }

    private static Network Loops(int depth)
    {
        Network? body = null;
        for (int i = 0; i <= depth; i++)
        {
            var builder = new NetworkBuilder("loop");
            builder.Input("i", new TensorType(ElementType.Int64, []));
            var goOn = builder.Input("go_on", new TensorType(ElementType.Bool, []));
            var state = builder.Input("state", new TensorType(ElementType.Float32, []));
            var next = body is null ? state : builder.Add(new Loop { Body = body }, [null, goOn, state], [new OutputSpec("next")], "").Outputs[0]!;
            builder.Output("go_on", goOn);
            builder.Output("next", next);
            body = builder.Build();
        }
        return body!;
    }

    private static void Refuses(string reason, byte[] bytes)
    {
        var error = Assert.ThrowsAny<StrataException>(() => EncodedFile.Decode(EncodedFile.Reseal(bytes)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Golden(string name) => File.ReadAllBytes(GoldenNetworks.PathOf(name));

    private static byte[] WithInput(NetworkType type)
    {
        var builder = new NetworkBuilder("n");
        builder.Input("x", type);
        return EncodedFile.EncodePlain(builder.Build());
    }

    private static Span<byte> Entry(byte[] file, int index) => file.AsSpan(Prologue.Size + index * DirectoryEntry.Size, DirectoryEntry.Size);

    private static byte[] Signed(long value)
    {
        var writer = new SyntaxWriter();
        writer.Signed("value", ref value);
        return writer.Written.ToArray();
    }

    // Replaces bytes of the last header; padding behind it takes up the difference.
    private static byte[] Replace(byte[] file, byte[] old, byte[] replacement)
    {
        int headers = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(12)) - 2;
        var entry = Entry(file, headers);
        int start = (int)BinaryPrimitives.ReadInt64LittleEndian(entry[8..]), length = (int)BinaryPrimitives.ReadInt64LittleEndian(entry[16..]);
        int at = file.AsSpan(start, length).IndexOf(old);
        Assert.True(at >= 0);
        byte[] header = [.. file[start..(start + at)], .. replacement, .. file[(start + at + old.Length)..(start + length)]];
        byte[] result = (byte[])file.Clone();
        result.AsSpan(start, length).Clear();
        header.CopyTo(result, start);
        BinaryPrimitives.WriteInt64LittleEndian(Entry(result, headers)[16..], header.Length);
        return result;
    }
}
