using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>
/// Carries the known elements of small integer tensors through elementwise operators. Truth values count as 0 and 1.
/// </summary>
internal static class ElementwiseContents
{
    /// <summary>States the elements of output 0 when those of all inputs are known and the operation is defined on each.</summary>
    public static void Propagate(InferenceContext context, Func<Dim[], Dim?> operation)
    {
        var operands = new ImmutableArray<Dim>[context.InputCount];
        int length = 1;
        for (int i = 0; i < operands.Length; i++)
        {
            if (context.Contents(i) is not { } known) return;
            operands[i] = known;
            if (known.Length != 1) length = length == 1 || length == known.Length ? known.Length : -1;
            if (length < 0) return;
        }
        var result = ImmutableArray.CreateBuilder<Dim>(length);
        for (int i = 0; i < length; i++)
        {
            var element = Array.ConvertAll(operands, o => o.Length == 1 ? o[0] : o[i]);
            if (operation(element) is not { } dim) return;
            result.Add(dim);
        }
        context.OutputContents(0, result.MoveToImmutable());
    }

    /// <summary>The truth value as a dimension.</summary>
    public static Dim? Of(bool? truth) => truth is null ? null : truth.Value ? Dim.One : Dim.Zero;
}
