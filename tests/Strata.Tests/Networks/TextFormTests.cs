using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Support;
using VerifyXunit;

namespace Strata.Tests.Networks;

public class TextFormTests
{
    public static TheoryData<string> Samples => [.. SampleNetworks.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void PrintedNetworksReadBackEqual(string name)
    {
        var network = Sample(name);
        string text = Print(network);

        var read = NetworkParser.Parse(text, SampleNetworks.Operators, new() { Constants = ConstantStore.Of(network).Find });

        Assert.Null(NetworkComparer.FirstDifference(network, read));
        Assert.Equal(text, Print(read));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public Task PrintsAs(string name) => Verifier.Verify(Print(Sample(name))).UseParameters(name);

    /// <summary>Every model that is here and imports.</summary>
    [FactRequiring(TestSource.TestData)]
    public void ImportedModelsReadBackEqual()
    {
        int imported = 0;
        foreach (string file in TestData.ModelFiles(TestSource.TestData | TestSource.Shared))
        {
            using var model = OnnxModel.Load(file);
            Network network;
            try
            {
                network = OnnxImporter.Import(model);
            }
            catch (StrataException)
            {
                continue;
            }
            imported++;
            string text = network.ToText(OperatorCatalog.Standard, new() { Statistics = false });
            var read = NetworkParser.Parse(text, OperatorCatalog.Standard, new() { Constants = ConstantStore.Of(network).Find });
            string? difference = NetworkComparer.FirstDifference(network, read);
            Assert.True(difference is null, $"{file}: {difference}");
        }
        Assert.NotEqual(0, imported);
    }

    [Fact]
    public void OmittedTypesAreInferred()
    {
        var network = Parse("""
            network "n" {
              input %x : f32[N, 4, 8]
              const %w : f32[2, 4, 1] = [1, 2, 3, 4, 5, 6, 7, 8]
              %y = conv(%x, %w) {strides = [2]}
              output "y" = %y
            }
            """);
        Assert.Equal("f32[N, 2, 4]", network.Outputs[0].Value.Type.ToString());
        NetworkVerifier.Verify(network);
    }

    [Fact]
    public void LayoutAndOrderAreFree()
    {
        var network = Parse("network\"n\"{input%x :f32[N]output\"o\"=%x // comment\n const%c :f32[2]=[1,\t2]%y=add(%x,%c)output\"y\"=%y metadata\"k\"=\"v\"}//");
        Assert.Equal("""
            network "n" {
              metadata "k" = "v"
              input %x : f32[N]
              const %c : f32[2] = [1, 2]
              %y : f32[2] = add(%x, %c)
              output "o" = %x
              output "y" = %y
            }

            """, Print(network));
    }

    [Fact]
    public void UnresolvedConstantsAreFilledOnlyWhenAskedTo()
    {
        const string Hash = "@0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        string text = $"network \"n\" {{ {string.Concat(ElementTypes.All.Select(t => $"const %{t.Name()} : {t.Name()}[9, 9] = {Hash} output \"{t.Name()}\" = %{t.Name()} "))} }}";
        Assert.Throws<StrataFormatException>(() => Parse(text));
        Network one = Filled(1), same = Filled(1), other = Filled(2);
        Assert.Null(NetworkComparer.FirstDifference(one, same));
        for (int i = 0; i < one.Constants.Length; i++) Assert.False(NetworkComparer.SameContent(one.Constants[i].Constant!, other.Constants[i].Constant!), one.Constants[i].Name);
        Assert.All(one.Constants.Single(c => c.Name == "f32").Constant!.Materialize().ToDoubles(), v => Assert.InRange(v, -1, 1));

        Network Filled(ulong seed) => NetworkParser.Parse(text, SampleNetworks.Operators, new() { FillSeed = seed });
    }

    [Fact]
    public void AResolvedConstantHasTheDeclaredType()
    {
        var constant = Constant.Of(SampleNetworks.Ramp(10, 10));
        string text = $"network \"n\" {{ const %w : f32[100] = @{constant.Hash} output \"w\" = %w }}";
        var error = Assert.Throws<StrataFormatException>(() => NetworkParser.Parse(text, SampleNetworks.Operators, new() { Constants = _ => constant }));
        Assert.Equal($"line 1, column 37: the constant @{constant.Hash} is f32[10, 10], expected f32[100]", error.Message);
    }

    [Fact]
    public void StatisticsCanBeLeftOut()
    {
        var network = Sample("classifier");
        string text = network.ToText(SampleNetworks.Operators, new() { Statistics = false });
        Assert.DoesNotContain("//", text, StringComparison.Ordinal);
        Assert.Contains(" // min -2, max 15.88, mean 6.938\n", Print(network), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("f32[]")]
    [InlineData("f32[*]")]
    [InlineData("seq(map(str, optional(i4<axis=1, group=32, scale=f16[1] [0.5], zero_point=i4[1] [-8]>[2*N, 64])))")]
    public void TypesReadBack(string text) => Assert.Equal(text, NetworkParser.ParseType(text).ToString());

    [Fact]
    public void TextIsTheSameInEveryCulture()
    {
        var culture = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            string expected = Print(Sample("elements"));
            System.Globalization.CultureInfo.CurrentCulture = new("") { NumberFormat = new() { NegativeSign = "~", NumberDecimalSeparator = ",", PositiveSign = "p" } };
            Assert.Equal(expected, Print(Sample("elements")));
            PrintedNetworksReadBackEqual("elements");
            PrintedNetworksReadBackEqual("types");
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = culture;
        }
    }

    private static Network Parse(string text) => NetworkParser.Parse(text, SampleNetworks.Operators);

    private static Network Sample(string name) => SampleNetworks.All.Single(s => s.Name == name).Network;

    private static string Print(Network network) => network.ToText(SampleNetworks.Operators);
}
