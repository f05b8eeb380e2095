using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>
/// <c>Reshape(Transpose(Reshape(x, six dimensions)), four)</c> → <c>DepthToSpace(x)</c> of either mode or <c>SpaceToDepth(x)</c>, where all extents
/// are provably those of square blocks. Nothing else uses what lies between.
/// </summary>
public sealed class RecognizeBlocks : Rule<Reshape>
{
    // Where the first reshape puts channels, rows, columns and the two edges of a block, which the permutation then moves.
    private static readonly Form[] Forms =
    [
        new([0, 3, 4, 1, 5, 2], 3, 4, 5, 1, 2, true, b => new DepthToSpace { BlockSize = b }),
        new([0, 1, 4, 2, 5, 3], 1, 4, 5, 2, 3, true, b => new DepthToSpace { BlockSize = b, Mode = DepthToSpaceMode.ColumnRowDepth }),
        new([0, 3, 5, 1, 2, 4], 1, 2, 4, 3, 5, false, b => new SpaceToDepth { BlockSize = b }),
    ];

    private sealed record Form(long[] Perm, int Channels, int Rows, int Columns, int BlockRows, int BlockColumns, bool ToSpace, Func<long, Operator> Make);

    /// <inheritdoc/>
    public override string Name => "recognize-blocks";

    /// <inheritdoc/>
    protected override NetworkPatch? Rewrite(Reshape op, Layer layer, RewriteContext context)
    {
        var region = new Region(layer, context);
        if (region.Add<Transpose>(layer.Inputs[0]) is not { Operator: Transpose turn } middle || region.Add<Reshape>(middle.Inputs[0]) is not { } first) return null;
        if (Forms.FirstOrDefault(f => turn.Perm.AsSpan().SequenceEqual(f.Perm)) is not { } form || first.Outputs[0]!.TensorType.Shape is not { Rank: 6 } split) return null;
        if (split[form.BlockRows].Constant is not (>= 1 and <= 1 << 15 and var block) || !split[form.BlockColumns].Is(block)) return null;
        Shape deep = [split[0], split[form.Channels] * (block * block), split[form.Rows], split[form.Columns]];
        Shape wide = [split[0], split[form.Channels], split[form.Rows] * block, split[form.Columns] * block];
        var (from, to) = form.ToSpace ? (deep, wide) : (wide, deep);
        if (!from.Equals(first.Inputs[0]!.TensorType.Shape) || !to.Equals(region.Result.TensorType.Shape)) return null;
        return region.Replace(Name, form.Make(block), p => p.Tap(first.Inputs[0]!));
    }
}
