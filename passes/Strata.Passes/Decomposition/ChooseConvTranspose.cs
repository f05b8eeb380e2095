using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Decomposition;

/// <summary><c>ConvTranspose(x, w)</c> → the same with a method, which kernels then take.</summary>
public sealed class ChooseConvTranspose(ConvTransposeMethod method) : Rule<ConvTranspose>
{
    /// <inheritdoc/>
    public override string Name => "choose-conv-transpose";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(ConvTranspose op, Layer layer, RewriteContext context)
    {
        if (op.Method == method || layer.Outputs is not [{ } output]) return null;
        var patch = context.NewPatch(Name);
        patch.Replace(output, patch.Add(op with { Method = method }, [.. layer.Inputs.Select(i => i is null ? null : patch.Tap(i))], [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }
}
