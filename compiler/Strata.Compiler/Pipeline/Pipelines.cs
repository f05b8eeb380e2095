using Strata.Operators;
using Strata.Passes;
using Strata.Passes.Decomposition;
using Strata.Passes.Rules;
using Strata.Passes.Rules.Recognition;

namespace Strata.Compiler.Pipeline;

/// <summary>Which passes run, in which order.</summary>
public static class Pipelines
{
    /// <summary>What every compile runs unless it preserves the model.</summary>
    public static IReadOnlyList<IPass> Default { get; } =
    [
        new FoldConstants(),
        new InferTypes(),
        new FoldShapes(),
        new RulePass("simplify", "remove layers that change nothing and merge those that undo each other",
            new InlineIf(),
            new RemoveIdentity(),
            new RemoveSameCast(),
            new RemoveSameReshape(),
            new RemoveNoOp(),
            new RemoveNeutralOperand(),
            new RemoveLoneReduction(),
            new ChooseBranch(),
            new DropExpand(),
            new MergeTransposes(),
            new MergeReshapes(),
            new MergeCasts(),
            new MergeRepeated(),
            new ClipExtremes(),
            new MergeClips(),
            new MergePads(),
            new FoldPad(),
            new MergeSlices(),
            new TakePieces(),
            new JoinPieces(),
            new FoldGemmTranspose(),
            new MoveDequantization()),
        new CancelTransposes(),
        new RulePass("recognize", "replace what exporters spell out by the operator that it is",
            new RecognizeGelu(),
            new RecognizeHardSwish(),
            new RecognizeSwish(),
            new RecognizeMish(),
            new RecognizeHardSigmoid(),
            new RecognizeSigmoid(),
            new RecognizeSoftplus(),
            new RecognizeLayerNormalization(),
            new RecognizeInstanceNormalization(),
            new RecognizeRmsNormalization(),
            new RecognizeGroupNormalization(),
            new NarrowNormalization(),
            new RecognizeSoftmax(),
            new RecognizeLogSoftmax(),
            new RecognizeRotaryEmbedding(),
            new RecognizeAttention(),
            new RecognizeBlocks(),
            new RecognizeRecurrence(),
            new RecognizeIteratedRecurrence()) { LastFirst = true },
        new RulePass("lower", "replace layers by cheaper ones that compute the same",
            new ReshapeTranspose(),
            new LowerPower()),
        new RulePass("fold-affine", "fold scales, shifts and batch normalisations into the weights beside them",
            new LowerBatchNormalization(),
            new FoldScale(),
            new FoldShift(),
            new FoldPrecedingScale(),
            new FoldPrecedingShift(),
            new MergeConstantOperands()),
        new MergeEqualConstants(),
        new EliminateCommonSubexpressions(),
        new RemoveDeadLayers(),
    ];

    /// <summary>The default passes and rules that have no other effects than those allowed: with none, no bit of any output changes.</summary>
    public static IReadOnlyList<IPass> Limited(ValueEffects allowed) =>
        [.. Default.Select(p => p is RulePass rules ? rules.Limited(allowed) : p).Where(p => (p.Effects & ~allowed) == 0)];

    /// <summary>What runs only where it is asked for.</summary>
    public static IReadOnlyList<IPass> Optional { get; } = [.. Last(ConvTransposeMethod.Split), .. Last(ConvTransposeMethod.Scatter)];

    /// <summary>What runs once after all other passes, quantisation included, so that nothing folds what it takes apart: transposed convolutions by a method.</summary>
    public static IReadOnlyList<IPass> Last(ConvTransposeMethod convTranspose) => convTranspose switch
    {
        ConvTransposeMethod.Split => [new RulePass("conv-transpose-split", "with --conv-transpose split: write transposed convolutions as convolutions of sub-filters and an interleave of their results", new ConvTransposeSplit())],
        ConvTransposeMethod.Scatter => [new RulePass("conv-transpose-scatter", "with --conv-transpose scatter: let transposed convolutions add each input to the outputs that it reaches", new ChooseConvTranspose(ConvTransposeMethod.Scatter))],
        _ => [],
    };
}
