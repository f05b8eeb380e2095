using System.Text.RegularExpressions;
using Strata.Compiler.Fidelity;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;

namespace Strata.Tests.Fidelity;

public class NetworkDiffTests
{
    private const string Text = """
        network "n" {
          metadata "k" = "v"
          input %c : bool[]
          input %x : f32[N, 2]
          const %w : f32[2, 2] = [1, 2, 3, 4]
          const %b : f32[2] = [0.5, -0.5]
          %p : f32[N, 2] = matmul(%x, %w) "product"
          %s : f32[N, 2] = add(%p, %b) "sum"
          %r : f32[N, 2] = relu(%s) "activation"
          %t : f32[2, N] = transpose(%r) {perm = [1, 0]} "turn"
          %i : f32[N, 2] = if(%c, %p) {
            then_branch = network "t" {
              input %a : f32[N, 2]
              %y : f32[N, 2] = add(%a, %a)
              output "o" = %y
            },
            else_branch = network "e" {
              input %a : f32[N, 2]
              %y : f32[N, 2] = mul(%a, %a)
              output "o" = %y
            }
          } "choice"
          output "t" = %t
          output "i" = %i
        }
        """;

    [Fact]
    public void IdenticalNetworksDifferInNothing()
    {
        var diff = Diff(Text);
        Assert.True(diff.IsIdentical && diff.IsSameComputation);
        Assert.All(diff.Layers, l => Assert.True(l.IsSame && !l.IsRenamed));
        Assert.Equal((2, 0, 0), (diff.SharedConstants, diff.ConstantsOnlyInFirst, diff.ConstantsOnlyInSecond));
    }

    [Fact]
    public void OtherNamesEverywhereAreTheSameComputation()
    {
        string renamed = Regex.Replace(Regex.Replace(Text, "%([a-z])", "%$1_2"), "\"([a-z]+)\"", "\"$1 too\"");
        var diff = Diff(renamed);
        Assert.True(diff.IsSameComputation);
        Assert.False(diff.IsIdentical);
        Assert.All(diff.Layers, l => Assert.True(l.IsSame && l.IsRenamed));
        Assert.Equal(["0 c : bool[] → 0 c_2 : bool[]", "1 x : f32[N, 2] → 1 x_2 : f32[N, 2]"], diff.Inputs.Select(d => $"{d.First} → {d.Second}"));
        Assert.Equal(2, diff.Outputs.Count);
        Assert.Equal(["k", "k too"], diff.Metadata.Select(d => d.What));
    }

    [Fact]
    public void AnotherOrderIsTheSameComputation()
    {
        string relu = Line("%r"), product = Line("%p");
        int choice = Text.IndexOf("  %i :", StringComparison.Ordinal);
        string choiceText = Text[choice..Text.IndexOf("  output \"t\"", StringComparison.Ordinal)];
        string moved = Text.Replace(choiceText, "", StringComparison.Ordinal).Replace(product, product + choiceText, StringComparison.Ordinal);
        Assert.Contains(relu, moved);
        var diff = Diff(moved);
        Assert.True(diff.IsSameComputation);
        Assert.False(diff.IsIdentical);
    }

    [Fact]
    public void AChangedWeightIsMeasuredAndChangesItsLayerOnly()
    {
        var diff = Diff(Text.Replace("[1, 2, 3, 4]", "[1, 2, 3, 5]", StringComparison.Ordinal));
        var layer = Assert.Single(diff.Layers, l => !l.IsSame);
        Assert.Equal(("product", "product"), (layer.First!.Name, layer.Second!.Name));
        Assert.Empty(layer.Changes);
        var metrics = Assert.Single(layer.Constants).Measure();
        Assert.Equal((1.0, 0.25), (metrics.MaxError, metrics.RelativeError));
        Assert.Equal(10 * Math.Log10(30), metrics.SnrDb!.Value, 12);
        Assert.False(diff.IsSameComputation);
        Assert.Equal((1, 1, 1), (diff.SharedConstants, diff.ConstantsOnlyInFirst, diff.ConstantsOnlyInSecond));
    }

    [Theory]
    [InlineData("add(%p, %b) \"sum\"", "sub(%p, %b) \"sum\"", "sum", "operator: Add → Sub")]
    [InlineData("matmul(%x, %w)", "matmul(%p0, %w)", "product", "operand 0: %x : f32[N, 2] → %p0 : f32[N, 2]")]
    [InlineData("add(%a, %a)", "sub(%a, %a)", "choice", "nested network: \"t\" → network \"t\": operator of layer 0 \"\": Add against Sub")]
    [InlineData("f32[2] = [0.5, -0.5]", "f32[1] = [0.5]", "sum", "operand 1: constant %b : f32[2] → constant %b : f32[1]")]
    public void AChangedLayerSaysWhatChanged(string part, string replacement, string layer, string change)
    {
        Assert.Contains(part, Text);
        string changed = Text.Replace(part, replacement, StringComparison.Ordinal);
        if (replacement.Contains("%p0", StringComparison.Ordinal)) changed = changed.Replace(Line("%p").Replace(part, replacement, StringComparison.Ordinal), "  %p0 : f32[N, 2] = neg(%x) \"new\"\n" + Line("%p").Replace(part, replacement, StringComparison.Ordinal), StringComparison.Ordinal);
        var diff = Diff(changed);
        var found = Assert.Single(diff.Layers, l => l.First is not null && !l.IsSame);
        Assert.Equal(layer, found.First!.Name);
        var only = Assert.Single(found.Changes);
        Assert.Equal(change, $"{only.What}: {only.First} → {only.Second}");
    }

    [Fact]
    public void AnAttributeIsNamed()
    {
        var diff = NetworkDiff.Of(Parse("network \"n\" { input %x : f32[2, 2] %y : f32[2, 2] = transpose(%x) {perm = [1, 0]} output \"y\" = %y }"),
            Parse("network \"n\" { input %x : f32[2, 2] %y : f32[2, 2] = transpose(%x) {perm = [0, 1]} output \"y\" = %y }"));
        Assert.Equal(new Difference("perm", "[1, 0]", "[0, 1]"), Assert.Single(Assert.Single(diff.Layers).Changes));
    }

    /// <summary>Exporters number their names; one layer more must not look like a new network.</summary>
    [Fact]
    public void AnInsertedLayerIsFoundThoughAllNamesAfterItAreShifted()
    {
        string Chain(params string[] operators) => $"network \"n\" {{ input %v0 : f32[4]\n{string.Concat(operators.Select((op, i) => $"%v{i + 1} : f32[4] = {op}(%v{i}) \"{i + 1}\"\n"))} output \"y\" = %v{operators.Length} }}";
        var diff = NetworkDiff.Of(Parse(Chain("relu", "exp", "neg", "abs")), Parse(Chain("relu", "exp", "tanh", "neg", "abs")));
        Assert.Equal("tanh", Assert.Single(diff.Layers, l => l.First is null).Second!.Operator.ToString().ToLowerInvariant());
        Assert.DoesNotContain(diff.Layers, l => l.Second is null);
    }

    [Fact]
    public void ExchangedNamesDoNotDeceive()
    {
        string swapped = Text.Replace("\"product\"", "\"?\"", StringComparison.Ordinal).Replace("\"activation\"", "\"product\"", StringComparison.Ordinal).Replace("\"?\"", "\"activation\"", StringComparison.Ordinal);
        Assert.True(Diff(swapped).IsSameComputation);
    }

    [Fact]
    public void PortsThatOneSideLacksAreListed()
    {
        var diff = Diff(Text.Replace("  output \"i\" = %i\n", "", StringComparison.Ordinal));
        Assert.Equal(new Difference("output", "1 i : f32[N, 2]", null), Assert.Single(diff.Outputs));
        Assert.False(diff.IsSameComputation);
    }

    private static string Line(string start) => Text.Split('\n').Single(l => l.StartsWith($"  {start} :", StringComparison.Ordinal)) + "\n";

    private static NetworkDiff Diff(string second) => NetworkDiff.Of(Parse(Text), Parse(second));

    private static Network Parse(string text) => NetworkParser.Parse(text, OperatorCatalog.Standard);
}
