using Strata.Tests.Support;

namespace Strata.Tests.Passes;

/// <summary>The rule that docs/passes.md shows compiles, works, and is the text shown.</summary>
public class OwnPassSampleTests() : RuleTest(new MergeRelus())
{
    protected override string Firing => """
        input %x : f32[N]
        %a = relu(%x)
        %b = relu(%a)
        output "b" = %b
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        """
        input %x : f32[N]
        %a = relu(%x)
        %b = neg(%a)
        %c = relu(%b)
        output "c" = %c
        """,
    ];

    [Fact]
    public void Fires() => Assert.Contains("""
        after
        network "test" {
          input %x : f32[N]
          %a : f32[N] = relu(%x)
          output "b" = %a
        }
        """, BeforeAndAfter(), StringComparison.Ordinal);

    [Fact]
    public void TheDocumentShowsThisVeryCode()
    {
        string source = File.ReadAllText(Path.Combine(Repository.Tests, "Passes", "OwnPassSample.cs"));
        string sample = source["#region sample\n".Length..source.IndexOf("#endregion", StringComparison.Ordinal)];
        Assert.Contains($"```csharp\n{sample}```\n", File.ReadAllText(Path.Combine(Repository.Root, "docs", "passes.md")), StringComparison.Ordinal);
    }
}
