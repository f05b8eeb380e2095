using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>SequenceMap: the body becomes a closed network that takes one value of each sequence.</summary>
internal static class SequenceMapLowering
{
    public static void Lower(NodeLowering node)
    {
        var graph = LoopLowering.Body(node);
        if (graph.Input.Count != node.Inputs.Length) throw new InvalidNetworkException($"the body takes {graph.Input.Count} inputs, {node.Inputs.Length} are given");
        NetworkType[] types = [.. Enumerable.Range(0, node.Inputs.Length).Select(i => node[i].Type is SequenceType sequence ? sequence.Element : node[i].Type)];
        var body = LoopLowering.ImportBody(node, node.Scope, graph, types, firstCarried: 0, carried: 0, firstResult: 0);
        var (network, captured) = LoopLowering.Close(body);
        node.Result(new SequenceMap { Body = network, Captures = captured.Length }, [.. node.Inputs, .. captured]);
    }
}
