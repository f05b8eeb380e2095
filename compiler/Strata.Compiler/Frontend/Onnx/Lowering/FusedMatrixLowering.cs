using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft's matrix products fused with transpositions, factors and activations.</summary>
internal static class FusedMatrixLowering
{
    /// <summary>FusedMatMul and TransposeMatMul: <c>alpha · a' · b'</c>.</summary>
    public static void MatMul(NodeLowering node) => node.Bind(0, Product(node));

    /// <summary>FusedMatMulActivation: the same, then the activation that an attribute names.</summary>
    public static void MatMulActivation(NodeLowering node)
    {
        var product = Product(node);
        if (node.Attributes.Text("activation", "") is "Softmax" or "LogSoftmax")
        {
            long axis = node.Attributes.Int("activation_axis", -1);
            node.Attributes.Ignore("activation_alpha", "activation_beta", "activation_gamma");
            node.Result(node.Attributes.Text("activation", "") == "Softmax" ? new Softmax { Axis = axis } : new LogSoftmax { Axis = axis }, product);
            return;
        }
        node.Attributes.Ignore("activation_axis"); // belongs to no activation below
        node.Result(Activation(node), product);
    }

    /// <summary>GemmFastGelu: <c>gelu(x · w + bias)</c>, approximated by tanh.</summary>
    public static void GemmFastGelu(NodeLowering node)
    {
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        var sum = node.Emit(new MatMul(), wide.In(node[0]), wide.In(node[1]));
        if (node.Has(2)) sum = node.Emit(new Add(), sum, wide.In(node[2]));
        wide.Bind(0, node.Emit(new Gelu { Approximate = GeluApproximation.Tanh }, sum));
    }

    private static Value Product(NodeLowering node)
    {
        Value a = Operand(node, 0, node.Attributes.Flag("transA", false), node.Attributes.Flag("transBatchA", false));
        Value b = Operand(node, 1, node.Attributes.Flag("transB", false), node.Attributes.Flag("transBatchB", false));
        float alpha = node.Attributes.Float("alpha", 1);
        if (alpha == 1) return node.Emit(new MatMul(), a, b);
        var wide = new WideArithmetic(node, a.TensorType.ElementType);
        return wide.Out(node.Emit(new Mul(), node.Emit(new MatMul(), wide.In(a), wide.In(b)), wide.Scalar(alpha)));
    }

    /// <summary>FusedGemm: Gemm, then the activation that an attribute names.</summary>
    public static void Gemm(NodeLowering node)
    {
        var product = node.Emit(node.Read(new Gemm()), node[0], node[1], node.Optional(2));
        node.Result(Activation(node), product);
    }

    private static Operator Activation(NodeLowering node)
    {
        string name = node.Attributes.Text("activation", "");
        float? alpha = node.Attributes.OptionalFloat("activation_alpha", null), beta = node.Attributes.OptionalFloat("activation_beta", null);
        node.Attributes.Ignore("activation_gamma"); // belongs to no activation below
        return name switch
        {
            "" => new Identity(),
            "Relu" => new Relu(),
            "Tanh" => new Tanh(),
            "Sigmoid" => new Sigmoid(),
            "Softplus" => new Softplus(),
            "Softsign" => new Softsign(),
            "LeakyRelu" => new LeakyRelu { Alpha = alpha ?? 0.01f },
            "Elu" => new Elu { Alpha = alpha ?? 1 },
            "ThresholdedRelu" => new ThresholdedRelu { Alpha = alpha ?? 1 },
            "HardSigmoid" => new HardSigmoid { Alpha = alpha ?? 0.2f, Beta = beta ?? 0.5f },
            _ => throw NodeLowering.Unsupported($"activation '{name}' is not supported; allowed are Relu, Tanh, Sigmoid, Softplus, Softsign, LeakyRelu, Elu, ThresholdedRelu, HardSigmoid"),
        };
    }

    // transBatch: the rows are the first dimension, before the batch: [M, …, K].
    private static Value Operand(NodeLowering node, int index, bool transposed, bool rowsFirst)
    {
        var value = node[index];
        if (!transposed && !rowsFirst) return value;
        int rank = value.TensorType.Rank ?? throw NodeLowering.Unsupported($"input {index} is transposed and must have a known rank");
        if (rank < 2) return value;
        long[] perm = [.. Enumerable.Range(0, rank)];
        if (rowsFirst) perm = [.. perm[1..^1], 0, perm[^1]];
        if (transposed) (perm[^1], perm[^2]) = (perm[^2], perm[^1]);
        return node.Emit(new Transpose { Perm = [.. perm] }, value);
    }
}
