using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates elementwise functions of one operand whose formula needs more than a name.</summary>
internal static class UnaryReference
{
    public static Tensor Abs(Tensor x) => Elementwise.Map(x, Math.Abs, static v => unchecked(v < 0 ? -v : v));

    public static Tensor Neg(Tensor x) => Elementwise.Map(x, static v => -v, static v => unchecked(-v));

    public static Tensor Sign(Tensor x) => Elementwise.Map(x, static v => v > 0 ? 1 : v < 0 ? -1 : double.IsNaN(v) ? v : 0, static v => Math.Sign(v), static v => v == 0 ? 0ul : 1);

    public static Tensor Round(Tensor x) => Elementwise.Map(x, static v => Math.Round(v, MidpointRounding.ToEven));

    public static Tensor BitwiseNot(Tensor x) => Elementwise.Map(x, static v => v, static v => ~v, static v => ~v);

    public static Tensor Not(Tensor x) => Tensor.From<bool>(x.Dims.AsSpan(), Array.ConvertAll(x.ToInt64s(), static v => v == 0));

    public static Tensor Relu(Tensor x) => Elementwise.Map(x, static v => v < 0 ? 0 : v, static v => Math.Max(v, 0));

    public static Tensor LeakyRelu(LeakyRelu op, Tensor x) => Elementwise.Map(x, v => v < 0 ? op.Alpha * v : v);

    public static Tensor ThresholdedRelu(ThresholdedRelu op, Tensor x) => Elementwise.Map(x, v => v > op.Alpha || double.IsNaN(v) ? v : 0);

    public static Tensor Elu(Elu op, Tensor x) => Elementwise.Map(x, v => v < 0 ? op.Alpha * SpecialFunctions.ExpM1(v) : v);

    public static Tensor Celu(Celu op, Tensor x) => Elementwise.Map(x, v => Math.Max(0, v) + Math.Min(0, op.Alpha * SpecialFunctions.ExpM1(v / op.Alpha)));

    public static Tensor Selu(Selu op, Tensor x) => Elementwise.Map(x, v => op.Gamma * (v > 0 ? v : op.Alpha * SpecialFunctions.ExpM1(v)));

    public static Tensor HardSigmoid(HardSigmoid op, Tensor x) => Elementwise.Map(x, v => Math.Max(0, Math.Min(1, op.Alpha * v + op.Beta)));

    public static Tensor HardSwish(Tensor x) => Elementwise.Map(x, static v => v * Math.Max(0, Math.Min(1, v / 6 + 0.5)));

    public static Tensor Swish(Swish op, Tensor x) => Elementwise.Map(x, v => v * SpecialFunctions.Sigmoid(op.Alpha * v));

    public static Tensor Mish(Tensor x) => Elementwise.Map(x, static v => v * Math.Tanh(SpecialFunctions.Softplus(v)));

    public static Tensor Softsign(Tensor x) => Elementwise.Map(x, static v => v / (1 + Math.Abs(v)));

    public static Tensor Gelu(Gelu op, Tensor x) => Elementwise.Map(x, op.Approximate == GeluApproximation.Tanh ? SpecialFunctions.GeluTanh : SpecialFunctions.Gelu);

    public static Tensor IsInf(IsInf op, Tensor x) =>
        Elementwise.Test(x, v => op.DetectPositive && double.IsPositiveInfinity(v) || op.DetectNegative && double.IsNegativeInfinity(v));

    // Integers take the bounds and the bias as real numbers, and the result by truncation.
    public static Tensor Shrink(Shrink op, Tensor x) =>
        Elementwise.Map(x, v => Shrunk(op, v), v => (long)Shrunk(op, v), v => (ulong)Shrunk(op, v));

    private static double Shrunk(Shrink op, double v) => v < -op.Lambd ? v + op.Bias : v > op.Lambd ? v - op.Bias : double.IsNaN(v) ? v : 0;
}
