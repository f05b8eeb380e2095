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
        if (spatial)
        {
            node.Result(op, node.Inputs.AsSpan());
            return;
        }
        var features = node.Emit(op, node.Emit(new Flatten(), node[0]), Vector(1), Vector(2), Vector(3), Vector(4));
        node.Result(new Reshape { AllowZero = true }, features, node.Emit(new ShapeOf(), node[0]));

        Value Vector(int index) => node.Emit(new Reshape(), node[index], node.Ints(-1));
    }
}
