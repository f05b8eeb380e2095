using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Tests.Frontend;

/// <summary>A source section may be forged: whatever stands in it, it is a model or a typed error.</summary>
public class OnnxPreservationTests
{
    private static readonly Constant[] Constants = [Constant.Of(Tensor.From<float>([2], [1, 2])), Constant.Of(Tensor.FromStrings([1], ["a"]))];

    [Theory]
    [InlineData("raw 0", ElementType.Float32, 2, true)]
    [InlineData("typed 0", ElementType.Float32, 2, true)]
    [InlineData("typed 1", ElementType.String, 1, true)]
    [InlineData("raw 1", ElementType.String, 1, false)]
    [InlineData("raw 2", ElementType.Float32, 2, false)]
    [InlineData("raw -1", ElementType.Float32, 2, false)]
    [InlineData("raw 4294967296", ElementType.Float32, 2, false)]
    [InlineData("raw", ElementType.Float32, 2, false)]
    [InlineData("cooked 0", ElementType.Float32, 2, false)]
    [InlineData("raw 0", ElementType.Int32, 2, false)]
    [InlineData("raw 0", ElementType.Float32, 3, false)]
    [InlineData("raw 0", ElementType.Float32, -2, false)]
    public void ReferencesAreChecked(string reference, ElementType type, int count, bool valid)
    {
        var tensor = new TensorProto { Name = "w", DataType = (int)type, Dims = { count }, ExternalData = { new StringStringEntryProto { Key = "strata.constant", Value = reference } } };
        byte[] section = new ModelProto { Graph = new GraphProto { Initializer = { tensor } } }.ToByteArray();
        if (valid) Assert.Empty(ModelProto.Parser.ParseFrom(OnnxPreservation.Read(section, Constants)).Graph.Initializer[0].ExternalData);
        else Assert.Throws<StrataFormatException>(() => OnnxPreservation.Read(section, Constants));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 8, 8 })]
    [InlineData(new byte[] { 255, 255, 255 })]
    public void ASectionThatIsNoModelIsRefused(byte[] section) => Assert.Throws<StrataFormatException>(() => OnnxPreservation.Read(section, Constants));

    [Fact]
    public void AModelLargerThanAMessageIsRefusedBeforeAnythingIsRead()
    {
        var tensor = new TensorProto { Name = "w", DataType = (int)ElementType.UInt8, Dims = { Array.MaxLength }, ExternalData = { new StringStringEntryProto { Key = "strata.constant", Value = "raw 0" } } };
        byte[] section = new ModelProto { Graph = new GraphProto { Initializer = { tensor } } }.ToByteArray();
        Assert.Throws<ResourceLimitException>(() => OnnxPreservation.Read(section, [new Unreadable()]));
    }

    private sealed class Unreadable() : Constant(new TensorType(ElementType.UInt8, [Array.MaxLength]))
    {
        protected override Tensor Load() => throw new InvalidOperationException("nobody may read it");
    }
}
