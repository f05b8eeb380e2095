using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

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
        var inner = new Scan { NumScanInputs = node.Attributes.Int("num_scan_inputs", 0), InputDirections = node.Attributes.Ints("directions", []) };
        var graph = LoopLowering.Body(node);
        Value[] operands = [.. Enumerable.Range(1, node.Inputs.Length - 1).Select(i => node[i])];
        int scanned = Scanned(inner, operands.Length), states = operands.Length - scanned;
        if (graph.Input.Count != operands.Length) throw new InvalidNetworkException($"the body takes {graph.Input.Count} inputs, {operands.Length} are given");

        // What one row of the batch computes.
        var row = node.NewBody("row");
        Value[] slices = [.. operands.Select(o => row.Builder.Input(row.Builder.UniqueName(o.Name), Scan.SliceType(o.Type, 0)))];
        var length = node.Has(0) ? new RowLength(row.Builder, node[0], slices[states]) : null;
        NetworkType[] types = [.. slices.Select((s, i) => i < states ? s.Type : Scan.SliceType(s.Type, 0))];
        var body = LoopLowering.ImportBody(node, row, graph, types, firstCarried: 0, states, firstResult: 0);
        node.RequireBodies();
        var (network, captured) = LoopLowering.Close(body);
        Value[] given = [.. slices.Select((s, i) => i < states || length is null ? s : length.Cut(s))];
        var layer = row.Builder.Add(inner with { Body = network, Captures = captured.Length }, [.. given, .. captured], [.. graph.Output.Select(o => new OutputSpec?(new OutputSpec(o.Name)))], "");
        for (int i = 0; i < graph.Output.Count; i++)
        {
            var output = layer.Outputs[i]!;
            row.Builder.Output(graph.Output[i].Name, i < states || length is null ? output : length.Fill(output));
        }

        var (rowNetwork, rowCaptured) = LoopLowering.Close(row);
        Value[] scannedByRow = length is null ? operands : [.. operands, node[0]];
        node.Result(new Scan { Body = rowNetwork, NumScanInputs = scannedByRow.Length, Captures = rowCaptured.Length }, [.. scannedByRow, .. rowCaptured]);
    }

    /// <summary>The number of elements of a row that count, in the network that computes the row.</summary>
    private sealed class RowLength
    {
        private readonly NetworkBuilder builder;
        private readonly Value zero, length, missing;

        public RowLength(NetworkBuilder builder, Value lengths, Value longest)
        {
            this.builder = builder;
            var input = builder.Input(builder.UniqueName(lengths.Name), Scan.SliceType(lengths.Type, 0));
            zero = builder.Constant(Tensor.Vector(0L));
            length = builder.Add(new Unsqueeze(), builder.Add(new Cast { To = ElementType.Int64 }, input), zero);
            missing = builder.Add(new Sub(), builder.Add(new ShapeOf { End = 1 }, longest), length);
        }

        /// <summary>The elements that count.</summary>
        public Value Cut(Value slice) => builder.Add(new Slice(), slice, zero, length, zero);

        /// <summary>The elements and zeros up to the longest row.</summary>
        public Value Fill(Value stack) => builder.Add(new Pad(), stack, builder.Add(new Concat(), zero, missing), null, zero);
    }

    private static int Scanned(Scan scan, int operands) => scan.NumScanInputs >= 1 && scan.NumScanInputs <= operands
        ? (int)scan.NumScanInputs
        : throw new InvalidNetworkException($"num_scan_inputs is {scan.NumScanInputs}; {operands} operands are given");
}
