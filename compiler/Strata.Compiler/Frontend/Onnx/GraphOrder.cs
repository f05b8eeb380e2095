using Strata.Compiler.Frontend.Onnx.Proto;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>Brings nodes into an order in which each follows those it depends on. ONNX demands that order, but optimisers append nodes.</summary>
internal static class GraphOrder
{
    /// <summary>The nodes of a graph, in the given order as far as dependencies allow.</summary>
    /// <exception cref="StrataFormatException">Nodes depend on each other in a circle, or two give one name.</exception>
    public static IReadOnlyList<NodeProto> Of(GraphProto graph)
    {
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        var nodes = WithoutReplacedConstants(graph, producers);
        var needs = new int[nodes.Count][];
        bool ordered = true;
        for (int i = 0; i < needs.Length; i++)
        {
            needs[i] = [.. Uses(nodes[i]).Select(name => producers.GetValueOrDefault(name, -1)).Where(p => p >= 0 && p != i).Distinct()];
            ordered &= needs[i].All(p => p < i);
        }
        return ordered ? nodes : Sort(graph.Name, nodes, needs);
    }

    // Of several Constant nodes for one name the last counts everywhere, as among initializers.
    private static IReadOnlyList<NodeProto> WithoutReplacedConstants(GraphProto graph, Dictionary<string, int> producers)
    {
        var replaced = new HashSet<int>();
        for (int i = 0; i < graph.Node.Count; i++)
        {
            foreach (string output in graph.Node[i].Output)
            {
                if (output.Length == 0) continue;
                if (producers.TryGetValue(output, out int earlier))
                {
                    if (graph.Node[i].OpType != "Constant" || graph.Node[earlier].OpType != "Constant") throw new StrataFormatException($"graph '{graph.Name}': two nodes give '{output}'");
                    replaced.Add(earlier);
                }
                producers[output] = i;
            }
        }
        if (replaced.Count == 0) return graph.Node;
        List<NodeProto> kept = [.. graph.Node.Where((_, i) => !replaced.Contains(i))];
        producers.Clear();
        for (int i = 0; i < kept.Count; i++)
        {
            foreach (string output in kept[i].Output.Where(o => o.Length > 0)) producers[output] = i;
        }
        return kept;
    }

    private static List<NodeProto> Sort(string graphName, IReadOnlyList<NodeProto> nodes, int[][] needs)
    {
        var result = new List<NodeProto>(nodes.Count);
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
                    if (open[needed]) throw new StrataFormatException($"graph '{graphName}': node '{nodes[needed].Name}' ({nodes[needed].OpType}) depends on its own output");
                    path.Push(needed);
                    continue;
                }
                path.Pop();
                open[node] = false;
                next[node] = needs[node].Length + 1;
                result.Add(nodes[node]);
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
        used.ExceptWith(graph.SparseInitializer.Select(t => t.Values?.Name ?? ""));
        used.ExceptWith(graph.Node.SelectMany(n => n.Output));
        return used;
    }
}
