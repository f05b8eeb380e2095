namespace Strata.Operators.Reference;

/// <summary>One vote of a leaf.</summary>
internal readonly record struct TreeVote(int Target, double Weight);

/// <summary>A branching node. Branches are node positions, or complements (~) of leaf positions.</summary>
internal readonly record struct TreeNode(int Mode, int Feature, double Value, bool MissingTracksTrue, int True, int False, IReadOnlySet<double>? Members = null)
{
    public int Next(double x) => Holds(x) || MissingTracksTrue && double.IsNaN(x) ? True : False;

    private bool Holds(double x) => Mode switch
    {
        0 => x <= Value,
        1 => x < Value,
        2 => x >= Value,
        3 => x > Value,
        4 => x == Value,
        5 => x != Value,
        _ => Members!.Contains(x),
    };
}

/// <summary>Decision trees ready to run.</summary>
internal sealed class DecisionForest(TreeNode[] nodes, TreeVote[][] leaves, int[] roots)
{
    public int Trees => roots.Length;

    /// <summary>Collects the votes that a row gets; true where a target got one.</summary>
    public bool[] Score(ReadOnlySpan<double> row, TreeAggregate aggregate, Span<double> scores)
    {
        var voted = new bool[scores.Length];
        foreach (int root in roots)
        {
            foreach (var vote in leaves[Leaf(root, row)])
            {
                ref double score = ref scores[vote.Target];
                score = !voted[vote.Target] ? vote.Weight : aggregate switch
                {
                    TreeAggregate.Min => Math.Min(score, vote.Weight),
                    TreeAggregate.Max => Math.Max(score, vote.Weight),
                    _ => score + vote.Weight,
                };
                voted[vote.Target] = true;
            }
        }
        if (aggregate == TreeAggregate.Average)
        {
            foreach (ref double score in scores) score /= Math.Max(roots.Length, 1);
        }
        return voted;
    }

    private int Leaf(int at, ReadOnlySpan<double> row)
    {
        for (int steps = 0; at >= 0; steps++)
        {
            if (steps > nodes.Length) throw ReferenceContext.Fail("the branches of a tree form a circle");
            var node = nodes[at];
            if (node.Feature < 0 || node.Feature >= row.Length) throw ReferenceContext.Fail($"a node looks at feature {node.Feature} of {row.Length}");
            at = node.Next(row[node.Feature]);
        }
        return ~at;
    }

    /// <summary>The trees of the numbered form.</summary>
    public static DecisionForest Of(NumberedTrees op)
    {
        var places = new Dictionary<(long, long), int>();
        for (int i = 0; i < op.TreeIds.Length; i++) places.TryAdd((op.TreeIds[i], op.NodeIds[i]), i);
        var weights = op.VoteWeightsTensor?.Materialize().ToDoubles() ?? [.. op.VoteWeights.Select(w => (double)w)];
        var values = op.ValuesTensor?.Materialize().ToDoubles() ?? [.. op.Values.Select(v => (double)v)];

        // Each node's own position also serves as the position of its leaf.
        var votes = new List<TreeVote>[op.TreeIds.Length];
        for (int i = 0; i < votes.Length; i++) votes[i] = [];
        for (int v = 0; v < op.VoteIds.Length; v++) votes[Find(op.VoteTreeIds[v], op.VoteNodeIds[v])].Add(new((int)op.VoteIds[v], weights[v]));

        var nodes = new TreeNode[op.TreeIds.Length];
        var roots = new List<int>();
        var seen = new HashSet<long>();
        for (int i = 0; i < nodes.Length; i++)
        {
            int mode = NumberedTrees.ModeNames.IndexOf(op.Modes[i]);
            if (mode < 6)
            {
                int yes = Branch(op.TreeIds[i], op.TrueNodeIds[i]), no = Branch(op.TreeIds[i], op.FalseNodeIds[i]);
                nodes[i] = new(mode, (int)Math.Clamp(op.FeatureIds[i], -1, int.MaxValue), values[i], !op.MissingTracksTrue.IsEmpty && op.MissingTracksTrue[i] != 0, yes, no);
            }
            if (seen.Add(op.TreeIds[i])) roots.Add(mode < 6 ? i : ~i);
        }
        return new(nodes, [.. votes.Select(v => v.ToArray())], [.. roots]);

        int Find(long tree, long node) => places.TryGetValue((tree, node), out int at) ? at : throw ReferenceContext.Fail($"tree {tree} has no node {node}");

        int Branch(long tree, long node)
        {
            int at = Find(tree, node);
            return op.Modes[at] == "LEAF" ? ~at : at;
        }
    }

    /// <summary>The trees of the positional form.</summary>
    public static DecisionForest Of(TreeEnsemble op)
    {
        double[] splits = op.Splits!.Materialize().ToDoubles(), weights = op.LeafWeights!.Materialize().ToDoubles();
        long[] modes = op.Modes!.Materialize().ToInt64s();
        var sets = new Queue<HashSet<double>>(Sets(op.Members?.Materialize().ToDoubles() ?? []));
        var nodes = new TreeNode[modes.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            if (modes[i] is < 0 or > 6) throw ReferenceContext.Fail($"a node's mode is {modes[i]}; allowed are 0 to 6");
            HashSet<double>? members = null;
            if (modes[i] == 6 && !sets.TryDequeue(out members)) throw ReferenceContext.Fail("membership_values has fewer sets than nodes that test membership");
            nodes[i] = new((int)modes[i], (int)Math.Clamp(op.FeatureIds[i], -1, int.MaxValue), splits[i], !op.MissingTracksTrue.IsEmpty && op.MissingTracksTrue[i] != 0,
                Branch(op.TrueIds[i], op.TrueLeafs[i] != 0), Branch(op.FalseIds[i], op.FalseLeafs[i] != 0), members);
        }
        return new(nodes, [.. op.LeafTargets.Select((t, i) => new[] { new TreeVote((int)t, weights[i]) })], [.. op.Roots.Select(r => Branch(r, false))]);

        int Branch(long at, bool leaf)
        {
            int count = leaf ? weights.Length : modes.Length;
            if (at < 0 || at >= count) throw ReferenceContext.Fail($"a branch leads to {(leaf ? "leaf" : "node")} {at} of {count}");
            return leaf ? ~(int)at : (int)at;
        }
    }

    private static IEnumerable<HashSet<double>> Sets(double[] members)
    {
        var set = new HashSet<double>();
        foreach (double member in members)
        {
            if (!double.IsNaN(member)) set.Add(member);
            else
            {
                yield return set;
                set = [];
            }
        }
        if (set.Count > 0) yield return set;
    }
}
