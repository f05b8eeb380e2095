using Strata.Kernels.Conversion;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Elementwise;

/// <summary>The elementwise function of each operator and element type.</summary>
internal static class ElementFunctions
{
    private delegate ElementFunction? Maker(KernelRequest request);

    // On f32. SimdMath states the errors of what it computes.
    private static readonly Dictionary<Type, Maker> Unary = new()
    {
        [typeof(Abs)] = r => F32(r) ? new UnaryF32<AbsOp>(default) : r.Input(0).Type switch { ElementType.Float64 => new Map<double, double, AbsOf<double>>(), ElementType.Int32 => new Map<int, int, AbsOf<int>>(), ElementType.Int64 => new Map<long, long, AbsOf<long>>(), _ => null },
        [typeof(Neg)] = r => F32(r) ? new UnaryF32<NegOp>(default) : r.Input(0).Type switch { ElementType.Float64 => new Map<double, double, NegOf<double>>(), ElementType.Int32 => new Map<int, int, NegOf<int>>(), ElementType.Int64 => new Map<long, long, NegOf<long>>(), _ => null },
        [typeof(Sign)] = r => F32(r) ? new UnaryF32<SignOp>(default) : r.Input(0).Type switch { ElementType.Float64 => new Map<double, double, SignOf<double>>(), ElementType.Int32 => new Map<int, int, SignOf<int>>(), ElementType.Int64 => new Map<long, long, SignOf<long>>(), _ => null },
        [typeof(Relu)] = r => F32(r) ? new UnaryF32<ClampOp>(new(0, float.PositiveInfinity), clamp: (0, float.PositiveInfinity)) : r.Input(0).Type switch { ElementType.Float64 => new Map<double, double, ReluOf<double>>(), ElementType.Int32 => new Map<int, int, ReluOf<int>>(), ElementType.Int64 => new Map<long, long, ReluOf<long>>(), _ => null },
        [typeof(Not)] = r => new Map<byte, byte, NotOf>(0.5),
        [typeof(IsNaN)] = r => r.Input(0).Type == ElementType.Float32 ? new Map<float, byte, IsNaNOf>() : null,
        [typeof(Floor)] = Of(new FloorOp()),
        [typeof(Ceil)] = Of(new CeilOp()),
        [typeof(Round)] = Of(new RoundOp()),
        [typeof(Sqrt)] = Of(new SqrtOp(), 0.5),
        [typeof(Reciprocal)] = Of(new ReciprocalOp()),
        [typeof(Exp)] = Of(new ExpOp(), 0.5),
        [typeof(Log)] = Of(new LogOp(), 0.6),
        [typeof(Erf)] = Of(new ErfOp(), 0.8),
        [typeof(Tanh)] = Of(new TanhOp(), 0.6),
        [typeof(Sigmoid)] = Of(new SigmoidOp(), 0.6),
        [typeof(Softplus)] = Of(new SoftplusOp(), 1),
        [typeof(Softsign)] = Of(new SoftsignOp()),
        [typeof(HardSwish)] = Of(new HardSwishOp()),
        [typeof(Mish)] = Of(new MishOp(), 1.5),
        [typeof(LeakyRelu)] = r => F32(r) ? new UnaryF32<LeakyReluOp>(new(((LeakyRelu)r.Operator).Alpha)) : null,
        [typeof(ThresholdedRelu)] = r => F32(r) ? new UnaryF32<ThresholdedReluOp>(new(((ThresholdedRelu)r.Operator).Alpha)) : null,
        [typeof(Elu)] = r => F32(r) ? new UnaryF32<EluOp>(new(((Elu)r.Operator).Alpha), 0.6) : null,
        [typeof(Celu)] = r => F32(r) ? new UnaryF32<CeluOp>(new(((Celu)r.Operator).Alpha), 0.6) : null,
        [typeof(Selu)] = r => F32(r) ? new UnaryF32<SeluOp>(new(((Selu)r.Operator).Alpha, ((Selu)r.Operator).Gamma), 0.6) : null,
        [typeof(HardSigmoid)] = r => F32(r) ? new UnaryF32<HardSigmoidOp>(new(((HardSigmoid)r.Operator).Alpha, ((HardSigmoid)r.Operator).Beta)) : null,
        [typeof(Swish)] = r => F32(r) ? new UnaryF32<SwishOp>(new(((Swish)r.Operator).Alpha), 0.7) : null,
        [typeof(Gelu)] = r => !F32(r) ? null : ((Gelu)r.Operator).Approximate == GeluApproximation.Tanh ? new UnaryF32<GeluTanhOp>(default, 0.8) : new UnaryF32<GeluOp>(default, 0.9),
        [typeof(Sin)] = r => F32(r) ? new Map<float, float, SinOf>(10) : null,
        [typeof(Cos)] = r => F32(r) ? new Map<float, float, CosOf>(10) : null,
        [typeof(Atan)] = r => F32(r) ? new Map<float, float, AtanOf>(10) : null,
        [typeof(Clip)] = Clamp,
        [typeof(Cast)] = static r => CastFunctions.Of(r.Input(0).Type, r.Output.Type),
        [typeof(Pow)] = Power,
    };

    private static readonly Dictionary<Type, Maker> Binary = new()
    {
        [typeof(Add)] = r => F32(r) ? new BinaryF32<AddOp>() : Numbers(r.Input(0).Type, new Map2<double, double, AddOf<double>>(), new Map2<int, int, AddOf<int>>(), new Map2<long, long, AddOf<long>>()),
        [typeof(Sub)] = r => F32(r) ? new BinaryF32<SubOp>() : Numbers(r.Input(0).Type, new Map2<double, double, SubOf<double>>(), new Map2<int, int, SubOf<int>>(), new Map2<long, long, SubOf<long>>()),
        [typeof(Mul)] = r => F32(r) ? new BinaryF32<MulOp>() : Numbers(r.Input(0).Type, new Map2<double, double, MulOf<double>>(), new Map2<int, int, MulOf<int>>(), new Map2<long, long, MulOf<long>>()),
        [typeof(Div)] = r => F32(r) ? new BinaryF32<DivOp>() : Numbers(r.Input(0).Type, new Map2<double, double, DivOf<double>>(), new Map2<int, int, DivOf<int>>(), new Map2<long, long, DivOf<long>>()),
        [typeof(Max)] = r => F32(r) ? new BinaryF32<MaxOp>() : Numbers(r.Input(0).Type, new Map2<double, double, MaxOf<double>>(), new Map2<int, int, MaxOf<int>>(), new Map2<long, long, MaxOf<long>>()),
        [typeof(Min)] = r => F32(r) ? new BinaryF32<MinOp>() : Numbers(r.Input(0).Type, new Map2<double, double, MinOf<double>>(), new Map2<int, int, MinOf<int>>(), new Map2<long, long, MinOf<long>>()),
        [typeof(Sum)] = r => F32(r) ? new BinaryF32<AddOp>() : null,
        [typeof(Mean)] = r => F32(r) ? new BinaryF32<MeanOp>() : null,
        [typeof(PRelu)] = r => F32(r) ? new BinaryF32<PReluOp>() : null,
        [typeof(Pow)] = r => F32(r) ? new Map2<float, float, PowOf>(20) : null,
        [typeof(Mod)] = r => ((Mod)r.Operator).Fmod
            ? F32(r) ? new Map2<float, float, RemainderOf<float>>(10) : Numbers(r.Input(0).Type, new Map2<double, double, RemainderOf<double>>(), new Map2<int, int, RemainderOf<int>>(), new Map2<long, long, RemainderOf<long>>())
            : Numbers(r.Input(0).Type, null, new Map2<int, int, ModuloOf<int>>(), new Map2<long, long, ModuloOf<long>>()),
        [typeof(And)] = r => new Map2<byte, byte, AndOf<byte>>(0.5),
        [typeof(Or)] = r => new Map2<byte, byte, OrOf<byte>>(0.5),
        [typeof(Xor)] = r => new Map2<byte, byte, XorOf<byte>>(0.5),
        [typeof(Equal)] = r => r.Input(0).Type is ElementType.Bool or ElementType.UInt8 ? new Map2<byte, byte, EqualOf<byte>>() : Numbers(r.Input(0).Type, new Map2<double, byte, EqualOf<double>>(), new Map2<int, byte, EqualOf<int>>(), new Map2<long, byte, EqualOf<long>>(), new Map2<float, byte, EqualOf<float>>()),
        [typeof(Less)] = r => Numbers(r.Input(0).Type, new Map2<double, byte, LessOf<double>>(), new Map2<int, byte, LessOf<int>>(), new Map2<long, byte, LessOf<long>>(), new Map2<float, byte, LessOf<float>>()),
        [typeof(LessOrEqual)] = r => Numbers(r.Input(0).Type, new Map2<double, byte, LessOrEqualOf<double>>(), new Map2<int, byte, LessOrEqualOf<int>>(), new Map2<long, byte, LessOrEqualOf<long>>(), new Map2<float, byte, LessOrEqualOf<float>>()),
        [typeof(Greater)] = r => Numbers(r.Input(0).Type, new Map2<double, byte, GreaterOf<double>>(), new Map2<int, byte, GreaterOf<int>>(), new Map2<long, byte, GreaterOf<long>>(), new Map2<float, byte, GreaterOf<float>>()),
        [typeof(GreaterOrEqual)] = r => Numbers(r.Input(0).Type, new Map2<double, byte, GreaterOrEqualOf<double>>(), new Map2<int, byte, GreaterOrEqualOf<int>>(), new Map2<long, byte, GreaterOrEqualOf<long>>(), new Map2<float, byte, GreaterOrEqualOf<float>>()),
    };

    /// <summary>The operators that are functions of one or two numbers.</summary>
    public static IEnumerable<Type> Operators => Unary.Keys.Concat(Binary.Keys).Distinct();

    /// <summary>A row for each operator, with the operands that move.</summary>
    public static IEnumerable<KernelRow> Rows =>
    [
        .. Unary.Keys.Where(t => !Binary.ContainsKey(t)).Select(t => Row(t, r => Of(r) is { } f ? (f, [0]) : null)),
        .. Binary.Keys.Select(t => Row(t, r => Unary.TryGetValue(t, out var unary) && unary(r) is { } f ? (f, [0]) : r.Inputs.Count == 2 && Of(r) is { } g ? (g, [0, 1]) : null)),
        .. new[] { typeof(Max), typeof(Min), typeof(Sum) }.Select(t => new KernelRow
        {
            Name = $"elementwise.{t.Name.ToLowerInvariant()}.many",
            Operator = t,
            Supports = r => r.Inputs.Count > 2 && Of(r) is not null,
            Cost = r => 50 + r.Output.Count * Of(r)!.Cost * r.Inputs.Count,
            Create = r => new VariadicKernel(r, Of(r)!),
        }),
        Row(typeof(Where), r => r.Output.Type.Bits() switch
        {
            8 => (new Choose<byte>(), [0, 1, 2]),
            16 => (new Choose<ushort>(), [0, 1, 2]),
            32 => (new Choose<uint>(), [0, 1, 2]),
            64 => (new Choose<ulong>(), [0, 1, 2]),
            _ => ((ElementFunction, int[])?)null,
        }),
        Row(typeof(Expand), r => r.Output.Type.Bits() switch
        {
            8 => (new Same<byte>(), [0]),
            16 => (new Same<ushort>(), [0]),
            32 => (new Same<uint>(), [0]),
            64 => (new Same<ulong>(), [0]),
            _ => ((ElementFunction, int[])?)null,
        }),
    ];

    /// <summary>The function of a layer, of its first operand alone where the others are fixed; null when there is none.</summary>
    public static ElementFunction? Of(KernelRequest request) =>
        Unary.TryGetValue(request.Operator.GetType(), out var unary) && unary(request) is { } one ? one
        : Binary.TryGetValue(request.Operator.GetType(), out var binary) ? binary(request) : null;

    /// <summary>True when <see cref="Of(KernelRequest)"/> reads the first operand only.</summary>
    public static bool IsUnary(KernelRequest request) => Unary.TryGetValue(request.Operator.GetType(), out var unary) && unary(request) is not null;

    private static KernelRow Row(Type type, Func<KernelRequest, (ElementFunction Function, int[] Operands)?> find) => new()
    {
        Name = $"elementwise.{type.Name.ToLowerInvariant()}",
        Operator = type,
        TakesEpilogue = true,
        Supports = r => (r.Epilogue.IsEmpty || r.Output.Type == ElementType.Float32) && find(r) is not null,
        Cost = r => 50 + r.Output.Count * find(r)!.Value.Function.Cost,
        Create = r => new ElementwiseKernel(r, find(r)!.Value.Function, find(r)!.Value.Operands),
    };

    private static bool F32(KernelRequest request) => request.IsAll(ElementType.Float32);

    private static Maker Of<TOp>(TOp op, double cost = 0.3) where TOp : struct, IUnary => r => F32(r) ? new UnaryF32<TOp>(op, cost) : null;

    private static ElementFunction? Numbers(ElementType type, ElementFunction? f64, ElementFunction? i32, ElementFunction? i64, ElementFunction? f32 = null) => type switch
    {
        ElementType.Float64 => f64,
        ElementType.Int32 => i32,
        ElementType.Int64 => i64,
        ElementType.Float32 => f32,
        _ => null,
    };

    private static ElementFunction? Clamp(KernelRequest request)
    {
        if (!F32(request)) return null;
        float[] bounds = [float.NegativeInfinity, float.PositiveInfinity];
        for (int i = 1; i < request.Inputs.Count; i++)
        {
            if (!request.Has(i)) continue;
            if (request.Input(i).Constant is not { Count: 1 } bound) return null;
            bounds[i - 1] = bound.Materialize().Span<float>()[0];
        }
        return float.IsNaN(bounds[0]) || float.IsNaN(bounds[1]) ? null : new UnaryF32<ClampOp>(new(bounds[0], bounds[1]), clamp: (bounds[0], bounds[1]));
    }

    // Powers that are cheaper than the general one.
    private static ElementFunction? Power(KernelRequest request) => request.Input(0).Type != ElementType.Float32 || request.Input(1).Constant is not { Count: 1 } exponent || request.Input(1).Rank > request.Input(0).Rank
        ? null
        : exponent.Materialize().ToDoubles()[0] switch
        {
            1 => new UnaryF32<ClampOp>(new(float.NegativeInfinity, float.PositiveInfinity)),
            2 => new UnaryF32<SquareOp>(default),
            3 => new UnaryF32<CubeOp>(default),
            0.5 => new UnaryF32<RootOp>(default, 0.5),
            -1 => new UnaryF32<ReciprocalOp>(default),
            _ => null,
        };
}
