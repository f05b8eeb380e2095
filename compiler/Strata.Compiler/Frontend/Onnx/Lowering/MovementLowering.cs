using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>Older forms of the operators that move elements: what is an operand today was an attribute.</summary>
internal static class MovementLowering
{
    public static void ConcatDefaultAxis(NodeLowering node) => node.Result(node.Read(new Concat { Axis = 1 }), node.Inputs.AsSpan());

    public static void ReshapeAttribute(NodeLowering node)
    {
        node.Attributes.Ignore("consumed_inputs");
        node.Result(new Reshape(), node[0], node.Ints(Required(node, "shape")));
    }

    /// <summary>Before version 18: equal parts when no extents are given.</summary>
    public static void Split(NodeLowering node)
    {
        var op = new Split { Axis = node.Attributes.Int("axis", 0) };
        if (node.Has(1)) node.Result(op, node[0], node[1]);
        else node.Result(op with { NumOutputs = node.OutputCount }, node[0]);
    }

    public static void SplitAttribute(NodeLowering node)
    {
        if (node.Has(1) && node.Version > 1) throw NodeLowering.Unsupported("extents as an operand are allowed in operator set 1 and from 13 on");
        var op = new Split { Axis = node.Attributes.Int("axis", 0) };
        if (node.Has(1)) node.Result(op, node[0], node[1].TensorType.ElementType == ElementType.Int64 ? node[1] : node.Emit(new Cast { To = ElementType.Int64 }, node[1]));
        else if (node.Attributes.Ints("split", []) is { IsEmpty: false } extents) node.Result(op, node[0], node.Ints(extents.AsSpan()));
        else node.Result(op with { NumOutputs = node.OutputCount }, node[0]);
    }

    public static void SliceAttribute(NodeLowering node)
    {
        var axes = node.Attributes.Ints("axes", []);
        node.Result(new Slice(), node[0], node.Ints(Required(node, "starts")), node.Ints(Required(node, "ends")), axes.IsEmpty ? null : node.Ints(axes.AsSpan()));
    }

    /// <summary>Version 1 calls the pads <c>paddings</c>, version 2 <c>pads</c>.</summary>
    public static Action<NodeLowering> PadAttribute(string padsName) => node =>
    {
        float value = node.Attributes.Float("value", 0);
        var type = node[0].TensorType.ElementType;
        var constant = value == 0 ? null : node.Constant(Tensor.FromDoubles(type, [], [value]));
        node.Result(node.Read(new Pad()), node[0], node.Ints(Required(node, padsName)), constant);
    };

    public static void SqueezeAttribute(NodeLowering node)
    {
        var axes = node.Attributes.Ints("axes", []);
        node.Result(new Squeeze(), node[0], axes.IsEmpty ? null : node.Ints(axes.AsSpan()));
    }

    public static void UnsqueezeAttribute(NodeLowering node) => node.Result(new Unsqueeze(), node[0], node.Ints(Required(node, "axes")));

    /// <summary>Version 1 repeats along one axis; repeats and axis are scalars of any type.</summary>
    public static void TileOneAxis(NodeLowering node)
    {
        if (NodeLowering.Number(node[1]) is not { } tiles || NodeLowering.Number(node[2]) is not { } at || node[0].TensorType.Rank is not { } rank)
            throw NodeLowering.Unsupported("tiles and axis must be constants and the rank known; convert the model to operator set 6");
        var repeats = new long[rank];
        Array.Fill(repeats, 1);
        if (at < -rank || at >= rank) throw new InvalidNetworkException($"axis {at} lies outside [{-rank}, {rank - 1}]");
        repeats[at < 0 ? at + rank : at] = tiles;
        node.Result(new Tile(), node[0], node.Ints(repeats));
    }

    /// <summary>Scatter is ScatterElements under its first name.</summary>
    public static void Scatter(NodeLowering node) => node.Result(new ScatterElements { Axis = node.Attributes.Int("axis", 0) }, node.Inputs.AsSpan());

    /// <summary>Identity unless the node may train: then the core operator decides at run time.</summary>
    public static void Dropout(NodeLowering node)
    {
        bool off = node.Optional(2) is not { } training || NodeLowering.Number(training) == 0;
        if (!off)
        {
            node.Result(node.Read(new Dropout()), node.Inputs.AsSpan());
            return;
        }
        node.Attributes.Ignore("seed");
        Keep(node, ElementType.Bool);
    }

    /// <summary>Versions before 12 say by attribute, or not at all, whether they train; inference keeps everything. The mask has data's type before version 10.</summary>
    public static Action<NodeLowering> DropoutAttribute(bool boolMask) => node =>
    {
        node.Attributes.Ignore("ratio", "is_test", "consumed_inputs");
        Keep(node, boolMask ? ElementType.Bool : node[0].TensorType.ElementType);
    };

    private static void Keep(NodeLowering node, ElementType maskType)
    {
        if (node.Wants(0)) node.Bind(0, node.Emit(new Identity(), node[0]));
        if (!node.Wants(1)) return;
        var one = Constant.Of(Tensor.FromInt64s(maskType, [1], [1]));
        node.Bind(1, node.Emit(new ConstantOfShape { Value = one }, node.Emit(new ShapeOf(), node[0])));
    }

    private static ReadOnlySpan<long> Required(NodeLowering node, string name) => node.Attributes.Has(name)
        ? node.Attributes.Ints(name, ImmutableArray<long>.Empty).AsSpan()
        : throw new InvalidNetworkException($"attribute {name} is missing");
}
