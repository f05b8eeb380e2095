using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>SoftmaxCrossEntropyLoss: log-softmax over the classes, then the negative log-likelihood.</summary>
internal static class SoftmaxCrossEntropyLossLowering
{
    public static void Lower(NodeLowering node)
    {
        var logProbabilities = node.Emit(new LogSoftmax { Axis = 1 }, node[0]);
        var loss = node.Emit(node.Read(new NegativeLogLikelihoodLoss()), logProbabilities, node[1], node.Optional(2));
        if (node.Wants(0)) node.Bind(0, loss);
        if (node.Wants(1)) node.Bind(1, logProbabilities);
    }
}
