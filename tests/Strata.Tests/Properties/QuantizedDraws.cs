using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Properties;

internal static class QuantizedDraws
{
    public static IReadOnlyList<OperatorDraw> Rows { get; } =
    [
        new("quantize_linear", Quantize),
        new("dequantize_linear", Dequantize),
        new("dynamic_quantize_linear", g => g.AddMany(new DynamicQuantizeLinear(), 3, 1, g.Any(() => ElementType.Float32, mayBeEmpty: false))),
        new("matmul_integer", MatMulInteger),
        new("qlinear_matmul", QLinearMatMul),
        new("matmul_nbits", MatMulNBits),
        new("qlinear_conv", g =>
        {
            ElementType x = Byte(g), w = Byte(g);
            bool perChannel = g.Chance(0.5);
            g.Add(new QLinearConv { Window = new() { Pads = g.Chance(0.5) ? [1, 1, 1, 1] : [] } }, Codes(g, x, 1, 2, 4, 4), Scale(g), Zero(g, x), Codes(g, w, 3, 2, 2, 2), perChannel ? g.Between(0.01, 0.1, ElementType.Float32, 3) : Scale(g),
                perChannel ? g.Constant(Tensor.Zeros(w, 3)) : Zero(g, w), Scale(g), Zero(g, x), g.Chance(0.5) ? g.Indices(ElementType.Int32, -200, 200, 3) : null);
        }),
        new("conv_integer", g => { ElementType x = Byte(g), w = Byte(g); g.Add(new ConvInteger(), Codes(g, x, 1, 2, 5), Codes(g, w, 2, 2, 3), g.Chance(0.5) ? Zero(g, x) : null, g.Chance(0.5) ? Zero(g, w) : null); }),
        new("qlinear_average_pool", g => { var t = Byte(g); g.Add(new QLinearAveragePool { Window = new() { KernelShape = [2, 2] }, CountIncludePad = g.Chance(0.5) }, Codes(g, t, 1, 2, 4, 4), Scale(g), Zero(g, t), Scale(g), Zero(g, t)); }),
        new("qlinear_global_average_pool", g => { var t = Byte(g); g.Add(new QLinearGlobalAveragePool { ChannelsLast = g.Chance(0.3) }, Codes(g, t, 1, 2, 3, 3), Scale(g), Zero(g, t), Scale(g), Zero(g, t)); }),
    ];

    private static ElementType Byte(NetworkGenerator g) => g.Choose(ElementType.UInt8, ElementType.Int8);

    private static Value Codes(NetworkGenerator g, ElementType type, params int[] dims) => g.Indices(type, type == ElementType.UInt8 ? 0 : -128, type == ElementType.UInt8 ? 255 : 127, dims);

    private static Value Scale(NetworkGenerator g) => g.Constant(Tensor.Scalar(g.Choose(0.01f, 0.037f, 0.5f)));

    private static Value Zero(NetworkGenerator g, ElementType type) => g.Constant(Tensor.FromInt64s(type, [], [g.Next(0, 9)]));

    // Per tensor or per channel.
    private static (Value X, long Axis, int[] Parameters) Parameters(NetworkGenerator g, Value x)
    {
        int[] dims = g.DimsOf(x);
        if (dims.Length == 0 || g.Chance(0.4)) return (x, 1, []);
        long axis = g.Axis(dims.Length);
        return (x, axis, [dims[axis < 0 ? axis + dims.Length : axis]]);
    }

    private static void Quantize(NetworkGenerator g)
    {
        var code = g.Choose(ElementType.UInt8, ElementType.Int8, ElementType.UInt16, ElementType.Int4, ElementType.Float8E4M3FN);
        var (x, axis, dims) = Parameters(g, g.Any(() => g.Choose(ElementType.Float32, ElementType.Float32, ElementType.Float16), mayBeEmpty: false));
        bool zero = g.Chance(0.6);
        g.Add(new QuantizeLinear { Axis = axis, OutputType = zero ? null : code }, x, g.Between(0.05, 0.5, g.TypeOf(x), dims), zero ? g.Make(code.IsInteger() ? g.IndexTensor(code, 0, 5, dims) : Tensor.Zeros(code, dims)) : null);
    }

    private static void Dequantize(NetworkGenerator g)
    {
        var code = g.Choose(ElementType.UInt8, ElementType.Int8, ElementType.Int16, ElementType.UInt4, ElementType.Int32);
        var (x, axis, dims) = Parameters(g, g.Any(() => code));
        g.Add(new DequantizeLinear { Axis = axis }, x, g.Between(0.05, 0.5, g.Choose(ElementType.Float32, ElementType.Float16), dims), g.Chance(0.5) ? g.Make(code == ElementType.Int32 ? Tensor.Zeros(code, dims) : g.IndexTensor(code, 0, 5, dims)) : null);
    }

    private static void MatMulInteger(NetworkGenerator g)
    {
        ElementType a = Byte(g), b = Byte(g);
        int m = g.Next(1, 3), k = g.Next(1, 4), n = g.Next(1, 3);
        g.Add(new MatMulInteger(), Codes(g, a, g.Chance(0.3) ? [2, m, k] : [m, k]), Codes(g, b, k, n), g.Chance(0.5) ? Zero(g, a) : null, g.Chance(0.5) ? g.Indices(b, 0, 5, n) : null);
    }

    private static void QLinearMatMul(NetworkGenerator g)
    {
        ElementType a = Byte(g), b = Byte(g);
        int m = g.Next(1, 3), k = g.Next(1, 4), n = g.Next(1, 3);
        g.Add(new QLinearMatMul(), Codes(g, a, m, k), Scale(g), Zero(g, a), Codes(g, b, k, n), Scale(g), Zero(g, b), Scale(g), Zero(g, a));
    }

    private static void MatMulNBits(NetworkGenerator g)
    {
        int n = g.Next(1, 3), blocks = g.Next(1, 2), k = 16 * blocks - g.Next(0, 1) * 3;
        g.Add(new MatMulNBits { K = k, N = n, Bits = 4, BlockSize = 16 }, g.Exactly(ElementType.Float32, 2, k), Codes(g, ElementType.UInt8, n, blocks, 8), g.Between(0.1, 1, ElementType.Float32, n * blocks));
    }
}
