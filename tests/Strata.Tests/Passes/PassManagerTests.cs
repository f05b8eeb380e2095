using Strata.Compiler.Pipeline;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Passes.Rules;
using Strata.Tensors;

namespace Strata.Tests.Passes;

public class PassManagerTests
{
    private const string Chain = """
        input %x : f32[N, 4]
        %a = identity(%x)
        %b = identity(%a)
        %t = transpose(%b)
        %u = transpose(%t)
        %y = neg(%u)
        output "y" = %y
        """;

    private static RulePass Simplify(params IRule[] rules) => new("simplify", "some rules", rules);

    [Fact]
    public void ReportsLayersAndPatchesOfEachPass()
    {
        var result = new PassManager(Pipelines.Default).Run(RuleTest.Parse(Chain));
        Assert.Equal(Pipelines.Default.Select(p => p.Name), result.Passes.Select(p => p.Pass));
        var simplify = result.Passes.Single(p => p.Pass == "simplify");
        Assert.Equal((5, 2, 3L), (simplify.LayersBefore, simplify.LayersAfter, simplify.Patches));
        Assert.Equal(1, result.Passes[^1].LayersAfter);
        Assert.Equal("neg", OperatorCatalog.Standard.NameOf(Assert.Single(result.Network.Layers).Operator));
    }

    [Fact]
    public void StopsAfterAPass()
    {
        var seen = new List<string>();
        var manager = new PassManager(Pipelines.Default) { StopAfter = "simplify", AfterPass = (pass, network) => seen.Add($"{pass.Name} {network.Layers.Length}") };
        manager.Run(RuleTest.Parse(Chain));
        Assert.Equal(["fold-constants 5", "infer-types 5", "fold-shapes 5", "simplify 2"], seen);
    }

    [Fact]
    public void AnUnknownPassIsRefusedWithTheKnownOnes()
    {
        var error = Assert.Throws<InvalidOptionException>(() => new PassManager(Pipelines.Default) { StopAfter = "fuse" }.Run(RuleTest.Parse(Chain)));
        Assert.StartsWith("there is no pass 'fuse'; passes are fold-constants, infer-types,", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 4)]
    [InlineData(2, 3)]
    public void StopsAfterAPatch(long patches, int layers)
    {
        var context = new PassContext { StopAfterPatch = patches };
        var result = new PassManager(Pipelines.Default).Run(RuleTest.Parse(Chain), context);
        Assert.Equal((patches, layers), (context.Patches, result.Network.Layers.Length));
    }

    [Fact]
    public void AFixpointThatDoesNotEndNamesItsRule()
    {
        var error = Assert.Throws<ResourceLimitException>(() => new PassManager(Simplify(new Doubles())).Run(RuleTest.Parse(Chain)));
        Assert.StartsWith("pass 'simplify': rule 'double-negation' still applies after 100 sweeps over network 'test'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AReplacementOfAnotherTypeIsRefusedWithBothTypes()
    {
        var error = Assert.Throws<InvalidNetworkException>(() => new PassManager(Simplify(new Forgets())).Run(RuleTest.Parse(Chain)));
        Assert.Equal("forgets: 'y' is f32[N, 4], its replacement is f32[N, 4, 1]; the types must be compatible and nothing known may be lost", error.Message);
    }

    [Fact]
    public void APassThatBreaksTheNetworkIsNamed()
    {
        var error = Assert.Throws<InvalidNetworkException>(() => new PassManager(new Breaks()).Run(RuleTest.Parse(Chain)));
        Assert.StartsWith("pass 'breaks' breaks the network: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BodiesAreRewrittenToo()
    {
        var outer = new NetworkBuilder("outer");
        var condition = outer.Input("condition", new TensorType(ElementType.Bool, []));
        var x = outer.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("N")]));
        var branch = new If { Then = Body("then"), Else = Body("else") };
        outer.Output("y", outer.Add(branch, [condition, x], [new OutputSpec("y")], "").Outputs[0]!);
        var network = outer.Build();

        var result = new PassManager(Pipelines.Default).Run(network, new PassContext { VerifyEachPatch = true }).Network;

        Assert.Equal((7, 3), (network.TotalLayerCount, result.TotalLayerCount));
        RuleTest.AssertSameValues(network, result, 0);

        Network Body(string name)
        {
            var body = new NetworkBuilder(name, outer);
            var inner = body.Capture("x", x, outer);
            body.Output("y", body.Add(new Neg(), body.Add(new Identity(), body.Add(new Identity(), inner))));
            return body.Build();
        }
    }

    /// <summary>What finds nothing in these networks, which have neither bodies nor computed shapes; infer-types makes no patches.</summary>
    private static readonly string[] NeverFire = ["fold-shapes", "infer-types", "inline-if"];

    [Fact]
    public void RandomNetworksComputeTheSame()
    {
        var fired = new HashSet<string>(StringComparer.Ordinal);
        for (int seed = 0; seed < 600; seed++)
        {
            var network = RandomNetworks.Create(seed / 3, spelledOut: seed % 3 == 1, redundant: seed % 3 == 2);
            var context = new PassContext { VerifyEachPatch = true };
            var checkedResult = new PassManager(Pipelines.Default).Run(network, context).Network;
            var result = new PassManager(Pipelines.Default).Run(network).Network;
            var again = new PassManager(Pipelines.Default).Run(network).Network;
            fired.UnionWith(context.PatchesByRule.Keys);
            Assert.Null(NetworkComparer.FirstDifference(result, again));
            Assert.True(result.TotalLayerCount <= network.TotalLayerCount);
            RuleTest.AssertSameValues(network, checkedResult, (ulong)seed % 3, 1e-4);
            RuleTest.AssertSameValues(network, result, (ulong)seed % 3, 1e-4);
        }
        var rules = Pipelines.Default.SelectMany(p => p is RulePass { Rules: var list } ? list.Select(r => r.Name) : [p.Name]);
        Assert.Equal(NeverFire, rules.Except(fired).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void LongChainsTakeFewSweeps()
    {
        var builder = new NetworkBuilder("chain");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [2, 3]));
        for (int i = 0; i < 10_001; i++) x = builder.Add(i % 2 == 0 ? new Transpose() : new Identity(), x);
        builder.Output("y", x);
        Assert.Single(new PassManager(Pipelines.Default).Run(builder.Build()).Network.Layers);
    }

    /// <summary>Never comes to an end.</summary>
    private sealed class Doubles : Rule<Neg>
    {
        public override string Name => "double-negation";

        protected override NetworkPatch? Rewrite(Neg op, Layer layer, RewriteContext context)
        {
            var patch = context.NewPatch(Name);
            var negated = patch.Add(new Neg(), patch.Add(new Neg(), patch.Tap(layer.Inputs[0]!)));
            patch.Replace(layer.Outputs[0]!, patch.Add(new Neg(), negated));
            return layer.Inputs[0]!.Producer?.Operator is Neg ? null : patch;
        }
    }

    /// <summary>Replaces a value by one of another rank.</summary>
    private sealed class Forgets : Rule<Neg>
    {
        public override string Name => "forgets";

        protected override NetworkPatch? Rewrite(Neg op, Layer layer, RewriteContext context)
        {
            var patch = context.NewPatch(Name);
            var axis = patch.Constant(Constant.Of(Tensor.Vector<long>(2)), "axis");
            patch.Replace(layer.Outputs[0]!, patch.Add(new Unsqueeze(), patch.Tap(layer.Inputs[0]!), axis));
            return patch;
        }
    }

    /// <summary>Declares a type that the operator's rule contradicts.</summary>
    private sealed class Breaks : IPass
    {
        public string Name => "breaks";

        public string Summary => "declares a wrong type";

        public IReadOnlyList<PassOption> Options => [];

        public Network Run(Network network, PassContext context)
        {
            var builder = new NetworkBuilder(network.Name);
            var x = builder.Input("x", network.Inputs[0].Type);
            builder.Output("y", builder.Add(new Neg(), [x], [new OutputSpec("y", new TensorType(ElementType.Float64, []))], "").Outputs[0]!);
            return builder.Build();
        }
    }
}
