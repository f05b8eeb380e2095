using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How the votes of trees become one number.</summary>
public enum TreeAggregate
{
    /// <summary>Their sum divided by the number of trees.</summary>
    Average,
    /// <summary>Their sum.</summary>
    Sum,
    /// <summary>The least.</summary>
    Min,
    /// <summary>The greatest.</summary>
    Max,
}

/// <summary>Decision trees whose nodes are found by tree and node number, on the rows of <c>[N, C]</c>: ONNX's form before version 5 of its domain.</summary>
public abstract record NumberedTrees : Operator
{
    /// <summary>The conditions of nodes, ONNX's names.</summary>
    internal static readonly ImmutableArray<string> ModeNames = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "LEAF"];

    /// <summary>The tree of each node.</summary>
    public ImmutableArray<long> TreeIds { get; init; } = [];

    /// <summary>The number of each node in its tree; the first node of a tree is its root.</summary>
    public ImmutableArray<long> NodeIds { get; init; } = [];

    /// <summary>The feature that each node looks at.</summary>
    public ImmutableArray<long> FeatureIds { get; init; } = [];

    /// <summary>The condition of each node.</summary>
    public ImmutableArray<string> Modes { get; init; } = [];

    /// <summary>What each node compares with.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>The same in binary64.</summary>
    public Constant? ValuesTensor { get; init; }

    /// <summary>The next node where the condition holds.</summary>
    public ImmutableArray<long> TrueNodeIds { get; init; } = [];

    /// <summary>The next node where it does not.</summary>
    public ImmutableArray<long> FalseNodeIds { get; init; } = [];

    /// <summary>1 where NaN satisfies the condition; empty for never.</summary>
    public ImmutableArray<long> MissingTracksTrue { get; init; } = [];

    /// <summary>Numbers added to the scores.</summary>
    public ImmutableArray<float> BaseValues { get; init; } = [];

    /// <summary>The same in binary64.</summary>
    public Constant? BaseValuesTensor { get; init; }

    /// <summary>What becomes of the scores.</summary>
    public ScoreFunction PostTransform { get; init; }

    /// <summary>The tree of each vote.</summary>
    public ImmutableArray<long> VoteTreeIds { get; init; } = [];

    /// <summary>The leaf of each vote.</summary>
    public ImmutableArray<long> VoteNodeIds { get; init; } = [];

    /// <summary>The class or target of each vote.</summary>
    public ImmutableArray<long> VoteIds { get; init; } = [];

    /// <summary>The weight of each vote.</summary>
    public ImmutableArray<float> VoteWeights { get; init; } = [];

    /// <summary>The same in binary64.</summary>
    public Constant? VoteWeightsTensor { get; init; }

    private protected NumberedTrees WalkCommon(AttributeWalker walker, string votes) => this with
    {
        TreeIds = walker.Ints("nodes_treeids", TreeIds),
        NodeIds = walker.Ints("nodes_nodeids", NodeIds),
        FeatureIds = walker.Ints("nodes_featureids", FeatureIds),
        Modes = walker.Texts("nodes_modes", Modes),
        Values = walker.Floats("nodes_values", Values),
        ValuesTensor = walker.Tensor("nodes_values_as_tensor", ValuesTensor),
        TrueNodeIds = walker.Ints("nodes_truenodeids", TrueNodeIds),
        FalseNodeIds = walker.Ints("nodes_falsenodeids", FalseNodeIds),
        MissingTracksTrue = walker.Ints("nodes_missing_value_tracks_true", MissingTracksTrue),
        BaseValues = walker.Floats("base_values", BaseValues),
        BaseValuesTensor = walker.Tensor("base_values_as_tensor", BaseValuesTensor),
        PostTransform = (ScoreFunction)walker.Choice("post_transform", (int)PostTransform, ScoreTransform.Names),
        VoteTreeIds = walker.Ints($"{votes}_treeids", VoteTreeIds),
        VoteNodeIds = walker.Ints($"{votes}_nodeids", VoteNodeIds),
        VoteIds = walker.Ints($"{votes}_ids", VoteIds),
        VoteWeights = walker.Floats($"{votes}_weights", VoteWeights),
        VoteWeightsTensor = walker.Tensor($"{votes}_weights_as_tensor", VoteWeightsTensor),
    };

    private protected Dim CheckCommon(InferenceContext context, long scores)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "a real number", static t => t.IsFloat() || t.IsInteger());
        int nodes = TreeIds.Length, votes = VoteIds.Length;
        int[] lengths = [NodeIds.Length, FeatureIds.Length, Modes.Length, TrueNodeIds.Length, FalseNodeIds.Length, ValuesTensor?.Count ?? Values.Length];
        if (lengths.Any(l => l != nodes) || MissingTracksTrue.Length is var m && m != 0 && m != nodes) throw context.Fail($"the attributes of {nodes} nodes differ in length: {string.Join(", ", lengths)}");
        if (VoteTreeIds.Length != votes || VoteNodeIds.Length != votes || (VoteWeightsTensor?.Count ?? VoteWeights.Length) != votes) throw context.Fail($"the attributes of {votes} votes differ in length");
        if (Modes.FirstOrDefault(mode => !ModeNames.Contains(mode)) is { } unknown) throw context.Fail($"a node's mode is '{unknown}'; allowed are {string.Join(", ", ModeNames)}");
        if (VoteIds.Any(v => v < 0 || v >= scores)) throw context.Fail($"a vote is for class or target {VoteIds.First(v => v < 0 || v >= scores)}; there are {scores}");
        return SupportVectorMachine.Rows(context, context.Input(0).Shape);
    }
}

/// <summary>Regression by trees: f32 <c>[N, targets]</c>.</summary>
public sealed record TreeEnsembleRegressor : NumberedTrees
{
    private static readonly ImmutableArray<string> AggregateNames = ["AVERAGE", "SUM", "MIN", "MAX"];

    /// <summary>Number of targets.</summary>
    public long Targets { get; init; } = 1;

    /// <summary>How votes become one number.</summary>
    public TreeAggregate Aggregate { get; init; } = TreeAggregate.Sum;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (TreeEnsembleRegressor)WalkCommon(walker, "target") with
    {
        Targets = walker.Int("n_targets", Targets),
        Aggregate = (TreeAggregate)walker.Choice("aggregate_function", (int)Aggregate, AggregateNames),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (Targets is < 1 or > 1 << 20) throw context.Fail($"n_targets is {Targets}; allowed are 1 to {1 << 20}");
        context.Output(0, ElementType.Float32, [CheckCommon(context, Targets), Targets]);
    }
}

/// <summary>Classification by trees: labels <c>[N]</c> and scores f32 <c>[N, E]</c>.</summary>
public sealed record TreeEnsembleClassifier : NumberedTrees
{
    /// <summary>The labels as integers; empty when they are strings.</summary>
    public ImmutableArray<long> LabelInts { get; init; } = [];

    /// <summary>The labels as strings; empty when they are integers.</summary>
    public ImmutableArray<string> LabelStrings { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (TreeEnsembleClassifier)WalkCommon(walker, "class") with
    {
        LabelInts = walker.Ints("classlabels_int64s", LabelInts),
        LabelStrings = walker.Texts("classlabels_strings", LabelStrings),
    };

    /// <summary>Number of classes.</summary>
    internal int Classes => Math.Max(LabelInts.Length, LabelStrings.Length);

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (LabelInts.IsEmpty == LabelStrings.IsEmpty) throw context.Fail("either classlabels_int64s or classlabels_strings must be given");
        var rows = CheckCommon(context, Math.Max(Classes, 2));
        context.Output(0, LabelStrings.IsEmpty ? ElementType.Int64 : ElementType.String, [rows]);
        context.Output(1, ElementType.Float32, [rows, Math.Max(Classes, 2)]);
    }
}

/// <summary>Trees whose branches are positions in the lists of nodes and leaves, on the rows of <c>[N, C]</c>: <c>[N, targets]</c> of the operand's type.</summary>
public sealed record TreeEnsemble : Operator
{
    /// <summary>How votes become one number.</summary>
    public TreeAggregate Aggregate { get; init; } = TreeAggregate.Sum;

    /// <summary>The target of each leaf.</summary>
    public ImmutableArray<long> LeafTargets { get; init; } = [];

    /// <summary>The weight of each leaf.</summary>
    public Constant? LeafWeights { get; init; }

    /// <summary>The sets of nodes that test membership, in the order of these nodes, with NaN after each set.</summary>
    public Constant? Members { get; init; }

    /// <summary>Number of targets.</summary>
    public long Targets { get; init; } = 1;

    /// <summary>1 where the false branch is a leaf.</summary>
    public ImmutableArray<long> FalseLeafs { get; init; } = [];

    /// <summary>The position of the false branch among nodes or leaves.</summary>
    public ImmutableArray<long> FalseIds { get; init; } = [];

    /// <summary>The feature that each node looks at.</summary>
    public ImmutableArray<long> FeatureIds { get; init; } = [];

    /// <summary>1 where NaN satisfies the condition; empty for never.</summary>
    public ImmutableArray<long> MissingTracksTrue { get; init; } = [];

    /// <summary>The condition of each node, u8: 0 ≤, 1 &lt;, 2 ≥, 3 &gt;, 4 =, 5 ≠, 6 member.</summary>
    public Constant? Modes { get; init; }

    /// <summary>What each node compares with.</summary>
    public Constant? Splits { get; init; }

    /// <summary>1 where the true branch is a leaf.</summary>
    public ImmutableArray<long> TrueLeafs { get; init; } = [];

    /// <summary>The position of the true branch among nodes or leaves.</summary>
    public ImmutableArray<long> TrueIds { get; init; } = [];

    /// <summary>What becomes of the scores.</summary>
    public ScoreFunction PostTransform { get; init; }

    /// <summary>The root of each tree.</summary>
    public ImmutableArray<long> Roots { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Aggregate = (TreeAggregate)walker.Int("aggregate_function", (long)Aggregate),
        LeafTargets = walker.Ints("leaf_targetids", LeafTargets),
        LeafWeights = walker.Tensor("leaf_weights", LeafWeights),
        Members = walker.Tensor("membership_values", Members),
        Targets = walker.Int("n_targets", Targets),
        FalseLeafs = walker.Ints("nodes_falseleafs", FalseLeafs),
        FalseIds = walker.Ints("nodes_falsenodeids", FalseIds),
        FeatureIds = walker.Ints("nodes_featureids", FeatureIds),
        MissingTracksTrue = walker.Ints("nodes_missing_value_tracks_true", MissingTracksTrue),
        Modes = walker.Tensor("nodes_modes", Modes),
        Splits = walker.Tensor("nodes_splits", Splits),
        TrueLeafs = walker.Ints("nodes_trueleafs", TrueLeafs),
        TrueIds = walker.Ints("nodes_truenodeids", TrueIds),
        PostTransform = (ScoreFunction)walker.Int("post_transform", (long)PostTransform),
        Roots = walker.Ints("tree_roots", Roots),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        if (Modes is null || Splits is null || LeafWeights is null) throw context.Fail("nodes_modes, nodes_splits and leaf_weights must be given");
        int nodes = Modes.Count, leaves = LeafTargets.Length;
        int[] lengths = [Splits.Count, FeatureIds.Length, TrueIds.Length, FalseIds.Length, TrueLeafs.Length, FalseLeafs.Length];
        if (lengths.Any(l => l != nodes) || MissingTracksTrue.Length is var m && m != 0 && m != nodes) throw context.Fail($"the attributes of {nodes} nodes differ in length: {string.Join(", ", lengths)}");
        if (LeafWeights.Count != leaves) throw context.Fail($"{leaves} leaves have {LeafWeights.Count} weights");
        if (!Enum.IsDefined(Aggregate) || !Enum.IsDefined(PostTransform)) throw context.Fail($"aggregate_function is {(int)Aggregate}, allowed are 0 to 3; post_transform is {(int)PostTransform}, allowed are 0 to 4");
        if (Targets is < 1 or > 1 << 20 || LeafTargets.Any(t => t < 0 || t >= Targets)) throw context.Fail($"a leaf is for a target outside [0, {Targets})");
        context.Output(0, context.Input(0).ElementType, [SupportVectorMachine.Rows(context, context.Input(0).Shape), Targets]);
    }
}
