using Strata.Networks;
using Strata.Networks.Text;
using Strata.Tensors;
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

    private static Network Sample(string name) => SampleNetworks.All.Single(s => s.Name == name).Network;

    private static string Print(Network network) => network.ToText(SampleNetworks.Operators);
}
