using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>Elementwise operators: old forms become the newest, composite ones are expanded.</summary>
internal static class ElementwiseLowering
{
    /// <summary>Operator set 1 lets a node name inputs whose memory it may reuse; results do not depend on it.</summary>
    public static void WithoutReuse(NodeLowering node, Operator prototype)
    {
        node.Attributes.Ignore("consumed_inputs");
        node.Result(node.Read(prototype), node.Inputs.AsSpan());
    }

    /// <summary>
    /// Operator sets 1 to 6: with <c>broadcast</c>, the right operand's shape is a run of the left one's dimensions that starts
    /// at <c>axis</c>, by default the last ones. Ones after it make that NumPy's rule.
    /// </summary>
    public static void OldBroadcast(NodeLowering node, Operator op)
    {
        node.Attributes.Ignore("consumed_inputs");
        bool broadcast = node.Attributes.Flag("broadcast", false);
        long? axis = node.Attributes.OptionalInt("axis", null);
        Value a = node[0], b = node[1];
        if (broadcast && axis >= 0) b = AlignAt(node, a, b, axis.Value);
        node.Result(op, a, b);
    }

    /// <summary>Operator sets 1 to 6: a slope with several elements has one per channel, along dimension 1.</summary>
    public static void ChannelPRelu(NodeLowering node)
    {
        node.Attributes.Ignore("consumed_inputs");
        Value x = node[0], slope = node[1];
        if (slope.Type is TensorType { Rank: 1 } type && !type.Shape![0].Is(1)) slope = AlignAt(node, x, slope, 1);
        node.Result(new PRelu(), x, slope);
    }

    // Gives b dimensions of one behind its own, so that its first one meets dimension `axis` of a.
    private static Value AlignAt(NodeLowering node, Value a, Value b, long axis)
    {
        if (b.Type is not TensorType { Shape: { } right }) throw NodeLowering.Unsupported("axis needs operands of known rank");
        if (right.Rank == 0 || right.All(d => d.Is(1))) return b;
        if (a.Type is not TensorType { Shape: { } left }) throw NodeLowering.Unsupported("axis needs operands of known rank");
        if (axis > left.Rank - right.Rank) throw new InvalidNetworkException($"axis {axis} leaves {left.Rank - axis} dimensions of {left}, the right operand has {right.Rank}");
        int missing = left.Rank - (int)axis - right.Rank;
        if (missing == 0) return b;
        return node.Emit(new Unsqueeze(), b, node.Ints([.. Enumerable.Range(right.Rank, missing).Select(d => (long)d)]));
    }

    /// <summary>Operator sets 1 to 10: bounds are attributes; from 6 on an absent one is the type's largest finite value.</summary>
    public static void ClipByAttributes(NodeLowering node)
    {
        node.Attributes.Ignore("consumed_inputs");
        var type = node[0].Type is TensorType tensor ? tensor.ElementType : throw new InvalidNetworkException("input 0 must be a tensor");
        double? largest = node.Version < 6 ? null : type switch
        {
            ElementType.Float16 => (double)Half.MaxValue,
            ElementType.Float64 => double.MaxValue,
            _ => float.MaxValue,
        };
        node.Result(new Clip(), node[0], Bound(node.Attributes.OptionalFloat("min", null) ?? -largest), Bound(node.Attributes.OptionalFloat("max", null) ?? largest));

        Value? Bound(double? value) => value is { } bound ? node.Constant(Tensor.FromDoubles(type, [], [bound])) : null;
    }

    /// <summary>Operator sets 1 to 5: the type is given by its name in <c>TensorProto.DataType</c>.</summary>
    public static void CastByName(NodeLowering node)
    {
        string name = node.Attributes.Text("to", "");
        if (!Enum.TryParse(name, ignoreCase: true, out Proto.TensorProto.Types.DataType type) || type == 0)
            throw new InvalidNetworkException($"attribute to is '{name}', which is no element type");
        node.Result(new Cast { To = OnnxTensors.ElementTypeOf((int)type, "attribute to") }, node[0]);
    }

    /// <summary>The second operand only lends its element type.</summary>
    public static void CastLike(NodeLowering node)
    {
        var like = node[1].Type as TensorType ?? throw new InvalidNetworkException("input 1 must be a tensor");
        CastBounded(node, node.Read(new Cast()) with { To = like.ElementType });
    }

    /// <summary>Operator sets 21 to 23.</summary>
    public static void BoundedCast(NodeLowering node) => CastBounded(node, node.Read(new Cast()));

    // The specification leaves floats beyond the range of an integer type open. The cases recorded for operator sets 21 to 23
    // bound them when the type has 4 bits; later ones keep the low bits, as the core operator does.
    private static void CastBounded(NodeLowering node, Cast cast)
    {
        var x = node[0];
        if (node.Version is >= 21 and < 24 && cast.To is ElementType.Int4 or ElementType.UInt4 && x.Type is TensorType { ElementType: var type } && type.IsFloat())
        {
            (double least, double most) = cast.To == ElementType.Int4 ? (-8.0, 7.0) : (0.0, 15.0);
            x = node.Emit(new Clip(), x, node.Constant(Tensor.FromDoubles(type, [], [least])), node.Constant(Tensor.FromDoubles(type, [], [most])));
        }
        node.Result(cast, x);
    }

    /// <summary><c>gelu(x + bias)</c>, rounded once; without a bias <c>gelu(x)</c>.</summary>
    public static void BiasedGelu(NodeLowering node, GeluApproximation form)
    {
        var gelu = new Gelu { Approximate = form };
        if (!node.Has(1))
        {
            node.Result(gelu, node[0]);
            return;
        }
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        wide.Bind(0, node.Emit(gelu, node.Emit(new Add(), wide.In(node[0]), wide.In(node[1]))));
    }

    /// <summary><c>swish(gate) · value</c>.</summary>
    public static void SwiGlu(NodeLowering node) => node.Result(new Mul(), node.Emit(node.Read(new Swish()), node[0]), node[1]);
}
