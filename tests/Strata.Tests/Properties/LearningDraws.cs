using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Properties;

/// <summary>Operators of classical learning.</summary>
internal static class LearningDraws
{
    public static IReadOnlyList<OperatorDraw> Rows { get; } =
    [
        new("label_encoder", Encode),
        new("score_transform", g => g.Add(new ScoreTransform { Function = g.Choose(ScoreFunction.None, ScoreFunction.Softmax, ScoreFunction.Logistic, ScoreFunction.SoftmaxZero) }, g.Exactly(ElementType.Float32, g.Next(0, 3), g.Next(1, 4)))),
        new("svm_regressor", Regress),
        new("svm_classifier", Classify),
        new("tree_ensemble_regressor", g => { int targets = g.Next(1, 2); var trees = new Forest(g, targets); g.Add(trees.Numbered(new TreeEnsembleRegressor { Targets = targets, Aggregate = g.Choose(Enum.GetValues<TreeAggregate>()) }, targets), Features(g)); }),
        new("tree_ensemble_classifier", g => { int classes = g.Next(2, 4); g.AddMany(new Forest(g, classes).Numbered(new TreeEnsembleClassifier { LabelInts = [.. Enumerable.Range(0, classes).Select(i => 3L * i)] }, classes), 2, 1, Features(g)); }),
        new("tree_ensemble", g => { int targets = g.Next(1, 2); g.Add(new Forest(g, targets).Joined(targets), Features(g)); }),
        new("zip_map", g => Maps(g)),
        new("cast_map", g => g.Add(g.Chance(0.5) ? new CastMap() : new CastMap { Sparse = true, Length = 6 }, OneMap(g))),
        new("dict_vectorizer", g => g.Add(new DictVectorizer { Int64s = [5, 1, 9, 3] }, OneMap(g))),
    ];

    private const int FeatureCount = 3;

    private static Value Features(NetworkGenerator g) => g.Exactly(ElementType.Float32, g.Next(1, 4), FeatureCount);

    private static ImmutableArray<float> Numbers(NetworkGenerator g, int count) => [.. Enumerable.Range(0, count).Select(_ => g.Next(-12, 12) / 8f)];

    private static Value Maps(NetworkGenerator g) => g.Add(new ZipMap { Int64s = [1, 3, 5] }, g.Exactly(ElementType.Float32, g.Next(1, 3), 3));

    private static Value OneMap(NetworkGenerator g) => g.Add(new SequenceAt(), Maps(g), g.Constant(Tensor.Scalar(0L)));

    private static void Encode(NetworkGenerator g)
    {
        bool strings = g.Chance(0.5);
        var keys = strings ? Tensor.FromStrings([3], "a", "12", "") : Tensor.Vector(2L, -1L, 0L);
        var op = new LabelEncoder { Keys = Constant.Of(keys), Values = Constant.Of(Tensor.Vector(0.5f, -2f, 7f)), Default = Constant.Of(Tensor.Vector(g.Next(-2, 2) / 2f)) };
        g.Add(op, g.Any(() => strings ? ElementType.String : ElementType.Int64, 1, 3));
    }

    private static ScoreFunction Transform(NetworkGenerator g) => g.Choose(ScoreFunction.None, ScoreFunction.None, ScoreFunction.Softmax, ScoreFunction.Logistic);

    private static void Regress(NetworkGenerator g)
    {
        int vectors = g.Chance(0.3) ? 0 : g.Next(1, 3);
        g.Add(new SvmRegressor
        {
            Kernel = vectors == 0 ? KernelFunction.Linear : g.Choose(Enum.GetValues<KernelFunction>()), KernelParams = [0.4f, 0.3f, 2], Supports = vectors, OneClass = g.Chance(0.2),
            SupportVectors = Numbers(g, vectors * FeatureCount), Coefficients = Numbers(g, vectors == 0 ? FeatureCount : vectors), Rho = [0.2f],
        }, Features(g));
    }

    private static void Classify(NetworkGenerator g)
    {
        int classes = g.Next(2, 3), pairs = classes * (classes - 1) / 2;
        bool probabilities = g.Chance(0.4);
        g.AddMany(new SvmClassifier
        {
            Kernel = g.Choose(Enum.GetValues<KernelFunction>()), KernelParams = [0.4f, 0.3f, 2], LabelInts = [.. Enumerable.Range(0, classes).Select(i => 2L * i + 1)], VectorsPerClass = [.. Enumerable.Repeat(1L, classes)],
            SupportVectors = Numbers(g, classes * FeatureCount), Coefficients = Numbers(g, classes * (classes - 1)), Rho = Numbers(g, pairs), ProbA = probabilities ? Numbers(g, pairs) : [], ProbB = probabilities ? Numbers(g, pairs) : [],
            PostTransform = classes > 2 || probabilities ? Transform(g) : ScoreFunction.None,
        }, 2, 1, Features(g));
    }

    /// <summary>One to three trees of at most three levels; each leaf has one vote.</summary>
    private sealed class Forest
    {
        private readonly NetworkGenerator g;
        private readonly List<Node> nodes = [];
        private readonly List<int> roots = [];

        private sealed record Node(int Tree, int Number, int Feature, int Mode, float Value, int Target)
        {
            public int True { get; set; }

            public int False { get; set; }

            public bool IsLeaf => Mode == 6;
        }

        public Forest(NetworkGenerator g, int targets)
        {
            this.g = g;
            for (int tree = g.Next(1, 3); tree > 0; tree--)
            {
                int first = nodes.Count;
                roots.Add(first);
                Grow(roots.Count - 1, first, targets, levels: 3, isRoot: true);
            }
        }

        // Positions among all nodes; numbers count from the tree's first.
        private int Grow(int tree, int first, int targets, int levels, bool isRoot = false)
        {
            int at = nodes.Count;
            bool leaf = !isRoot && (levels == 1 || g.Chance(0.3));
            nodes.Add(new(tree, at - first, g.Next(0, FeatureCount - 1), leaf ? 6 : g.Next(0, 5), g.Next(-8, 8) / 8f, g.Next(0, targets - 1)));
            if (leaf) return at;
            nodes[at].True = Grow(tree, first, targets, levels - 1);
            nodes[at].False = Grow(tree, first, targets, levels - 1);
            return at;
        }

        public T Numbered<T>(T op, int targets) where T : NumberedTrees
        {
            var leaves = nodes.Where(n => n.IsLeaf).ToArray();
            return op with
            {
                TreeIds = [.. nodes.Select(n => (long)n.Tree)], NodeIds = [.. nodes.Select(n => (long)n.Number)], FeatureIds = [.. nodes.Select(n => (long)n.Feature)],
                Modes = [.. nodes.Select(n => Modes[n.Mode])], Values = [.. nodes.Select(n => n.Value)],
                TrueNodeIds = [.. nodes.Select(n => n.IsLeaf ? 0L : nodes[n.True].Number)], FalseNodeIds = [.. nodes.Select(n => n.IsLeaf ? 0L : nodes[n.False].Number)],
                VoteTreeIds = [.. leaves.Select(n => (long)n.Tree)], VoteNodeIds = [.. leaves.Select(n => (long)n.Number)], VoteIds = [.. leaves.Select(n => (long)n.Target)], VoteWeights = Numbers(g, leaves.Length),
                // ONNX Runtime transforms no single target, and forgets the base value of a target without votes.
                PostTransform = targets > 1 ? Transform(g) : ScoreFunction.None, BaseValues = targets == 1 && g.Chance(0.3) ? Numbers(g, targets) : [],
            };
        }

        public TreeEnsemble Joined(int targets)
        {
            var inner = nodes.Where(n => !n.IsLeaf).ToList();
            var leaves = nodes.Where(n => n.IsLeaf).ToList();
            long Position(Node n) => n.IsLeaf ? leaves.IndexOf(n) : inner.IndexOf(n);
            return new()
            {
                Roots = [.. roots.Select(r => Position(nodes[r]))], FeatureIds = [.. inner.Select(n => (long)n.Feature)],
                Modes = Constant.Of(Tensor.Vector<byte>([.. inner.Select(n => (byte)n.Mode)])), Splits = Constant.Of(Tensor.Vector<float>([.. inner.Select(n => n.Value)])),
                TrueIds = [.. inner.Select(n => Position(nodes[n.True]))], TrueLeafs = [.. inner.Select(n => nodes[n.True].IsLeaf ? 1L : 0)],
                FalseIds = [.. inner.Select(n => Position(nodes[n.False]))], FalseLeafs = [.. inner.Select(n => nodes[n.False].IsLeaf ? 1L : 0)],
                LeafTargets = [.. leaves.Select(n => (long)n.Target)], LeafWeights = Constant.Of(Tensor.Vector<float>(Numbers(g, leaves.Count).AsSpan())), Targets = targets, Aggregate = g.Choose(TreeAggregate.Sum, TreeAggregate.Average, TreeAggregate.Min, TreeAggregate.Max),
            };
        }

        // The conditions in the order of TreeEnsemble's codes.
        private static readonly string[] Modes = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "LEAF"];
    }
}
