using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft's normalisations fused with what comes before them: additions and embeddings.</summary>
internal static class FusedNormalizationLowering
{
    /// <summary>SkipLayerNormalization: operands x, skip, scale, offset, bias; further outputs mean, 1/deviation, sum.</summary>
    public static void SkipLayer(NodeLowering node)
    {
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        var sum = Sum(node, wide, bias: 4);
        Normalize(node, wide, new LayerNormalization { Epsilon = node.Attributes.Float("epsilon", 1e-12f) }, sum, node[2], wide.InOptional(3));
        wide.Bind(3, sum);
    }

    /// <summary>SkipSimplifiedLayerNormalization: operands x, skip, scale, bias; the fourth output is the sum.</summary>
    public static void SkipSimplified(NodeLowering node)
    {
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        var sum = Sum(node, wide, bias: 3);
        wide.Bind(0, node.Emit(new RmsNormalization { Epsilon = node.Attributes.Float("epsilon", 1e-12f) }, sum, wide.In(node[2])));
        if (node.Wants(1) || node.Wants(2)) throw NodeLowering.Unsupported("the statistics for training are not supported as outputs");
        wide.Bind(3, sum);
    }

    /// <summary>SimplifiedLayerNormalization: RMS normalisation over the trailing axes.</summary>
    public static void Simplified(NodeLowering node)
    {
        var op = node.Read(new RmsNormalization());
        if (node.Wants(1)) throw NodeLowering.Unsupported("the second output, a statistic for training, is not supported");
        node.Bind(0, node.Emit(op, node[0], node[1]));
    }

    /// <summary>EmbedLayerNormalization: the normalised sum of word, position and segment embeddings, and the number of unmasked words.</summary>
    public static void Embed(NodeLowering node)
    {
        node.Attributes.Ignore("mask_index_type"); // says whether the second output is used
        Value ids = node[0], words = node[2], positions = node[3];
        var wide = new WideArithmetic(node, words.TensorType.ElementType);
        var sum = wide.In(node.Emit(new Gather(), words, ids));
        var place = node.Has(8)
            ? node.Emit(new Gather(), positions, node[8])
            : node.Emit(new Slice(), positions, node.Ints(0), node.Emit(new ShapeOf { Start = 1, End = 2 }, ids), node.Ints(0));
        sum = node.Emit(new Add(), sum, wide.In(place));
        if (node.Has(1) != node.Has(4)) throw new InvalidNetworkException("segment ids and segment embeddings go together");
        if (node.Has(1)) sum = node.Emit(new Add(), sum, wide.In(node.Emit(new Gather(), node[4], node[1])));
        Normalize(node, wide, new LayerNormalization { Epsilon = node.Attributes.Float("epsilon", 1e-12f) }, sum, node[5], wide.InOptional(6), onlyFirst: true);
        if (node.Wants(1)) node.Bind(1, CountWords(node, ids));
        wide.Bind(2, sum);
    }

    private static Value CountWords(NodeLowering node, Value ids)
    {
        if (!node.Has(7)) return node.Emit(new ConstantOfShape { Value = Constant.Of(Tensor.Vector<int>([0])) }, node.Emit(new ShapeOf { End = 1 }, ids));
        var present = node.Emit(new Equal(), node[7], node.Constant(Tensor.Scalar(1)));
        return node.Emit(new ReduceSum { KeepDims = false }, node.Emit(new Cast { To = ElementType.Int32 }, present), node.Ints(1));
    }

    private static Value Sum(NodeLowering node, WideArithmetic wide, int bias)
    {
        var sum = node.Emit(new Add(), wide.In(node[0]), wide.In(node[1]));
        return node.Has(bias) ? node.Emit(new Add(), sum, wide.In(node[bias])) : sum;
    }

    private static void Normalize(NodeLowering node, WideArithmetic wide, LayerNormalization op, Value x, Value scale, Value? offset, bool onlyFirst = false)
    {
        int outputs = onlyFirst || !node.Wants(1) && !node.Wants(2) ? 1 : 3;
        var layer = node.EmitMany(op, outputs, x, wide.In(scale), offset);
        wide.Bind(0, layer.Outputs[0]!);
        for (int i = 1; i < outputs; i++)
        {
            if (node.Wants(i)) node.Bind(i, layer.Outputs[i]!);
        }
    }
}
