using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary><c>Gemm(Transpose(a), Transpose(b))</c> → <c>Gemm(a, b)</c>, which transposes by its attributes; for one operand or both.</summary>
public sealed class FoldGemmTranspose : Rule<Gemm>
{
    /// <inheritdoc/>
    public override string Name => "fold-gemm-transpose";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Gemm op, Layer layer, RewriteContext context)
    {
        Value? a = Source(layer.Inputs[0]!), b = Source(layer.Inputs[1]!);
        if (a is null && b is null || layer.Outputs is not [{ } output]) return null;
        var merged = op with { TransA = op.TransA != (a is not null), TransB = op.TransB != (b is not null) };
        var patch = context.NewPatch(Name);
        Value?[] operands = [patch.Tap(a ?? layer.Inputs[0]!), patch.Tap(b ?? layer.Inputs[1]!), .. layer.Inputs.Skip(2).Select(i => i is null ? null : patch.Tap(i))];
        patch.Replace(output, patch.Add(merged, operands, [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }

    private static Value? Source(Value value) =>
        value.Producer is { Operator: Transpose { Perm: [] or [1, 0] } } transpose && value.TensorType.Rank == 2 ? transpose.Inputs[0] : null;
}
