using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>f(Pad(x))</c> → <c>f(x)</c> with larger <c>pads</c>, where f pads with the same value: 0 for Conv; the zero point of x for QLinearConv and ConvInteger; 0 for an
/// AveragePool that counts its padding or has none, and then counts it; −∞ for MaxPool. Spatial axes only, nothing removed, explicit pads, no rounding up of the extent; a
/// pool's window must reach beyond its padding. Conv no longer multiplies the zeros, by weights that might be infinite.
/// </summary>
public sealed class FoldPad : IRule
{
    /// <inheritdoc/>
    public string Name => "fold-pad";

    /// <inheritdoc/>
    public ValueEffects Effects => ValueEffects.NonFinite;

    /// <inheritdoc/>
    public NetworkPatch? Rewrite(Layer layer, RewriteContext context)
    {
        if (layer.Operator is not (Conv or QLinearConv or ConvInteger or AveragePool or MaxPool) || ConstantPad.Of(layer.Inputs[0]!.Producer) is not { } pad || layer.Outputs is not [{ } output]) return null;
        if (pad.Begins.Length < 3 || pad.Begins[..2].Concat(pad.Ends[..2]).Any(p => p != 0)) return null;
        var merged = layer.Operator switch
        {
            Conv conv when pad.Value == 0 && Padded(conv.Window, pad) is { } window => conv with { Window = window },
            QLinearConv conv when pad.Value == ZeroPoint(layer) && Padded(conv.Window, pad) is { } window => conv with { Window = window },
            ConvInteger conv when pad.Value == ZeroPoint(layer) && Padded(conv.Window, pad) is { } window => conv with { Window = window },
            AveragePool { CeilMode: false } pool when pad.Value == 0 && (pool.CountIncludePad || IsUnpadded(pool.Window)) && Padded(pool.Window, pad) is { } window && Reaches(window) =>
                pool with { Window = window, CountIncludePad = true },
            MaxPool { CeilMode: false } pool when double.IsNegativeInfinity(pad.Value) && Padded(pool.Window, pad) is { } window && Reaches(window) => pool with { Window = window },
            _ => (Operator?)null,
        };
        if (merged is null) return null;
        var patch = context.NewPatch(Name);
        Value?[] operands = [patch.Tap(pad.Operand), .. layer.Inputs.Skip(1).Select(i => i is null ? null : patch.Tap(i))];
        patch.Replace(output, patch.Add(merged, operands, [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }

    // Both have it as their third operand; null where it is computed.
    private static double? ZeroPoint(Layer layer) => layer.Inputs.Length > 2 && layer.Inputs[2] is { } given ? Match.Scalar(given) : 0;

    private static bool IsUnpadded(WindowAttributes window) => window.AutoPad == AutoPad.Valid || window.AutoPad == AutoPad.NotSet && window.Pads.All(p => p == 0);

    private static WindowAttributes? Padded(WindowAttributes window, ConstantPad pad)
    {
        if (window.AutoPad is not (AutoPad.NotSet or AutoPad.Valid) || window.Pads.Any(p => p < 0)) return null;
        long[] added = [.. pad.Begins[2..], .. pad.Ends[2..]];
        long[] pads = [.. added.Select((p, i) => p + (window.Pads.IsEmpty ? 0 : window.Pads[i]))];
        return pads.All(p => p <= int.MaxValue) ? window with { AutoPad = AutoPad.NotSet, Pads = [.. pads] } : null;
    }

    // Otherwise there may be windows of nothing but padding.
    private static bool Reaches(WindowAttributes window) => window.Pads.Index().All(p => p.Item < window.KernelShape[p.Index % window.KernelShape.Length]);
}
