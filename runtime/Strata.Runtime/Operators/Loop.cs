using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Runs a network again and again. Operands: the greatest number of iterations (i64, one element, optional), the condition
/// to begin (bool, one element, optional), the initial carried values, then captured values. The body takes the iteration's
/// number, the condition, the carried values and the captured values; it gives the condition to go on, the carried values,
/// and tensors that are stacked over the iterations. Outputs: the final carried values, then the stacks.
/// </summary>
public sealed record Loop : Operator
{
    /// <summary>What an iteration computes.</summary>
    public Network Body { get; init; } = Network.Empty;

    /// <summary>Number of trailing operands that are the same in each iteration.</summary>
    public long Captures { get; init; }

    /// <summary>Number of values handed from iteration to iteration.</summary>
    public int Carried => Math.Max(0, Body.Inputs.Length - 2 - (int)Captures);

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Body = walker.Network("body", Body), Captures = walker.Int("captures", Captures) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (Captures < 0 || Captures > Body.Inputs.Length - 2) throw context.Fail($"captures is {Captures}; the body takes {Body.Inputs.Length} inputs, two of them number and condition");
        var body = new RepeatedBody(context, "body", Body);
        body.CheckCounts(Math.Max(context.InputCount, 2), 1 + Carried);
        if (context.Has(0)) context.Allow(0, "i64", static t => t == ElementType.Int64);
        if (context.Has(1)) context.Allow(1, "bool", static t => t == ElementType.Bool);
        body.CheckOperand(0, 0, new TensorType(ElementType.Int64, null));
        body.CheckOperand(1, 1, new TensorType(ElementType.Bool, null));
        if (context.OutputCount > Body.Outputs.Length - 1) throw context.Fail($"the body gives {Body.Outputs.Length - 1} results, {context.OutputCount} are wanted");
        if (Body.Outputs[0].Value.Type is not TensorType { ElementType: ElementType.Bool }) throw context.Fail($"output 0 of the body must be bool, is {Body.Outputs[0].Value.Type}");

        for (int i = 0; i < Carried; i++) context.Output(i, body.Carried(2 + i, 2 + i, 1 + i));
        for (int i = 2 + Carried; i < context.InputCount; i++) body.CheckOperand(i, i, context.Type(i));
        var count = Iterations(context);
        for (int i = Carried; i < context.OutputCount; i++) context.Output(i, body.Collected(1 + i, count, axis: 0));
    }

    // Known where the loop counts to a known limit and nothing can stop it earlier.
    private Dim Iterations(InferenceContext context)
    {
        bool begins = !context.Has(1) || IsTrue(context.Constant(1));
        var goOn = Body.Outputs[0].Value;
        bool runsOut = begins && (goOn == Body.Inputs[1] || IsTrue(goOn.Constant));
        return runsOut && context.Contents(0) is [var limit] ? Dim.Max(limit, Dim.Zero) : context.Fresh();
    }

    private static bool IsTrue(Constant? constant) => constant is { Count: 1, Type.ElementType: ElementType.Bool } && constant.Materialize().Bytes.Span[0] != 0;
}
