using Strata.Networks;
using Strata.Networks.Text;

namespace Strata.Tests.Networks;

public class NetworkComparerTests
{
    private const string Text = """
        network "n" {
          metadata "k" = "v"
          input %c : bool[]
          input %x : f32[N]
          const %w : f32[2] = [0x7fc00000, -0]
          const %q : i8<axis=0, scale=f32[2] [1, 2]>[2] = [1, 2]
          %y : f32[N] = add(%x, %w) "first"
          %z : f32[N] = everything(%y, _, %x) {float = 0x7fc00000, tensor = f32[2] [1, 2]}
          %b : f32[N] = if(%c, %x) {
            then_branch = network "t" {
              input %x : f32[N]
              %y : f32[N] = add(%x, %x)
              output "o" = %y
            }
          }
          constrain N == 2*M : "reason"
          output "z" = %z
          output "q" = %q
        }
        """;

    public static TheoryData<string, string, string> Changes => new()
    {
        { "network \"n\"", "network \"m\"", "name: \"n\" against \"m\"" },
        { "\"k\" = \"v\"", "\"k\" = \"w\"", "metadata \"k\": \"v\" against \"w\"" },
        { "metadata \"k\" = \"v\"", "", "metadata \"k\": \"v\" against none" },
        { "%x : f32[N]", "%x : f32[M]", "type of input 1 \"x\": f32[N] against f32[M]" },
        { "input %c : bool[]\n", "input %c : bool[]\ninput %d : bool[]\n", "name of input 1: \"x\" against \"d\"" },
        { "input %c : bool[]\n  input %x : f32[N]", "input %x : f32[N]\ninput %c : bool[]\n", "name of input 0: \"c\" against \"x\"" },
        { "[0x7fc00000, -0]", "[0x7fc00001, -0]", "constant 0 \"w\": [0x7fc00000, -0] against [0x7fc00001, -0]" },
        { "[0x7fc00000, -0]", "[0x7fc00000, 0]", "constant 0 \"w\": [0x7fc00000, -0] against [0x7fc00000, 0]" },
        { "scale=f32[2] [1, 2]", "scale=f32[2] [1, 3]", "type of constant 1 \"q\": i8<axis=0, scale=f32[2] [1, 2]>[2] against i8<axis=0, scale=f32[2] [1, 3]>[2]" },
        { "\"first\"", "\"second\"", "name of layer 0: \"first\" against \"second\"" },
        { "add(%x, %w)", "concat(%x, %w)", "operator of layer 0 \"first\": Add against Concat" },
        { "add(%x, %w)", "add(%w, %x)", "layer 0 \"first\" (Add): operand 0: %x against %w" },
        { "(%y, _, %x)", "(%y, %x, %x)", "layer 1 \"\" (Everything): operand 1: _ against %x" },
        { "(%y, _, %x)", "(%y)", "number of operands of layer 1 \"\" (Everything): 3 against 1" },
        { "float = 0x7fc00000", "float = 0x7fc00001", "layer 1 \"\" (Everything): attribute float: 0x7fc00000 against 0x7fc00001" },
        { "tensor = f32[2] [1, 2]", "tensor = f32[1, 2] [1, 2]", "layer 1 \"\" (Everything): attribute tensor: f32[2] [1, 2] against f32[1, 2] [1, 2]" },
        { "output \"o\" = %y", "output \"o\" = %x", "layer 2 \"\" (If): body 0: output 0: %y against %x" },
        { "2*M", "3*M", "constraint 0: N == 2*M : \"reason\" against N == 3*M : \"reason\"" },
        { "constrain N == 2*M : \"reason\"", "", "number of constraints: 1 against 0" },
        { "output \"z\"", "output \"y\"", "name of output 0: \"z\" against \"y\"" },
        { "output \"z\" = %z", "output \"z\" = %y", "output 0: %z against %y" },
        { "%z : f32[N] = ", "%z : f32[N], _ = ", "number of outputs of layer 1 \"\" (Everything): 1 against 2" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void NamesTheFirstDifference(string part, string replacement, string difference)
    {
        Assert.Contains(part, Text, StringComparison.Ordinal);
        int at = Text.IndexOf(part, StringComparison.Ordinal);
        var changed = Parse(Text.Remove(at, part.Length).Insert(at, replacement));

        Assert.Equal($"network \"n\": {difference}", NetworkComparer.FirstDifference(Parse(Text), changed));
        Assert.NotNull(NetworkComparer.FirstDifference(changed, Parse(Text)));
    }

    [Fact]
    public void EqualNetworksDifferInNothing()
    {
        Assert.True(NetworkComparer.AreEqual(Parse(Text), Parse(Text)));
        foreach (var (name, network) in SampleNetworks.All)
            Assert.Null(NetworkComparer.FirstDifference(network, SampleNetworks.All.Single(s => s.Name == name).Network));
    }

    [Fact]
    public void LargeConstantsAreComparedByContent()
    {
        const string Large = "network \"n\" { const %w : f32[100] = @0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef output \"w\" = %w }";
        var first = NetworkParser.Parse(Large, SampleNetworks.Operators, new() { FillSeed = 1 });
        var second = NetworkParser.Parse(Large, SampleNetworks.Operators, new() { FillSeed = 2 });
        Assert.Null(NetworkComparer.FirstDifference(first, NetworkParser.Parse(Large, SampleNetworks.Operators, new() { FillSeed = 1 })));
        Assert.StartsWith("network \"n\": constant 0 \"w\": @", NetworkComparer.FirstDifference(first, second), StringComparison.Ordinal);
    }

    private static Network Parse(string text) => NetworkParser.Parse(text, SampleNetworks.Operators);
}
