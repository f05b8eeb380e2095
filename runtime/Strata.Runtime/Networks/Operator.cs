using System.Collections.Immutable;

namespace Strata.Networks;

/// <summary>
/// What a layer computes: typed attributes and the rule that gives output types. Immutable; machine-independent.
/// Evaluation lives elsewhere (reference evaluations, kernels), bound by the operator's type.
/// </summary>
public abstract record Operator
{
    /// <summary>
    /// Names every attribute once, in a fixed order, and returns the operator with the values that the walker gives back:
    /// <c>this with { Group = walker.Int("group", Group) }</c>. Printer, parser, bitstream, importer and documentation are walkers.
    /// </summary>
    public virtual Operator Walk(AttributeWalker walker) => this;

    /// <summary>Computes the output types from the input types.</summary>
    /// <exception cref="InvalidNetworkException">The inputs or attributes break the operator's rules.</exception>
    public abstract void Infer(InferenceContext context);

    /// <summary>
    /// True when an element of the one output depends on nothing but the elements of the operands that broadcast to its place, so
    /// that rows can be computed by themselves.
    /// </summary>
    public virtual bool IsElementwise => false;

    /// <summary>The nested networks among the attributes, in the order of the walk.</summary>
    public ImmutableArray<Network> Bodies => BodyCollector.Collect(this);

    /// <inheritdoc/>
    public sealed override string ToString() => GetType().Name;

    private sealed class BodyCollector : AttributeWalker
    {
        private readonly ImmutableArray<Network>.Builder bodies = ImmutableArray.CreateBuilder<Network>();

        public static ImmutableArray<Network> Collect(Operator op)
        {
            var collector = new BodyCollector();
            op.Walk(collector);
            return collector.bodies.ToImmutable();
        }

        public override Network Network(string name, Network value, int since = 1)
        {
            bodies.Add(value);
            return value;
        }
    }
}
