using System.Diagnostics;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;
using Strata.Tests.Support;

namespace Strata.Tests.Frontend;

/// <summary>External data is read from regular files inside the model's folder, from the stated range and only when needed.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private const int Elements = 4;

    private readonly TemporaryFolder folder = new();

    public ExternalDataTests()
    {
        Directory.CreateDirectory(Inside("parts"));
        File.WriteAllBytes(Inside("w.bin"), Bytes(0, 16));
        File.WriteAllBytes(Inside("parts/w.bin"), Bytes(100, 4));
        File.WriteAllBytes(Path.Combine(folder.Path, "outside.bin"), Bytes(200, 4));
        Directory.CreateDirectory(Path.Combine(folder.Path, "other"));
        File.WriteAllBytes(Path.Combine(folder.Path, "other", "w.bin"), Bytes(300, 4));
    }

    public static TheoryData<string> Escapes =>
    [
        "", ".", "..", "../outside.bin", "./../outside.bin", "parts/../../outside.bin", "parts/..", "parts/../w.bin", "..\\outside.bin", "parts\\..\\..\\outside.bin",
        "/etc/hostname", "\\w.bin", "//server/share/w.bin", "\\\\server\\share\\w.bin", "C:\\w.bin", "C:w.bin", "c:/w.bin", "w.bin:stream", "file:///etc/hostname",
        "https://example.com/w.bin", "w.bin\0", "\0", "parts", "parts/", "missing.bin", "missing/w.bin", "w.bin/w.bin",
    ];

    [Theory]
    [MemberData(nameof(Escapes))]
    public void ALocationThatIsNoFileInsideTheFolderIsRefused(string location) => Refused(("location", location));

    [Theory]
    [InlineData("offset", "-1")]
    [InlineData("offset", "+1")]
    [InlineData("offset", " 1")]
    [InlineData("offset", "")]
    [InlineData("offset", "0x10")]
    [InlineData("offset", "1.5")]
    [InlineData("offset", "many")]
    [InlineData("offset", "49")]
    [InlineData("offset", "64")]
    [InlineData("offset", "9223372036854775807")]
    [InlineData("offset", "9223372036854775808")]
    [InlineData("length", "-16")]
    [InlineData("length", "many")]
    [InlineData("length", "0")]
    [InlineData("length", "15")]
    [InlineData("length", "17")]
    [InlineData("length", "18446744073709551616")]
    public void ARangeThatIsNotTheTensorsIsRefused(string key, string value) => Refused(("location", "w.bin"), (key, value));

    [Fact]
    public void ALocationIsNeededAndNoUnknownKeyIsAllowed()
    {
        Refused(("offset", "0"));
        Refused(("size", "16"));
    }

    [Fact]
    public void LinksAreRefused()
    {
        File.CreateSymbolicLink(Inside("link.bin"), Path.Combine(folder.Path, "outside.bin"));
        File.CreateSymbolicLink(Inside("inner.bin"), Inside("w.bin"));
        File.CreateSymbolicLink(Inside("broken.bin"), Inside("nothing.bin"));
        Directory.CreateSymbolicLink(Inside("linked"), Path.Combine(folder.Path, "other"));
        Directory.CreateSymbolicLink(Inside("parts/up"), folder.Path);
        foreach (string location in (string[])["link.bin", "inner.bin", "broken.bin", "linked/w.bin", "parts/up/outside.bin"]) Refused(("location", location));
    }

    [LinuxFact]
    public void HardLinksAndPipesAreRefused()
    {
        Shell("ln", Path.Combine(folder.Path, "outside.bin"), Inside("hard.bin"));
        Shell("mkfifo", Inside("pipe.bin"));
        Refused(("location", "hard.bin"));
        Refused(("location", "pipe.bin"));
    }

    [Fact]
    public void AModelWithoutAFolderHasNoExternalData()
    {
        byte[] model = Model([Weight("w", ("location", "w.bin"))]).ToByteArray();
        Assert.Throws<StrataFormatException>(() => OnnxImporter.Import(OnnxModel.Parse(model, "model.onnx")));
    }

    [Fact]
    public void SeveralTensorsLieInOneFileAndInSubfolders()
    {
        var model = Model([Weight("a", ("location", "w.bin")), Weight("b", ("location", "w.bin"), ("offset", "16"), ("length", "16"), ("checksum", "0")),
            Weight("c", ("location", "w.bin"), ("offset", "48")), Weight("d", ("location", "./parts/w.bin"))]);
        using var loaded = Load(model);
        var constants = OnnxImporter.Import(loaded).Constants;

        Assert.Equal([0f, 4f, 12f, 100f], constants.Select(c => c.Constant!.Materialize().Span<float>()[0]));
        Assert.All(constants, c => Assert.IsType<SourceConstant>(c.Constant));
        Assert.Equal(File.ReadAllBytes(Inside("model.onnx")).Length + 64 + 16, loaded.FileBytes);
    }

    [Fact]
    public void DataIsReadWhenItIsNeeded()
    {
        using var loaded = Load(Model([Weight("w", ("location", "w.bin"))]));
        var constant = OnnxImporter.Import(loaded).Constants.Single().Constant!;
        File.WriteAllBytes(Inside("w.bin"), Bytes(1000, 16)); // after the import
        Assert.Equal(1000f, constant.Materialize().Span<float>()[0]);
    }

    [Fact]
    public void AFileThatShrinksIsATypedError()
    {
        using var loaded = Load(Model([Weight("w", ("location", "w.bin"), ("offset", "32"))]));
        var constant = OnnxImporter.Import(loaded).Constants.Single().Constant!;
        using (var file = new FileStream(Inside("w.bin"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(40);
        Assert.Throws<StrataFormatException>(() => constant.Materialize());
    }

    public void Dispose() => folder.Dispose();

    private string Inside(string name)
    {
        string inside = Path.Combine(folder.Path, "model");
        Directory.CreateDirectory(inside);
        return Path.Combine(inside, name);
    }

    private void Refused(params (string Key, string Value)[] entries)
    {
        using var loaded = Load(Model([Weight("w", entries)]));
        var error = Assert.Throws<StrataFormatException>(() => OnnxImporter.Import(loaded));
        if (entries.Length > 1) Assert.Contains(entries[1].Value.Trim(), error.Message, StringComparison.Ordinal);
    }

    private OnnxModel Load(ModelProto model)
    {
        File.WriteAllBytes(Inside("model.onnx"), model.ToByteArray());
        return OnnxModel.Load(Inside("model.onnx"));
    }

    // Every weight is an output.
    private static ModelProto Model(TensorProto[] weights)
    {
        var graph = new GraphProto { Name = "external" };
        foreach (var weight in weights)
        {
            graph.Initializer.Add(weight);
            graph.Output.Add(new ValueInfoProto { Name = weight.Name });
        }
        return new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 18 } }, Graph = graph };
    }

    private static TensorProto Weight(string name, params (string Key, string Value)[] entries)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)ElementType.Float32, Dims = { Elements }, DataLocation = TensorProto.Types.DataLocation.External };
        foreach (var (key, value) in entries) tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        return tensor;
    }

    private static byte[] Bytes(int first, int count) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>([.. Enumerable.Range(first, count).Select(i => (float)i)]).ToArray();

    private static void Shell(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
