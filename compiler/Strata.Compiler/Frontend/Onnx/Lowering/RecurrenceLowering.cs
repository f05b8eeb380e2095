using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>GRU, LSTM and RNN before version 7 announce by an attribute whether the sequence output is used.</summary>
internal static class RecurrenceLowering
{
    public static void Lower<T>(NodeLowering node) where T : Recurrence, new()
    {
        // Which outputs the node names says the same.
        node.Attributes.Ignore("output_sequence");
        node.Result(node.Read(new T()), node.Inputs.AsSpan());
    }
}
