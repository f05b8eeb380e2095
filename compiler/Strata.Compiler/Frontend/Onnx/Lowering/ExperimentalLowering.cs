using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>Operators that ONNX marked experimental before version 1.5 and then dropped; files of those years still carry them.</summary>
internal static class ExperimentalLowering
{
    /// <summary><c>alpha · x + beta</c>.</summary>
    public static void Affine(NodeLowering node)
    {
        var wide = Wide(node);
        wide.Bind(0, Plus(node, wide, Times(node, wide, wide.In(node[0]), node.Attributes.Float("alpha", 1)), node.Attributes.Float("beta", 0)));
    }

    /// <summary><c>scale · x</c>.</summary>
    public static void Scale(NodeLowering node)
    {
        var wide = Wide(node);
        wide.Bind(0, Times(node, wide, wide.In(node[0]), node.Attributes.Float("scale", 1)));
    }

    /// <summary><c>scale · x + bias</c> with a bias per channel of x <c>[N, C, H, W]</c>.</summary>
    public static void ImageScaler(NodeLowering node)
    {
        var wide = Wide(node);
        var y = Times(node, wide, wide.In(node[0]), node.Attributes.Float("scale", 1));
        var bias = node.Attributes.Floats("bias", []);
        if (!bias.IsEmpty) y = node.Emit(new Add(), y, node.Constant(Tensor.FromDoubles(wide.Type, [bias.Length, 1, 1], [.. bias.Select(b => (double)b)])));
        wide.Bind(0, y);
    }

    /// <summary><c>alpha · ln(1 + exp(beta · x))</c>.</summary>
    public static void ParametricSoftplus(NodeLowering node) => Parametric(node, new Softplus());

    /// <summary><c>alpha · tanh(beta · x)</c>.</summary>
    public static void ScaledTanh(NodeLowering node) => Parametric(node, new Tanh());

    private static void Parametric(NodeLowering node, Operator function)
    {
        var wide = Wide(node);
        var inner = node.Emit(function, Times(node, wide, wide.In(node[0]), Required("beta")));
        wide.Bind(0, Times(node, wide, inner, Required("alpha")));

        float Required(string name) => node.Attributes.OptionalFloat(name, null) ?? throw new InvalidNetworkException($"attribute {name} is missing");
    }

    /// <summary>Cuts <c>[left, top, right, bottom]</c> elements off an image, or, with a size <c>[height, width]</c>, keeps that many from left and top on.</summary>
    public static void Crop(NodeLowering node)
    {
        ImmutableArray<long> border = node.Attributes.Ints("border", []), size = node.Attributes.Ints("scale", []);
        if (border.Length != 4 || size.Length is not (0 or 2)) throw new InvalidNetworkException($"border needs 4 numbers and scale 2 or none; they have {border.Length} and {size.Length}");
        if (border.Any(b => b < 0)) throw new InvalidNetworkException($"border must not be negative, is [{string.Join(", ", border)}]");
        long[] ends = size.IsEmpty
            ? [border[3] == 0 ? long.MaxValue : -border[3], border[2] == 0 ? long.MaxValue : -border[2]]
            : [checked(border[1] + size[0]), checked(border[0] + size[1])];
        node.Result(new Slice(), node[0], node.Ints(border[1], border[0]), node.Ints(ends), node.Ints(2, 3));
    }

    /// <summary>Slice with starts, ends and axes as operands.</summary>
    public static void DynamicSlice(NodeLowering node) => node.Result(new Slice(), node.Inputs.AsSpan());

    /// <summary>Mean and variance over the image, or over image and channels; the variance may stay.</summary>
    public static void MeanVarianceNormalization(NodeLowering node)
    {
        ImmutableArray<long> axes = node.Attributes.Flag("across_channels", false) ? [0, 1, 2, 3] : [0, 2, 3];
        if (node.Attributes.Flag("normalize_variance", true)) node.Result(new MeanVarianceNormalization { Axes = axes }, node[0]);
        else node.Result(new Sub(), node[0], node.Emit(new ReduceMean(), node[0], node.Ints(axes.AsSpan())));
    }

    /// <summary>A tensor of one value; its shape is an attribute, the operand's, or the operand itself, with more dimensions appended.</summary>
    public static void ConstantFill(NodeLowering node)
    {
        var type = node.Attributes.Type("dtype", ElementType.Float32)!.Value;
        double value = node.Attributes.Float("value", 0);
        node.Result(new ConstantOfShape { Value = Constant.Of(Tensor.FromDoubles(type, [1], [value])) }, FilledShape(node));
    }

    /// <summary>A tensor of given values; the shape as of <see cref="ConstantFill"/>.</summary>
    public static void GivenTensorFill(NodeLowering node) =>
        node.Result(new Reshape { AllowZero = true }, node.Constant(Tensor.Vector(node.Attributes.Floats("values", []).AsSpan())), FilledShape(node));

    private static Value FilledShape(NodeLowering node)
    {
        ImmutableArray<long> shape = node.Attributes.Ints("shape", []), extra = node.Attributes.Ints("extra_shape", []);
        bool inputIsShape = node.Attributes.Flag("input_as_shape", false);
        if (!node.Has(0)) return node.Ints([.. shape, .. extra]);
        var given = inputIsShape ? node.Emit(new Cast { To = ElementType.Int64 }, node[0]) : node.Emit(new ShapeOf(), node[0]);
        return extra.IsEmpty ? given : node.Emit(new Concat(), given, node.Ints(extra.AsSpan()));
    }

    private static WideArithmetic Wide(NodeLowering node)
    {
        node.Attributes.Ignore("consumed_inputs");
        return new(node, node[0].TensorType.ElementType);
    }

    private static Value Times(NodeLowering node, WideArithmetic wide, Value x, float factor) => factor == 1 ? x : node.Emit(new Mul(), x, wide.Scalar(factor));

    private static Value Plus(NodeLowering node, WideArithmetic wide, Value x, float addend) => addend == 0 ? x : node.Emit(new Add(), x, wide.Scalar(addend));
}
