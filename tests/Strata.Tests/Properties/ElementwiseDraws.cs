using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Properties;

internal static class ElementwiseDraws
{
    public static IReadOnlyList<OperatorDraw> Rows { get; } =
    [
        new("add", g => Binary(g, new Add(), g.Numeric())),
        new("sub", g => Binary(g, new Sub(), g.Numeric())),
        new("mul", g => Binary(g, new Mul(), g.Numeric())),
        new("div", g => Divide(g, new Div(), g.Numeric())),
        new("mod", g => Divide(g, new Mod(), g.Integer())),
        new("mod", g => Divide(g, new Mod { Fmod = true }, g.Numeric())),
        new("pow", Power),
        new("max", g => Variadic(g, new Max(), g.Numeric())),
        new("min", g => Variadic(g, new Min(), g.Numeric())),
        new("sum", g => Variadic(g, new Sum(), g.Float())),
        new("mean", g => Variadic(g, new Mean(), g.Float())),
        .. Unaries(g => g.Numeric(), ("abs", new Abs()), ("sign", new Sign()), ("relu", new Relu())),
        new("neg", g => g.Add(new Neg(), g.Any(g.Chance(0.6) ? g.Float : () => g.Choose(ElementType.Int32, ElementType.Int64, ElementType.Int8)))),
        .. Unaries(g => g.Float(), ("floor", new Floor()), ("ceil", new Ceil()), ("round", new Round()), ("reciprocal", new Reciprocal()), ("sqrt", new Sqrt()), ("exp", new Exp()), ("log", new Log()),
            ("erf", new Erf()), ("sin", new Sin()), ("cos", new Cos()), ("tan", new Tan()), ("asin", new Asin()), ("acos", new Acos()), ("atan", new Atan()), ("sinh", new Sinh()), ("cosh", new Cosh()),
            ("tanh", new Tanh()), ("asinh", new Asinh()), ("acosh", new Acosh()), ("atanh", new Atanh()), ("sigmoid", new Sigmoid()), ("hard_swish", new HardSwish()), ("mish", new Mish()),
            ("softplus", new Softplus()), ("softsign", new Softsign()), ("is_nan", new IsNaN())),
        new("leaky_relu", g => g.Add(new LeakyRelu { Alpha = g.Choose(0.01f, 0.3f, -1) }, g.Any(g.Float))),
        new("thresholded_relu", g => g.Add(new ThresholdedRelu { Alpha = g.Choose(1, 0.25f) }, g.Any(g.Float))),
        new("elu", g => g.Add(new Elu { Alpha = g.Choose(1, 0.25f) }, g.Any(g.Float))),
        new("celu", g => g.Add(new Celu { Alpha = g.Choose(1, 0.25f) }, g.Any(g.Float))),
        new("selu", g => g.Add(new Selu { Gamma = g.Choose(1, 1.5f) }, g.Any(g.Float))),
        new("hard_sigmoid", g => g.Add(new HardSigmoid { Alpha = g.Choose(0.2f, 0.25f), Beta = g.Choose(0.5f, 0.1f) }, g.Any(g.Float))),
        new("swish", g => g.Add(new Swish { Alpha = g.Choose(1, 1.7f) }, g.Any(g.Float))),
        new("gelu", g => g.Add(new Gelu { Approximate = g.Choose(GeluApproximation.None, GeluApproximation.Tanh) }, g.Any(g.Float))),
        new("shrink", g => g.Add(new Shrink { Bias = g.Choose(0, 0.5f), Lambd = g.Choose(0.5f, 1) }, g.Any(g.Numeric))),
        new("prelu", g => { var x = g.Any(g.Float); g.Add(new PRelu(), x, Narrow(g, x)); }),
        new("is_inf", g => g.Add(new IsInf { DetectNegative = g.Chance(0.7), DetectPositive = g.Chance(0.7) }, g.Any(g.Float))),
        new("equal", g => Binary(g, new Equal(), g.Chance(0.2) ? g.Choose(ElementType.Bool, ElementType.String) : g.Numeric())),
        new("less", g => Binary(g, new Less(), g.Numeric())),
        new("less_or_equal", g => Binary(g, new LessOrEqual(), g.Numeric())),
        new("greater", g => Binary(g, new Greater(), g.Numeric())),
        new("greater_or_equal", g => Binary(g, new GreaterOrEqual(), g.Numeric())),
        new("and", g => Binary(g, new And(), ElementType.Bool)),
        new("or", g => Binary(g, new Or(), ElementType.Bool)),
        new("xor", g => Binary(g, new Xor(), ElementType.Bool)),
        new("not", g => g.Add(new Not(), g.Any(() => ElementType.Bool))),
        new("where", Where),
        new("bit_shift", g => Binary(g, new BitShift { Direction = g.Choose(ShiftDirection.Left, ShiftDirection.Right) }, Unsigned(g))),
        new("bitwise_and", g => Binary(g, new BitwiseAnd(), g.Integer())),
        new("bitwise_or", g => Binary(g, new BitwiseOr(), g.Integer())),
        new("bitwise_xor", g => Binary(g, new BitwiseXor(), g.Integer())),
        new("bitwise_not", g => g.Add(new BitwiseNot(), g.Any(g.Integer))),
        new("clip", Clip),
        new("cast", Cast),
        new("bit_cast", g => g.Add(new BitCast { To = g.Choose(ElementType.Float32, ElementType.Int32, ElementType.UInt32) }, g.Any(() => g.Choose(ElementType.Float32, ElementType.Int32, ElementType.UInt32)))),
        new("bit_cast", g => g.Add(new BitCast { To = g.Choose(ElementType.Float16, ElementType.BFloat16, ElementType.Int16) }, g.Any(() => g.Choose(ElementType.Float16, ElementType.Int16)))),
        new("string_concat", g => Binary(g, new StringConcat(), ElementType.String)),
        new("string_split", g => g.AddMany(new StringSplit { Delimiter = g.Choose("", ",", "th"), MaxSplit = g.Chance(0.5) ? null : 1 }, 2, 1, g.Any(() => ElementType.String, mayBeEmpty: false))),
        new("string_normalizer", g => g.Add(new StringNormalizer { CaseChangeAction = g.Choose(CaseChange.None, CaseChange.Lower, CaseChange.Upper), IsCaseSensitive = g.Chance(0.5), Stopwords = g.Chance(0.5) ? ["the", "A"] : [] },
            g.Exactly(ElementType.String, g.Chance(0.5) ? [3] : [1, 4]))),
        new("regex_full_match", g => g.Add(new RegexFullMatch { Pattern = g.Choose("[a-z ]+", ".*e.*", "[0-9]*") }, g.Any(() => ElementType.String))),
        new("random_normal", g => g.Add(new RandomNormal { Dimensions = [.. g.Dims().Select(d => (long)d)], Dtype = g.Chance(0.5) ? null : g.Float(), Seed = g.Chance(0.5) ? 7 : null, Mean = g.Choose(0, 0.5f) })),
        new("random_normal_like", g => g.Add(new RandomNormalLike { Dtype = g.Chance(0.5) ? ElementType.Float64 : null, Scale = 2 }, g.Any(g.Float))),
        new("random_uniform", g => g.Add(new RandomUniform { Dimensions = [2, 3], Low = -1, Seed = g.Chance(0.5) ? 7 : null })),
        new("random_uniform_like", g => g.Add(new RandomUniformLike { Dtype = ElementType.Float32, High = 3 }, g.Any(g.Numeric))),
        new("bernoulli", g => g.Add(new Bernoulli { Dtype = g.Chance(0.5) ? null : g.Choose(ElementType.Bool, ElementType.Int32), Seed = 3 }, g.Between(0, 1, g.Float(), g.Dims()))),
        new("multinomial", g => g.Add(new Multinomial { SampleSize = g.Next(1, 4), Dtype = g.Choose<ElementType?>(null, ElementType.Int64), Seed = 5 }, g.Between(-2, 2, ElementType.Float32, g.Next(1, 3), g.Next(1, 4)))),
    ];

    private static IEnumerable<OperatorDraw> Unaries(Func<NetworkGenerator, ElementType> type, params (string Name, Operator Op)[] operators) =>
        operators.Select(o => new OperatorDraw(o.Name, g => g.Add(o.Op, g.Any(() => type(g)))));

    private static ElementType Unsigned(NetworkGenerator g) => g.Choose(ElementType.UInt8, ElementType.UInt16, ElementType.UInt32, ElementType.UInt64);

    private static void Binary(NetworkGenerator g, Operator op, ElementType type)
    {
        var a = g.Any(() => type);
        var b = g.Broadcast(type, g.DimsOf(a));
        if (g.Chance(0.5)) g.Add(op, a, b);
        else g.Add(op, b, a);
    }

    // The divisor has no zeros, nor −1, by which the least integer cannot be divided.
    private static void Divide(NetworkGenerator g, Operator op, ElementType type)
    {
        var a = g.Any(() => type);
        g.Add(op, a, type.IsInteger() ? g.Indices(type, 1, 5, Narrowed(g, g.DimsOf(a))) : g.Broadcast(type, g.DimsOf(a)));
    }

    private static void Power(NetworkGenerator g)
    {
        var a = g.Any(() => g.Choose(ElementType.Float32, ElementType.Float32, ElementType.Float64, ElementType.Int32, ElementType.Int64));
        g.Add(new Pow(), a, g.TypeOf(a).IsInteger() || g.Chance(0.5) ? g.Indices(g.Choose(ElementType.Int32, ElementType.Int64), 0, 3, Narrowed(g, g.DimsOf(a))) : g.Between(0, 3, ElementType.Float32, Narrowed(g, g.DimsOf(a))));
    }

    private static void Variadic(NetworkGenerator g, Operator op, ElementType type)
    {
        var first = g.Any(() => type);
        int[] dims = g.DimsOf(first);
        Value?[] operands = [first, .. Enumerable.Range(0, g.Next(0, 2)).Select(_ => g.Pick(t => t.ElementType == type && t.Dims.AsSpan().SequenceEqual(dims), () => g.Draw(type, Narrowed(g, dims))))];
        g.Add(op, operands);
    }

    // Dimensions that broadcast to the given ones.
    internal static int[] Narrowed(NetworkGenerator g, int[] dims)
    {
        int[] narrowed = [.. dims[(g.Chance(0.3) ? g.Next(0, dims.Length) : 0)..]];
        for (int d = 0; d < narrowed.Length; d++)
        {
            if (g.Chance(0.3)) narrowed[d] = 1;
        }
        return narrowed;
    }

    private static Value Narrow(NetworkGenerator g, Value x) => g.Make(g.Draw(g.TypeOf(x), Narrowed(g, g.DimsOf(x))));

    private static void Where(NetworkGenerator g)
    {
        var x = g.Any(g.AnyType);
        g.Add(new Where(), g.Make(g.Draw(ElementType.Bool, Narrowed(g, g.DimsOf(x)))), x, Narrow(g, x));
    }

    private static void Clip(NetworkGenerator g)
    {
        var x = g.Any(g.Numeric);
        g.Add(new Clip(), x, g.Chance(0.7) ? g.Exactly(g.TypeOf(x)) : null, g.Chance(0.7) ? g.Exactly(g.TypeOf(x)) : null);
    }

    // Strings become numbers only when they are numbers; floats become integers only within their range.
    private static void Cast(NetworkGenerator g)
    {
        var from = g.Chance(0.2) ? g.Choose(ElementType.Bool, ElementType.Int4, ElementType.UInt4, ElementType.Float8E4M3FN, ElementType.Float8E5M2) : g.Numeric();
        var to = g.Chance(0.2) ? g.Choose(ElementType.Bool, ElementType.String, ElementType.Float8E4M3FN, ElementType.Float8E5M2FNUZ, ElementType.Int4) : from.IsFloat() ? g.Float() : g.Numeric();
        var x = from.IsFloat() && to.IsInteger() ? g.Between(0, 7, from, g.Dims()) : g.Any(() => from);
        g.Add(new Cast { To = to, Saturate = g.Chance(0.8) }, x);
    }
}
