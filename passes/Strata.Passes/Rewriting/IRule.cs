using Strata.Networks;

namespace Strata.Passes;

/// <summary>A local rewrite: looks at one layer, and at what computes its operands, and returns a patch or null.</summary>
public interface IRule
{
    /// <summary>The name in reports: lower case with hyphens.</summary>
    string Name { get; }

    /// <summary>What the rule may change about values.</summary>
    ValueEffects Effects => ValueEffects.None;

    /// <summary>The patch that replaces what the layer computes, or null where the rule does not apply.</summary>
    NetworkPatch? Rewrite(Layer layer, RewriteContext context);
}

/// <summary>A rule about layers of one operator.</summary>
public abstract class Rule<TOperator> : IRule where TOperator : Operator
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public virtual ValueEffects Effects => ValueEffects.None;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context) => layer.Operator is TOperator op ? Rewrite(op, layer, context) : null;

    /// <summary>The patch for a layer with this operator, or null.</summary>
    protected abstract NetworkPatch? Rewrite(TOperator op, Layer layer, RewriteContext context);
}
