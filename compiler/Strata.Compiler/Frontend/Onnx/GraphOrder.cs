using Strata.Compiler.Frontend.Onnx.Proto;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>Brings nodes into an order in which each follows those it depends on. ONNX demands that order, but optimisers append nodes.</summary>
internal static class GraphOrder
{
    /// <summary>The nodes of a graph, in the given order as far as dependencies allow.</summary>
    /// <exception cref="StrataFormatException">Nodes depend on each other in a circle.</exception>
    public static IReadOnlyList<NodeProto> Of(GraphProto graph)
    {
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            foreach (string output in graph.Node[i].Output)
            {
                if (output.Length > 0) producers.TryAdd(output, i);
            }
        }
        var needs = new int[graph.Node.Count][];
        bool ordered = true;
        for (int i = 0; i < needs.Length; i++)
        {
            needs[i] = [.. Uses(graph.Node[i]).Select(name => producers.GetValueOrDefault(name, -1)).Where(p => p >= 0 && p != i).Distinct()];
            ordered &= needs[i].All(p => p < i);
        }
        return ordered ? graph.Node : Sort(graph, needs);
    }

    private static List<NodeProto> Sort(GraphProto graph, int[][] needs)
    {
        var result = new List<NodeProto>(needs.Length);
        var next = new int[needs.Length]; // position in needs; past its end once the node is placed
        var open = new bool[needs.Length];
        var path = new Stack<int>();
        for (int start = 0; start < needs.Length; start++)
        {
            if (next[start] <= needs[start].Length && !open[start]) path.Push(start);
            while (path.TryPeek(out int node))
            {
                open[node] = true;
                if (next[node] < needs[node].Length)
                {
                    int needed = needs[node][next[node]++];
                    if (next[needed] > needs[needed].Length) continue;
                    if (open[needed]) throw new StrataFormatException($"graph '{graph.Name}': node '{graph.Node[needed].Name}' ({graph.Node[needed].OpType}) depends on its own output");
                    path.Push(needed);
                    continue;
                }
                path.Pop();
                open[node] = false;
                next[node] = needs[node].Length + 1;
                result.Add(graph.Node[node]);
            }
        }
        return result;
    }

    // Names that a node uses, those that its nested graphs take from outside included.
    private static IEnumerable<string> Uses(NodeProto node)
    {
        foreach (string input in node.Input) yield return input;
        foreach (var attribute in node.Attribute)
        {
            if (attribute.G is null) continue;
            foreach (string name in Captures(attribute.G)) yield return name;
        }
    }

    private static HashSet<string> Captures(GraphProto graph)
    {
        var used = new HashSet<string>(graph.Node.SelectMany(Uses).Concat(graph.Output.Select(o => o.Name)), StringComparer.Ordinal);
        used.ExceptWith(graph.Input.Select(i => i.Name));
        used.ExceptWith(graph.Initializer.Select(t => t.Name));
        used.ExceptWith(graph.SparseInitializer.Select(t => t.Values.Name));
        used.ExceptWith(graph.Node.SelectMany(n => n.Output));
        return used;
    }
}
