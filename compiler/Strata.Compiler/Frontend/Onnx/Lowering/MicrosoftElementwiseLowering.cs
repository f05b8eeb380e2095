using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft's fusions of a bias, an activation or a factor with what stands beside them.</summary>
internal static class MicrosoftElementwiseLowering
{
    /// <summary>BiasAdd: <c>x + bias + skip</c>.</summary>
    public static void BiasAdd(NodeLowering node)
    {
        var wide = Wide(node);
        wide.Bind(0, node.Emit(new Add(), Biased(node, wide), wide.In(node[2])));
    }

    /// <summary>BiasDropout without training: <c>x + bias + residual</c>, and a mask of ones.</summary>
    public static void BiasDropout(NodeLowering node)
    {
        node.Attributes.Ignore("seed"); // the ratio too has no effect without training
        if (node.Optional(4) is { } training && NodeLowering.Number(training) != 0)
            throw NodeLowering.Unsupported("training_mode must be a constant false; export the model for inference");
        var wide = Wide(node);
        var sum = Biased(node, wide);
        wide.Bind(0, node.Has(2) ? node.Emit(new Add(), sum, wide.In(node[2])) : sum);
        if (node.Wants(1)) node.Bind(1, node.Emit(new ConstantOfShape { Value = Constant.Of(Tensor.Vector<bool>(true)) }, node.Emit(new ShapeOf(), node[0])));
    }

    /// <summary>BiasSoftmax: softmax of <c>x + bias</c> over all axes from one on, taken as one. The bias broadcasts by its shape.</summary>
    public static void BiasSoftmax(NodeLowering node)
    {
        long axis = node.Attributes.Int("axis", 1);
        node.Attributes.Ignore("is_inner_broadcast"); // how a kernel finds the bias of a row; the shapes say it too
        var wide = Wide(node);
        var sum = Biased(node, wide);
        int rank = sum.TensorType.Rank ?? throw NodeLowering.Unsupported("the operands must have known ranks");
        if (axis == -1 || axis == rank - 1)
        {
            wide.Bind(0, node.Emit(new Softmax(), sum));
            return;
        }
        var rows = node.Emit(new Softmax { Axis = 1 }, node.Emit(new Flatten { Axis = axis }, sum));
        wide.Bind(0, node.Emit(new Reshape { AllowZero = true }, rows, node.Emit(new ShapeOf(), sum)));
    }

    /// <summary>BiasSplitGelu: of <c>x + bias</c>, the left half times the Gelu of the right one.</summary>
    public static void BiasSplitGelu(NodeLowering node)
    {
        var wide = Wide(node);
        var halves = node.EmitMany(new Split { Axis = -1, NumOutputs = 2 }, 2, Biased(node, wide)).Outputs;
        wide.Bind(0, node.Emit(new Mul(), halves[0], node.Emit(new Gelu(), halves[1])));
    }

    /// <summary>GatedAdd: <c>x + y · gate</c>, the product rounded.</summary>
    public static void GatedAdd(NodeLowering node) => node.Result(new Add(), node[0], node.Emit(new Mul(), node[1], node[2]));

    /// <summary>GatedRMSNorm: RMS normalisation over runs as long as the scale, times the SiLU of the gate.</summary>
    public static void GatedRmsNorm(NodeLowering node)
    {
        long run = node[1].TensorType.Shape is { Rank: 1 } shape && shape[0].Constant is { } length ? length : throw NodeLowering.Unsupported($"the scale must be a vector of known length, is {node[1].Type}");
        var wide = Wide(node);
        var runs = node.Emit(new Reshape(), wide.In(node[0]), node.Ints(-1, run));
        float epsilon = node.Attributes.OptionalFloat("epsilon", null) ?? throw new InvalidNetworkException("attribute epsilon is missing");
        var scaled = node.Emit(new RmsNormalization { Epsilon = epsilon }, runs, wide.In(node[1]));
        var normal = node.Emit(new Reshape { AllowZero = true }, scaled, node.Emit(new ShapeOf(), node[0]));
        wide.Bind(0, node.Emit(new Mul(), normal, node.Emit(new Swish(), wide.In(node[2]))));
    }

    /// <summary>ComplexMul and ComplexMulConj: products of numbers whose real and imaginary part lie along the last axis.</summary>
    public static void ComplexMul(NodeLowering node, bool conjugate)
    {
        var wide = Wide(node);
        Value a = wide.In(node[0]), b = wide.In(node[1]);
        Value x = Part(a, 0), y = Part(a, 1), u = Part(b, 0), v = Part(b, 1);
        Operator minus = new Sub(), plus = new Add();
        var real = node.Emit(conjugate ? plus : minus, Product(x, u), Product(y, v));
        var imaginary = node.Emit(conjugate ? minus : plus, Product(y, u), Product(x, v));
        wide.Bind(0, node.Emit(new Concat { Axis = -1 }, real, imaginary));

        Value Product(Value left, Value right) => node.Emit(new Mul(), left, right);
        Value Part(Value value, long index) => node.Emit(new Gather { Axis = -1 }, value, node.Ints(index));
    }

    /// <summary>CDist: the distance of each row of one matrix from each of another.</summary>
    public static void Distances(NodeLowering node)
    {
        string metric = node.Attributes.Text("metric", "sqeuclidean");
        if (metric is not ("euclidean" or "sqeuclidean")) throw NodeLowering.Unsupported($"metric '{metric}' is not supported; allowed are euclidean, sqeuclidean");
        var difference = node.Emit(new Sub(), node.Emit(new Unsqueeze(), node[0], node.Ints(1)), node.Emit(new Unsqueeze(), node[1], node.Ints(0)));
        var squares = node.Emit(new ReduceSumSquare { KeepDims = false }, difference, node.Ints(2));
        node.Result(metric == "euclidean" ? new Sqrt() : new Identity(), squares);
    }

    /// <summary>GemmaRotaryEmbedding: operands angles, q, q rotated by half, k, k rotated by half.</summary>
    public static void GemmaRotation(NodeLowering node)
    {
        var type = node[1].TensorType.ElementType;
        Value sine = Factor(new Sin()), cosine = Factor(new Cos());
        for (int i = 0; i < 2; i++)
        {
            if (node.Wants(i)) node.Bind(i, node.Emit(new Add(), node.Emit(new Mul(), node[1 + 2 * i], cosine), node.Emit(new Mul(), node[2 + 2 * i], sine)));
        }

        Value Factor(Operator function) => node.Emit(new Unsqueeze(), node.Emit(new Cast { To = type }, node.Emit(function, node[0])), node.Ints(1));
    }

    private static Value Biased(NodeLowering node, WideArithmetic wide) => node.Emit(new Add(), wide.In(node[0]), wide.In(node[1]));

    private static WideArithmetic Wide(NodeLowering node) => new(node, node[0].TensorType.ElementType);
}
