using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>
/// Loop: the body becomes a closed network. Its carried inputs get the types of the initial values, widened until they
/// also cover what the body gives for the next iteration.
/// </summary>
internal static class LoopLowering
{
    // From this nesting on the body is imported once with carried values of unknown rank: repeated imports multiply.
    private const int DeepNesting = 3;

    public static void Lower(NodeLowering node)
    {
        var graph = Body(node);
        int carried = graph.Input.Count - 2;
        if (carried < 0) throw new InvalidNetworkException($"the body must take number and condition, takes {graph.Input.Count} inputs");
        if (node.Inputs.Length > carried + 2) throw new InvalidNetworkException($"{node.Inputs.Length - 2} carried values are given, the body takes {carried}");
        NetworkType[] types = [Single(graph.Input[0], ElementType.Int64), Single(graph.Input[1], ElementType.Bool), .. Enumerable.Range(2, carried).Select(i => node[i].Type)];
        var body = ImportBody(node, node.Scope, graph, types, firstCarried: 2, carried, firstResult: 1);
        var (network, captured) = Close(body);
        node.Result(new Loop { Body = network, Captures = captured.Length }, [node.Optional(0), node.Optional(1), .. Enumerable.Range(2, carried).Select(i => node[i]), .. captured]);
    }

    /// <summary>The body's graph.</summary>
    public static GraphProto Body(NodeLowering node) => node.Attributes.Graph("body") ?? throw new InvalidNetworkException("attribute body is missing");

    /// <summary>
    /// Imports a body that runs repeatedly. <paramref name="types"/> are those of its inputs in the first iteration; inputs
    /// from <paramref name="firstCarried"/> on take the results from <paramref name="firstResult"/> on.
    /// </summary>
    public static ImportScope ImportBody(NodeLowering node, ImportScope outer, GraphProto graph, NetworkType[] types, int firstCarried, int carried, int firstResult)
    {
        if (graph.Output.Count < firstResult + carried) throw new InvalidNetworkException($"the body must have at least {firstResult + carried} outputs, has {graph.Output.Count}");
        int depth = 0;
        for (var scope = outer; scope is not null; scope = scope.Parent) depth++;
        bool widest = depth > DeepNesting;
        var open = new HashSet<Dim>(); // dimensions that stand for a new value in each iteration
        while (true)
        {
            if (widest)
            {
                for (int i = firstCarried; i < firstCarried + carried; i++) types[i] = ImportScope.Widest(types[i]);
            }
            var body = node.NewBody("body", outer);
            for (int i = 0; i < types.Length; i++) body.Define(graph.Input[i].Name, body.Builder.Input(graph.Input[i].Name, types[i]));
            try
            {
                if (!node.ImportBody(body, graph)) return body;
            }
            catch (InvalidNetworkException) when (!widest)
            {
                // What breaks a rule in the first iteration may stand in a branch that only later iterations take.
                widest = true;
                continue;
            }
            bool stable = true;
            for (int i = 0; i < carried; i++)
            {
                body.TryFind(graph.Output[firstResult + i].Name, out var result);
                var union = TypeUnion.Of(types[firstCarried + i], result!.Type, Unite)
                    ?? throw new InvalidNetworkException($"the body takes {types[firstCarried + i]} as '{graph.Input[firstCarried + i].Name}' and gives {result.Type} for the next iteration");
                stable &= union.Equals(types[firstCarried + i]);
                types[firstCarried + i] = union;
            }
            if (stable || widest) return body;
        }

        Dim Unite(Dim taken, Dim given)
        {
            if (taken.Equals(given) || open.Contains(taken)) return taken;
            var dim = outer.Builder.Fresh();
            open.Add(dim);
            return dim;
        }
    }

    /// <summary>The finished network of a body, its inputs followed by the values it captures.</summary>
    public static (Network Network, Value[] Captured) Close(ImportScope body) => (body.Builder.Build(), [.. body.Captures.Select(c => c.Outer)]);

    private static NetworkType Single(ValueInfoProto input, ElementType type) => new TensorType(type, input.Type?.TensorType?.Shape?.Dim.Count == 1 ? [1] : []);
}
