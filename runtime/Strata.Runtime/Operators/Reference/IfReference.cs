using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="If"/>.</summary>
internal static class IfReference
{
    public static IReadOnlyList<RuntimeValue?> Evaluate(If op, ReferenceContext context)
    {
        if (context[0].Count != 1) throw ReferenceContext.Fail($"the condition must have one element, is {context[0]}");
        var body = context.One(0).Span<byte>()[0] != 0 ? op.Then : op.Else;
        return context.Run(body, [.. Enumerable.Range(1, context.InputCount - 1).Select(context.Optional)]);
    }
}
