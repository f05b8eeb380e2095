using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Runs one of two networks. Operands: the condition (bool, one element), then the values that the bodies capture, in the
/// order of the inputs of both bodies.
/// </summary>
public sealed record If : Operator
{
    /// <summary>Runs when the condition is true.</summary>
    public Network Then { get; init; } = Network.Empty;

    /// <summary>Runs when the condition is false.</summary>
    public Network Else { get; init; } = Network.Empty;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Then = walker.Network("then_branch", Then),
        Else = walker.Network("else_branch", Else),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, int.MaxValue);
        context.Allow(0, "bool", static t => t == ElementType.Bool);
        foreach (var (name, body) in new[] { ("then_branch", Then), ("else_branch", Else) })
        {
            if (body.Inputs.Length != context.InputCount - 1) throw context.Fail($"{name} takes {body.Inputs.Length} captured values, {context.InputCount - 1} are given");
            if (body.Outputs.Length < context.OutputCount) throw context.Fail($"{name} has {body.Outputs.Length} outputs, {context.OutputCount} are wanted");
        }
        for (int i = 0; i < context.OutputCount; i++) context.Output(i, TypeUnion.Of(context, Then.Outputs[i].Value.Type, Else.Outputs[i].Value.Type));
    }
}
