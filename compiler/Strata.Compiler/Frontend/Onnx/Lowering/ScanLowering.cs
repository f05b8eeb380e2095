using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>Scan: the body becomes a closed network. Version 8 scans along axis 1 for each row of a batch: a scan inside a scan.</summary>
internal static class ScanLowering
{
    public static void Lower(NodeLowering node)
    {
        var scan = node.Read(new Scan()); // everything but the body, which the reader cannot close
        var graph = LoopLowering.Body(node);
        int scanned = Scanned(scan, node.Inputs.Length), states = node.Inputs.Length - scanned;
        if (graph.Input.Count != node.Inputs.Length) throw new InvalidNetworkException($"the body takes {graph.Input.Count} inputs, {node.Inputs.Length} are given");
        NetworkType[] types = [.. Enumerable.Range(0, states).Select(i => node[i].Type), .. Enumerable.Range(0, scanned).Select(i => Scan.SliceType(node[states + i].Type, Scan.At(scan.InputAxes, i)))];
        var body = LoopLowering.ImportBody(node, node.Scope, graph, types, firstCarried: 0, states, firstResult: 0);
        var (network, captured) = LoopLowering.Close(body);
        node.Result(scan with { Body = network, Captures = captured.Length }, [.. node.Inputs, .. captured]);
    }

    public static void LowerBatched(NodeLowering node)
    {
        if (node.Has(0)) throw NodeLowering.Unsupported("sequence_lens of Scan version 8 is not supported; convert the model to version 9 or newer");
        var inner = new Scan { NumScanInputs = node.Attributes.Int("num_scan_inputs", 0), InputDirections = node.Attributes.Ints("directions", []) };
        var graph = LoopLowering.Body(node);
        Value[] operands = [.. Enumerable.Range(1, node.Inputs.Length - 1).Select(i => node[i])];
        int scanned = Scanned(inner, operands.Length), states = operands.Length - scanned;
        if (graph.Input.Count != operands.Length) throw new InvalidNetworkException($"the body takes {graph.Input.Count} inputs, {operands.Length} are given");

        // What one row of the batch computes.
        var row = node.NewBody("row");
        Value[] slices = [.. operands.Select(o => row.Builder.Input(row.Builder.UniqueName(o.Name), Scan.SliceType(o.Type, 0)))];
        NetworkType[] types = [.. slices.Select((s, i) => i < states ? s.Type : Scan.SliceType(s.Type, 0))];
        var body = LoopLowering.ImportBody(node, row, graph, types, firstCarried: 0, states, firstResult: 0);
        node.RequireBodies();
        var (network, captured) = LoopLowering.Close(body);
        var layer = row.Builder.Add(inner with { Body = network, Captures = captured.Length }, [.. slices, .. captured], [.. graph.Output.Select(o => new OutputSpec?(new OutputSpec(o.Name)))], "");
        for (int i = 0; i < graph.Output.Count; i++) row.Builder.Output(graph.Output[i].Name, layer.Outputs[i]!);

        var (rowNetwork, rowCaptured) = LoopLowering.Close(row);
        node.Result(new Scan { Body = rowNetwork, NumScanInputs = operands.Length, Captures = rowCaptured.Length }, [.. operands, .. rowCaptured]);
    }

    private static int Scanned(Scan scan, int operands) => scan.NumScanInputs >= 1 && scan.NumScanInputs <= operands
        ? (int)scan.NumScanInputs
        : throw new InvalidNetworkException($"num_scan_inputs is {scan.NumScanInputs}; {operands} operands are given");
}
