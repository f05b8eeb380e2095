using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Tests.Support;

namespace Strata.Tests.Frontend;

/// <summary>The schema of <c>onnx.proto</c> is complete: nothing a real file holds is unknown to it, and nothing is lost.</summary>
public class OnnxProtoTests
{
    private static readonly MessageParser<ModelProto> s_withoutUnknown = ModelProto.Parser.WithDiscardUnknownFields(true);

    [FactRequiring(TestSource.TestData)]
    public void EveryBackendTestModelRoundTrips() => AssertRoundTrips(TestSource.TestData, atLeast: 1000);

    [FactRequiring(TestSource.Shared)]
    public void EverySharedModelRoundTrips() => AssertRoundTrips(TestSource.Shared, atLeast: 25);

    [Fact]
    public void AnUnknownFieldIsNoticed()
    {
        // Field 1000, varint 1, after an empty model: what a newer ONNX might write.
        byte[] bytes = [0xC0, 0x3E, 0x01];
        Assert.NotEqual(s_withoutUnknown.ParseFrom(bytes), ModelProto.Parser.ParseFrom(bytes));
    }

    [Fact]
    public void PresenceSurvives()
    {
        var model = new ModelProto { ModelVersion = 0, DocString = "" };
        ModelProto back = ModelProto.Parser.ParseFrom(model.ToByteArray());
        Assert.True(back.HasModelVersion);
        Assert.True(back.HasDocString);
        Assert.False(back.HasDomain);
    }

    private static void AssertRoundTrips(TestSource source, int atLeast)
    {
        int count = 0;
        foreach (string file in TestData.ModelFiles(source))
        {
            byte[] bytes = File.ReadAllBytes(file);
            ModelProto model = ModelProto.Parser.ParseFrom(bytes);
            Assert.True(model.Equals(s_withoutUnknown.ParseFrom(bytes)), $"{file}: holds a field that onnx.proto does not know");

            byte[] written = model.ToByteArray();
            ModelProto back = ModelProto.Parser.ParseFrom(written);
            Assert.True(model.Equals(back), $"{file}: is not the same after a round trip");
            Assert.True(written.AsSpan().SequenceEqual(back.ToByteArray()), $"{file}: a second round trip gives other bytes");
            count++;
        }

        Assert.InRange(count, atLeast, int.MaxValue);
    }
}
