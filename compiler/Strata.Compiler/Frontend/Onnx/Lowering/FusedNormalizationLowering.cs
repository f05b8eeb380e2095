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
        var wide = new WideArithmetic(node, node[2].TensorType.ElementType);
        Embed(node, wide, (_, value) => wide.In(value), node.Optional(8));
    }

    /// <summary>QEmbedLayerNormalization: the same with tables, scale and offset as codes; operand i of 2 to 6 has its scale at i + 6 and its zero-point at i + 11.</summary>
    public static void QuantizedEmbed(NodeLowering node)
    {
        var wide = new WideArithmetic(node, node[8].TensorType.ElementType);
        Embed(node, wide, (index, codes) => wide.In(node.Emit(new DequantizeLinear(), codes, node[index + 6], node.Optional(index + 11))), null);
    }

    private static void Embed(NodeLowering node, WideArithmetic wide, Func<int, Value, Value> real, Value? places)
    {
        node.Attributes.Ignore("mask_index_type"); // says whether the second output is used
        Value ids = node[0], positions = node[3];
        var sum = real(2, node.Emit(new Gather(), node[2], ids));
        var place = places is not null
            ? node.Emit(new Gather(), positions, places)
            : node.Emit(new Slice(), positions, node.Ints(0), node.Emit(new ShapeOf { Start = 1, End = 2 }, ids), node.Ints(0));
        sum = node.Emit(new Add(), sum, real(3, place));
        if (node.Has(1) != node.Has(4)) throw new InvalidNetworkException("segment ids and segment embeddings go together");
        if (node.Has(1)) sum = node.Emit(new Add(), sum, real(4, node.Emit(new Gather(), node[4], node[1])));
        var offset = node.Has(6) ? real(6, node[6]) : null;
        Normalize(node, wide, new LayerNormalization { Epsilon = node.Attributes.Float("epsilon", 1e-12f) }, sum, real(5, node[5]), offset, onlyFirst: true);
        if (node.Wants(1)) node.Bind(1, CountWords(node, ids));
        wide.Bind(2, sum);
    }

    /// <summary>GroupNorm: group normalisation, by default with the channels last, then a SiLU if wanted.</summary>
    public static void Group(NodeLowering node)
    {
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        Group(node, wide, wide.In(node[0]));
    }

    /// <summary>SkipGroupNorm: the same of <c>x + skip + bias</c>, which is the second output.</summary>
    public static void SkipGroup(NodeLowering node)
    {
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        var skip = wide.In(node[3]);
        if (!node.Attributes.Flag("channels_last", true)) throw NodeLowering.Unsupported("channels_last 0 is not supported with a skip; allowed is 1");
        if (skip.TensorType.Rank == 2) skip = node.Emit(new Unsqueeze(), skip, node.Ints(1, 2));
        var sum = node.Emit(new Add(), wide.In(node[0]), skip);
        if (node.Has(4)) sum = node.Emit(new Add(), sum, wide.In(node[4]));
        Group(node, wide, sum);
        wide.Bind(1, sum);
    }

    private static void Group(NodeLowering node, WideArithmetic wide, Value x)
    {
        bool last = node.Attributes.Flag("channels_last", true);
        long activation = node.Attributes.Int("activation", 0);
        if (activation is not (0 or 1)) throw NodeLowering.Unsupported($"activation {activation} is not supported; allowed are 0 (none) and 1 (SiLU)");
        var op = new GroupNormalization { Epsilon = node.Attributes.Float("epsilon", 1e-5f), NumGroups = node.Attributes.Int("groups", 0) };
        int rank = x.TensorType.Rank ?? throw NodeLowering.Unsupported("the input must have a known rank");
        var y = node.Emit(op, last ? ChannelsLastLowering.ToSecond(node, x, rank) : x, wide.In(node[1]), wide.In(node[2]));
        if (activation == 1) y = node.Emit(new Swish(), y);
        wide.Bind(0, last ? ChannelsLastLowering.ToLast(node, y, rank) : y);
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
