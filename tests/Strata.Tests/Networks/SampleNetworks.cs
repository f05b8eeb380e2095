using System.Collections.Immutable;
using System.Numerics;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Networks;

/// <summary>An operator with an attribute of every kind, none of them at a trivial default.</summary>
internal sealed record Everything : Operator
{
    public static readonly ImmutableArray<string> Names = ["NONE", "needs quotes", "LAST"];

    public long Int { get; init; } = 7;
    public long? OptionalInt { get; init; } = 3;
    public ImmutableArray<long> Ints { get; init; } = [1];
    public float Float { get; init; } = 0.5f;
    public float? OptionalFloat { get; init; }
    public ImmutableArray<float> Floats { get; init; } = [];
    public bool Flag { get; init; } = true;
    public string Text { get; init; } = "x";
    public ImmutableArray<string> Texts { get; init; } = ["x"];
    public int Choice { get; init; }
    public ElementType? Type { get; init; }
    public Constant? Tensor { get; init; }
    public Network Body { get; init; } = Network.Empty;
    public NetworkType? ValueType { get; init; }

    public override Operator Walk(AttributeWalker walker) => this with
    {
        Int = walker.Int("int", Int),
        OptionalInt = walker.OptionalInt("optional_int", OptionalInt),
        Ints = walker.Ints("ints", Ints),
        Float = walker.Float("float", Float),
        OptionalFloat = walker.OptionalFloat("optional_float", OptionalFloat),
        Floats = walker.Floats("floats", Floats),
        Flag = walker.Flag("flag", Flag),
        Text = walker.Text("text", Text),
        Texts = walker.Texts("texts", Texts),
        Choice = walker.Choice("choice", Choice, Names),
        Type = walker.Type("type", Type),
        Tensor = walker.Tensor("tensor", Tensor),
        Body = walker.Network("body", Body),
        ValueType = walker.ValueType("value_type", ValueType),
    };

    public override void Infer(InferenceContext context)
    {
        for (int i = 0; i < context.OutputCount; i++) context.Output(i, ElementType.Float32, Shape.Scalar);
    }
}

/// <summary>Hand-built networks that between them hold every construct of the network model.</summary>
internal static class SampleNetworks
{
    public static readonly OperatorCatalog Operators = OperatorCatalog.Standard.With(
        new OperatorRow(1_000_000, "everything", new Everything()), new OperatorRow(1_000_001, "an operator \"so named\"", new Odd()));

    public const string Awkward = "%\"quoted\\\" \n\t\0 ‮ é 漢 \ud83d\ude00 \ud800 @{}[](),=:// _";

    public static IEnumerable<(string Name, Network Network)> All =>
    [
        ("classifier", Classifier()),
        ("elements", EveryElementType()),
        ("types", EveryType()),
        ("attributes", EveryAttribute()),
        ("names", AwkwardNames()),
        ("branches", Branches()),
        ("empty", Network.Empty),
    ];

    public static Network Classifier()
    {
        var builder = new NetworkBuilder("mnist");
        builder.Metadata = builder.Metadata.Add("producer", "hand").Add("licence", "MIT").Add("Zeta", "capital first");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [S("batch"), 4, S("H"), S("W")]));
        var w = builder.Constant(Ramp(8, 2, 3, 3), "w");
        var bias = builder.Constant(Tensor.Vector(1f, -0f, 0.1f, float.MaxValue, float.Epsilon, -1e-5f, 1e20f, 16777216f), "bias");
        var conv = new Conv { Group = 2, Window = new() { Strides = [2, 2], Pads = [1, 1, 1, 1] } };
        var y = builder.Add(conv, [x, w, bias], [new OutputSpec("y")], "layer name").Outputs[0]!;
        var z = builder.Add(new Conv { Window = new() { AutoPad = AutoPad.SameUpper } }, [y, builder.Constant(Ramp(1, 8, 1, 1), "w")], [new OutputSpec("")], "").Outputs[0]!;
        var shape = builder.Add(new ShapeOf { End = 2 }, [z], [new OutputSpec("shape")], "").Outputs[0]!;
        builder.Constrain(new(S("H") + 1, S("W") * 2, "height and width must fit"));
        builder.Output("scores", z);
        builder.Output("shape", shape);
        builder.Output("scores again", z);
        return builder.Build();
    }

    public static Network EveryElementType()
    {
        var builder = new NetworkBuilder("elements");
        foreach (var type in ElementTypes.All)
        {
            if (type.Bits() is > 0 and <= 8) Add(Codes(type, 1 << type.Bits()), type.Name());
            else if (type.Bits() is > 8 and <= 16) Add(Codes(type, 1 << type.Bits(), step: 1021), type.Name());
        }
        // NaNs by their bits: constant folding would make the signalling ones quiet.
        Add(Tensor.Vector<uint>(0x7fc00000, 0xffc00000, 0x7f800001, 0xffc0beef).Reinterpret(ElementType.Float32), "f32");
        Add(Tensor.Vector(0f, -0f, float.PositiveInfinity, float.NegativeInfinity, float.MinValue, float.MaxValue, float.Epsilon, 0.1f, 1f / 3), "f32");
        Add(Tensor.Vector<ulong>(0x7ff8000000000000, 0xfff8000000000000, 0x7ff0000000000001).Reinterpret(ElementType.Float64), "f64");
        Add(Tensor.Vector(0d, -0d, double.PositiveInfinity, double.NegativeInfinity, double.MinValue, double.MaxValue, double.Epsilon, 0.1, 1d / 3), "f64");
        Add(Tensor.Vector(int.MinValue, -1, 0, int.MaxValue), "i32");
        Add(Tensor.Vector(long.MinValue, -1, 0, long.MaxValue), "i64");
        Add(Tensor.Vector(0u, uint.MaxValue), "u32");
        Add(Tensor.Vector(0ul, ulong.MaxValue), "u64");
        Add(Tensor.FromComplex(ElementType.Complex64, [2], [new(1, -2), new(double.NaN, double.PositiveInfinity)]), "c64");
        Add(Tensor.FromComplex(ElementType.Complex128, [2], [new(-0d, 0.1), new(double.NaN, double.NegativeInfinity)]), "c128");
        Add(Tensor.FromStrings([2, 2], "", "plain", Awkward, "true"), "str");
        Add(Tensor.FromBytes(ElementType.Bool, [3], new byte[] { 0, 1, 2 }), "bool");
        Add(Tensor.Scalar(0.5f), "scalar");
        Add(Tensor.Zeros(ElementType.Float32, 3, 0, 2), "none");
        Add(Tensor.Zeros(ElementType.Float32, 0), "none");
        return builder.Build();

        // Used, because a network drops what nothing uses.
        void Add(Tensor tensor, string name) => builder.Output(name, builder.Constant(tensor, name));
    }

    public static Network EveryType()
    {
        var tensor = new TensorType(ElementType.Float32, [S("N"), 2]);
        Dim n = S("N"), w = S("W"), odd = S("a b*c");
        var scales = Constant.Of(Tensor.Vector(0.5f, 0.25f));
        var builder = new NetworkBuilder("types");
        builder.Input("unranked", new TensorType(ElementType.Float16, null));
        builder.Input("scalar", new TensorType(ElementType.Bool, Shape.Scalar));
        builder.Input("dims", new TensorType(ElementType.Float32,
            [2 * n * w - 1, Dim.FloorDiv(w + 1, 2), Dim.CeilDiv(n, w), Dim.Min(n, w) + Dim.Max(odd, 3), S("?0"), S("min"), 10 - n, odd * odd]));
        builder.Input("sequence", new SequenceType(new SequenceType(tensor)));
        builder.Input("optional", new OptionalType(new SequenceType(tensor)));
        builder.Input("map", new MapType(ElementType.Int64, new MapType(ElementType.String, tensor)));
        builder.Input("per_tensor", new TensorType(ElementType.UInt8, [S("N")], new(Constant.Of(Tensor.Scalar(0.5f)), Constant.Of(Tensor.Scalar((byte)128)))));
        builder.Input("per_channel", new TensorType(ElementType.Int8, [2, S("N")], new(scales, null, Axis: 0)));
        builder.Input("per_group", new TensorType(ElementType.Int4, [100, 64], new(Constant.Of(Ramp(100, 2)), Constant.Of(Tensor.Zeros(ElementType.Int4, 100, 2)), Axis: 1, Group: 32)));
        builder.Input("nested", new SequenceType(new TensorType(ElementType.Float8E4M3FN, null, new(scales.WithQuantization(new(Constant.Of(Tensor.Scalar(2f)), null)), null, Axis: -1))));
        builder.Output("codes", builder.Constant(Constant.Of(Codes(ElementType.Int4, 8)).WithQuantization(new(scales, null, Axis: 0)), "codes"));
        builder.Output("many codes", builder.Constant(Constant.Of(Codes(ElementType.UInt2, 100)).WithQuantization(new(scales, null, Axis: 0)), "many_codes"));
        return builder.Build();
    }

    public static Network EveryAttribute()
    {
        var builder = new NetworkBuilder("attributes");
        Add(new Everything());
        Add(new Everything
        {
            Int = long.MinValue,
            OptionalInt = null,
            Ints = [],
            Float = -0f,
            OptionalFloat = BitConverter.UInt32BitsToSingle(0x7fc00001),
            Floats = [0.1f, float.NegativeInfinity],
            Flag = false,
            Text = Awkward,
            Texts = ["", Awkward],
            Choice = 1,
            Type = ElementType.BFloat16,
            Tensor = Constant.Of(Tensor.Vector(1f, 2f)),
            ValueType = new OptionalType(new TensorType(ElementType.Float32, [S("N")])),
        });
        Add(new Everything { Ints = [-1, 2], Texts = default, Floats = default, Choice = 2, Tensor = Constant.Of(Ramp(10, 10)) });
        var inner = new NetworkBuilder("inner", builder);
        inner.Output("o", inner.Add(new Everything { Text = "inside" }));
        Add(new Everything { Int = 1, Body = inner.Build() });
        return builder.Build();

        void Add(Operator op) => builder.Add(op, [], [new OutputSpec("")], "");
    }

    public static Network AwkwardNames()
    {
        var builder = new NetworkBuilder(Awkward);
        builder.Metadata = builder.Metadata.Add(Awkward, Awkward).Add("", "");
        var symbols = new TensorType(ElementType.Float32, [S(Awkward), S("floordiv"), S("1st"), S("?"), S("_")]);
        var a = builder.Input(Awkward, symbols);
        var b = builder.Input("_", symbols);
        var c = builder.Input("//a:0/-", symbols);
        var outputs = builder.Add(new Odd(), [a, null, b, null, c, null], [null, new OutputSpec("0"), null], Awkward).Outputs;
        builder.Add(new Odd(), [], [], "no operands, no outputs");
        builder.Add(new Odd(), [null, a], [null], "");
        builder.Output(Awkward, outputs[1]!);
        builder.Output("", a);
        builder.Constrain(new(S(Awkward), Dim.One, Awkward));
        return builder.Build();
    }

    public static Network Branches()
    {
        var builder = new NetworkBuilder("branches");
        var condition = builder.Input("condition", new TensorType(ElementType.Bool, []));
        var x = builder.Input("x", new TensorType(ElementType.Float32, [S("N")]));
        var op = new If { Then = Body("then", depth: 1), Else = Body("else", depth: 0) };
        builder.Output("y", builder.Add(op, [condition, x, condition], [new OutputSpec("y")], "choose").Outputs[0]!);
        return builder.Build();

        Network Body(string name, int depth)
        {
            var body = new NetworkBuilder(name, builder);
            body.Metadata = body.Metadata.Add("depth", $"{depth}");
            var inner = body.Capture("x", x, builder);
            var again = body.Capture("condition", condition, builder);
            Operator op = depth == 0 ? new Add() : new If { Then = Body("then", depth - 1), Else = Body("else", depth - 1) };
            body.Output("y", depth == 0 ? body.Add(op, inner, inner) : body.Add(op, again, inner, again));
            return body.Build();
        }
    }

    public static Tensor Ramp(params int[] dims)
    {
        var tensor = Tensor.Zeros(ElementType.Float32, dims);
        for (int i = 0; i < tensor.Count; i++) tensor.MutableSpan<float>()[i] = i / 8f - 2;
        return tensor;
    }

    private static Dim S(string name) => Dim.Symbol(name);

    // At most 64 codes, so that they print inline, or as many as asked for a type that is not to.
    private static Tensor Codes(ElementType type, int codes, int step = 1)
    {
        int count = (codes + step - 1) / step;
        var tensor = Tensor.Zeros(type, 2, count / 2);
        for (int i = 0; i < tensor.Count; i++) tensor.SetBits(i, i * step & ((1 << type.Bits()) - 1));
        return tensor;
    }

    private sealed record Odd : Operator
    {
        public override void Infer(InferenceContext context)
        {
            for (int i = 0; i < context.OutputCount; i++) context.Output(i, ElementType.Float32, [S("?7")]);
        }
    }
}
