using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>
/// com.microsoft's MoE and QMoE: for each token, the outputs of the k experts of greatest probability, weighted by it. All
/// experts are computed, the others with weight zero.
/// </summary>
internal static class ExpertsLowering
{
    /// <summary>MoE: operands tokens, router logits, then weights <c>[E, out, in]</c> and bias of the first, second and third product.</summary>
    public static void Lower(NodeLowering node)
    {
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        Lower(node, wide, step => wide.In(node[2 + 2 * step]), step => 3 + 2 * step, third: 6, router: null);
    }

    /// <summary>QMoE: weights as packed codes, each with scales before its bias, and zero-points from operand 11 on; operand 14 weights the outputs.</summary>
    public static void Quantized(NodeLowering node)
    {
        var read = node.Attributes;
        if (read.Text("quant_type", "int") is var kind and not "int") throw NodeLowering.Unsupported($"quant_type '{kind}' is not supported; allowed is int");
        if (read.Int("weights_prepacked", -1) is var layout and not (-1 or 0)) throw NodeLowering.Unsupported($"weights_prepacked {layout} means the layout of one processor; allowed are -1 and 0");
        long bits = read.Int("expert_weight_bits", 4), block = read.Int("block_size", 0);
        if (bits is not (2 or 4 or 8)) throw new InvalidNetworkException($"expert_weight_bits must be 2, 4 or 8, is {bits}");
        read.Ignore("accuracy_level"); // how roughly a kernel may compute
        if (node.Inputs.Skip(15).Any(i => i is not null)) throw NodeLowering.Unsupported("scales of floating point formats are not supported as operands");
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        Lower(node, wide, Weights, step => 4 + 3 * step, third: 8, wide.InOptional(14));

        // One scale per row is a block longer than any row.
        Value Weights(int step)
        {
            Value codes = Unpacked(node[2 + 3 * step]), scales = wide.In(node[3 + 3 * step]);
            var zeros = node.Has(11 + step)
                ? node.Emit(new Slice(), Unpacked(node[11 + step]), node.Ints(0), node.Emit(new ShapeOf { Start = -1 }, scales), node.Ints(-1)) // the last byte of a row may not be full
                : node.Emit(new Expand(), node.Constant(Tensor.Scalar((byte)(1 << (int)(bits - 1)))), node.Emit(new ShapeOf(), scales));
            if (block > 0) return node.Emit(new DequantizeLinear { Axis = 2, BlockSize = block }, codes, scales, zeros);
            var last = node.Ints(2);
            return node.Emit(new DequantizeLinear { Axis = 2, BlockSize = int.MaxValue }, codes, node.Emit(new Unsqueeze(), scales, last), node.Emit(new Unsqueeze(), zeros, last));
        }

        Value Unpacked(Value codes) => bits < 8 ? PackedWeightsLowering.Unpack(node, codes, (int)bits) : codes;
    }

    private static void Lower(NodeLowering node, WideArithmetic wide, Func<int, Value> weights, Func<int, int> bias, int third, Value? router)
    {
        string activation = node.Attributes.Text("activation_type", "relu");
        long fusion = node.Attributes.Int("swiglu_fusion", 0);
        if (node.Attributes.Flag("use_sparse_mixer", false)) throw NodeLowering.Unsupported("use_sparse_mixer 1 is not supported; allowed is 0");
        if (node[0].TensorType.Rank is not { } rank) throw NodeLowering.Unsupported("the tokens must have a known rank");
        var tokens = wide.In(node[0]);
        if (rank != 2) tokens = node.Emit(new Reshape(), tokens, node.Emit(new Concat(), node.Ints(-1), node.Emit(new ShapeOf { Start = rank - 1 }, node[0])));

        var first = Product(tokens, 0);
        Value inner;
        if (activation == "swiglu") inner = SwiGlu(node, wide, first, fusion, fusion == 0 ? Product(tokens, 2) : null);
        else
        {
            node.Attributes.Ignore("activation_alpha", "activation_beta", "swiglu_limit"); // belong to swiglu
            inner = node.Emit(Activation(activation), first);
            if (node.Has(third)) inner = node.Emit(new Mul(), inner, Product(tokens, 2));
        }
        var outputs = Product(inner, 1);
        var weighted = node.Emit(new Mul(), outputs, node.Emit(new Unsqueeze(), node.Emit(new Transpose { Perm = [1, 0] }, Shares(node, wide, router)), node.Ints(2)));
        wide.Bind(0, node.Emit(new Reshape { AllowZero = true }, node.Emit(new ReduceSum { KeepDims = false }, weighted, node.Ints(0)), node.Emit(new ShapeOf(), node[0])));

        // [T, in] or [E, T, in] times [E, in, out], and a bias [E, 1, out].
        Value Product(Value x, int step)
        {
            var y = node.Emit(new MatMul(), x, node.Emit(new Transpose { Perm = [0, 2, 1] }, weights(step)));
            return node.Has(bias(step)) ? node.Emit(new Add(), y, node.Emit(new Unsqueeze(), wide.In(node[bias(step)]), node.Ints(1))) : y;
        }
    }

    // [T, E]: the share of each expert in each token's result, 0 for those that are not among the k best.
    private static Value Shares(NodeLowering node, WideArithmetic wide, Value? router)
    {
        long k = node.Attributes.Int("k", 1);
        bool normalize = node.Attributes.Flag("normalize_routing_weights", false);
        var logits = wide.In(node[1]);
        var best = node.EmitMany(new TopK { Axis = 1 }, 2, logits, node.Ints(k)).Outputs;
        Value shares;
        if (router is not null)
        {
            shares = node.Emit(new GatherElements { Axis = 1 }, router, best[1]);
            if (normalize) shares = node.Emit(new Div(), shares, node.Emit(new ReduceSum(), shares, node.Ints(1)));
        }
        else
        {
            shares = normalize ? node.Emit(new Softmax(), best[0]) : node.Emit(new GatherElements { Axis = 1 }, node.Emit(new Softmax(), logits), best[1]);
        }
        var none = node.Emit(new ConstantOfShape { Value = Constant.Of(Tensor.FromDoubles(wide.Type, [1], [0])) }, node.Emit(new ShapeOf(), logits));
        return node.Emit(new ScatterElements { Axis = 1 }, none, best[1], shares);
    }

    private static Operator Activation(string name) => name switch
    {
        "relu" => new Relu(),
        "gelu" => new Gelu(),
        "silu" => new Swish(),
        "identity" => new Identity(),
        _ => throw NodeLowering.Unsupported($"activation_type '{name}' is not supported; allowed are relu, gelu, silu, swiglu, identity"),
    };

    // g · sigmoid(alpha · g) · (l + beta), with g bounded above and l on both sides; both may be one product, by turns or one after the other.
    private static Value SwiGlu(NodeLowering node, WideArithmetic wide, Value first, long fusion, Value? third)
    {
        float alpha = node.Attributes.Float("activation_alpha", 1), beta = node.Attributes.Float("activation_beta", 0);
        float? limit = node.Attributes.OptionalFloat("swiglu_limit", null);
        Value gate, linear;
        switch (fusion)
        {
            case 0:
                (gate, linear) = (first, third!);
                break;
            case 1:
                (gate, linear) = (Every(0), Every(1));
                break;
            case 2:
                var halves = node.EmitMany(new Split { Axis = -1, NumOutputs = 2 }, 2, first).Outputs;
                (gate, linear) = (halves[0]!, halves[1]!);
                break;
            default:
                throw new InvalidNetworkException($"swiglu_fusion must be 0, 1 or 2, is {fusion}");
        }
        if (limit is { } bound)
        {
            gate = node.Emit(new Clip(), gate, null, wide.Scalar(bound));
            linear = node.Emit(new Clip(), linear, wide.Scalar(-bound), wide.Scalar(bound));
        }
        if (beta != 0) linear = node.Emit(new Add(), linear, wide.Scalar(beta));
        return node.Emit(new Mul(), node.Emit(new Swish { Alpha = alpha }, gate), linear);

        Value Every(long start) => node.Emit(new Slice(), first, node.Ints(start), node.Ints(long.MaxValue), node.Ints(-1), node.Ints(2));
    }
}
