using Strata.Compiler.Fidelity;
using Strata.Execution;
using Strata.Networks;
using Strata.Networks.Text;
using Strata.Operators;
using Strata.Passes;
using Strata.Passes.Rules;
using Strata.Tensors;
using VerifyXunit;

namespace Strata.Tests.Passes;

/// <summary>
/// The tests that every rule has: it fires (a snapshot, in the class of the rule), leaves near misses alone, keeps the values, and
/// changes nothing in a second run. Networks are given in the text form.
/// </summary>
public abstract class RuleTest(IPass pass)
{
    protected RuleTest(IRule rule) : this(new RulePass(rule.Name, "one rule", rule)) { }

    /// <summary>A network that the rule rewrites.</summary>
    protected abstract string Firing { get; }

    /// <summary>Networks that the rule leaves alone.</summary>
    protected abstract IReadOnlyList<string> NearMisses { get; }

    /// <summary>How far outputs may move, as a share of each output's largest magnitude; 0 for bit for bit. More only where the rule reorders roundings.</summary>
    protected virtual double Bound => 0;

    [Fact]
    public void LeavesNearMissesAlone()
    {
        Assert.NotEmpty(NearMisses);
        foreach (string text in NearMisses)
        {
            var network = Parse(text);
            Assert.Same(network, Run(network));
        }
    }

    [Fact]
    public void KeepsTheValues()
    {
        var network = Parse(Firing);
        for (ulong seed = 0; seed < 4; seed++) AssertSameValues(network, Run(network), seed, Bound);
    }

    [Fact]
    public void ChangesNothingInASecondRun()
    {
        var once = Run(Parse(Firing));
        Assert.Same(once, Run(once));
    }

    /// <summary>The network before, and after the rule, as a snapshot shows them.</summary>
    protected string BeforeAndAfter()
    {
        var network = Parse(Firing);
        return $"before\n{Print(network)}\nafter\n{Print(Run(network))}";
    }

    internal static Network Parse(string text) => NetworkParser.Parse($"network \"test\" {{\n{text}\n}}", OperatorCatalog.Standard, new() { FillSeed = 1 });

    internal static string Print(Network network) => network.ToText(OperatorCatalog.Standard);

    /// <summary>Demands equal outputs on random inputs: bit for bit, or within a share of each output's largest magnitude.</summary>
    internal static void AssertSameValues(Network before, Network after, ulong seed, double bound = 0)
    {
        Assert.Equal(before.Inputs.Select(i => i.Name), after.Inputs.Select(i => i.Name));
        Assert.Equal(before.Outputs.Select(o => o.Name), after.Outputs.Select(o => o.Name));
        var inputs = RandomInputs.Create(before, seed, RandomInputs.Symbols(before).ToDictionary(s => s, s => 2 + (long)seed, StringComparer.Ordinal));
        var (expected, actual) = (new Interpreter(before).Run(inputs), new Interpreter(after).Run(inputs));
        foreach (var ((a, b), output) in expected.Zip(actual).Zip(before.Outputs))
        {
            var difference = new FidelityAccumulator(output.Name);
            difference.Add(a, b);
            if (bound == 0) Assert.True(((Tensor)a!).BitEquals((Tensor)b!), $"output '{output.Name}': {a} against {b}");
            else Assert.True(difference.Result().Within(bound), $"output '{output.Name}': {difference.Result().RelativeError} of the largest magnitude, {bound} is allowed");
        }
    }

    // What a rule leaves without use goes, so that snapshots show what is gained.
    private protected Network Run(Network network)
    {
        var manager = pass is RemoveDeadLayers ? new PassManager(pass) : new PassManager(pass, new RemoveDeadLayers());
        return manager.Run(network, new PassContext { VerifyEachPatch = true }).Network;
    }
}
