using Strata.Networks;
using Strata.Passes;

namespace Strata.Tests.Passes;

/// <summary>The tests of a rule that recognises an operator; the rules that it builds on may follow it.</summary>
public abstract class RecognitionTest(IRule rule, params IRule[] others) : RuleTest(new RulePass(rule.Name, "one rule", [rule, .. others]) { LastFirst = true })
{
    /// <summary>A few roundings of f32; the operator rounds once.</summary>
    protected override double Bound => 1e-6;

    /// <summary>How far results may lie apart, as a share of the largest.</summary>
    internal double Tolerance => Bound;

    /// <summary>The network that the rule rewrites, and the rewritten one.</summary>
    internal (Network Before, Network After) Rewritten() => (Parse(Firing), Run(Parse(Firing)));
}
