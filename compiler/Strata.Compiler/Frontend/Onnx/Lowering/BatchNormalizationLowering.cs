using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>
/// BatchNormalization before version 14: training is asked for by <c>is_test</c> = 0 (before 7) or by naming more outputs
/// than one; <c>spatial</c> = 0 (before 9) has statistics for every element of a sample.
/// </summary>
internal static class BatchNormalizationLowering
{
    public static void BeforeTrainingMode(NodeLowering node)
    {
        bool hasIsTest = node.Version < 7;
        bool training = hasIsTest && !node.Attributes.Flag("is_test", false);
        if (hasIsTest) node.Attributes.Ignore("consumed_inputs");
        var op = node.Read(new BatchNormalization()) with { TrainingMode = training };
        if (node.Wants(3) || node.Wants(4) || !hasIsTest && node.OutputCount > 1)
            throw NodeLowering.Unsupported($"outputs beyond the first belong to training in operator set {node.Version}; export the model for inference");
        bool spatial = node.Version >= 9 || node.Attributes.Flag("spatial", true);
        int? rank = (node[0].Type as TensorType)?.Rank;
        if (!spatial && rank is null or > 2) throw NodeLowering.Unsupported($"spatial = 0 needs an input of rank 2, is {node[0].Type}");
        node.Result(op, node.Inputs.AsSpan());
    }
}
