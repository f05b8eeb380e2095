using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Passes.Rules;
using Strata.Tensors;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class FoldConstantsTests() : RuleTest(new FoldConstants())
{
    protected override string Firing => """
        input %x : f32[2, 3]
        const %a : f32[3, 2] = [1, 2, 3, 4, 5, 6]
        const %zero : i64[] = 0
        %t = transpose(%a)
        %n = neg(%t)
        %y = mul(%x, %n)
        %s = shape(%a)
        %rows = gather(%s, %zero)
        output "y" = %y
        output "n" = %n
        output "rows" = %rows
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // One operand is computed in the run.
        """
        input %x : f32[2]
        const %a : f32[2] = [1, 2]
        %y = add(%x, %a)
        output "y" = %y
        """,
        // Numbers are drawn.
        """
        const %a : f32[2] = [1, 2]
        %y = random_normal_like(%a)
        output "y" = %y
        """,
        // The result would be longer than its operands by more than allowed.
        """
        const %a : i64[2] = [1024, 1024]
        %y = constant_of_shape(%a)
        output "y" = %y
        """,
        // Quantised weights would become real ones.
        """
        input %x : f32[4]
        const %w : i8[4, 1024] = @00000000000000000000000000000000000000000000000000000000000000aa
        const %scale : f32[] = 0.5
        %real = dequantize_linear(%w, %scale)
        %y = matmul(%x, %real)
        output "y" = %y
        """,
        // The operand stays for another use.
        """
        input %i : i64[2]
        const %w : f32[16, 32] = @00000000000000000000000000000000000000000000000000000000000000bb
        %rows = gather(%w, %i)
        %columns = transpose(%w)
        output "rows" = %rows
        output "columns" = %columns
        """,
        // The evaluation fails, as the run would.
        """
        const %a : str[1] = ["no number"]
        %y = cast(%a) {to = f32}
        output "y" = %y
        """,
    ];

    /// <summary>What is large is evaluated when someone reads it, and its operands are not read before.</summary>
    [Fact]
    public void LargeResultsAreDeferred()
    {
        var builder = new NetworkBuilder("large");
        var weights = builder.Constant(Tensor.From<float>([512, 1025], [.. Enumerable.Range(0, 512 * 1025).Select(i => (float)i)]), "w");
        var turned = builder.Add(new Transpose(), [weights], [new OutputSpec("turned")], "").Outputs[0];
        var parts = builder.Add(new Split { Axis = 1, NumOutputs = 2 }, [turned], [new OutputSpec("a"), new OutputSpec("b")], "");
        foreach (var part in parts.Outputs) builder.Output(part!.Name, part);
        var network = builder.Build();

        var folded = new PassManager(new FoldConstants()).Run(network, new PassContext { VerifyEachPatch = true }).Network;

        Assert.Empty(folded.Layers);
        Assert.Equal(["a", "b"], folded.Constants.Select(c => c.Name));
        Assert.All(folded.Constants, c => Assert.IsType<DeferredConstant>(c.Constant));
        AssertSameValues(network, folded, 0);
    }

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());
}
