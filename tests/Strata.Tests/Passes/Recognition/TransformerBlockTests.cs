using Strata.Compiler.Pipeline;
using Strata.Operators;
using Strata.Passes;

namespace Strata.Tests.Passes;

/// <summary>The passes together recognise what exporters make of parts of transformers.</summary>
public class TransformerBlockTests
{
    public static TheoryData<string> Names => [.. TransformerBlocks.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void PassesRecognizeTheBlock(string name)
    {
        var (text, operators) = TransformerBlocks.All[name];
        var before = RuleTest.Parse(text);
        var after = new PassManager(Pipelines.Default).Run(before, new PassContext { VerifyEachPatch = true }).Network;
        string[] left = [.. after.Layers.Select(l => OperatorCatalog.Standard.NameOf(l.Operator)).Order(StringComparer.Ordinal)];
        Assert.All(operators.GroupBy(o => o, StringComparer.Ordinal), g => Assert.Equal(g.Count(), left.Count(o => o == g.Key)));
        Assert.DoesNotContain("softmax", left);
        for (ulong seed = 0; seed < 3; seed++) RuleTest.AssertSameValues(before, after, seed, 1e-5);
    }
}
