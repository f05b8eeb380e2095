using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Networks;

namespace Strata.Tests.Bitstream;

/// <summary>The networks of the committed files in <c>Golden/</c>, which every later version must decode to exactly these.</summary>
internal static class GoldenNetworks
{
    public static readonly IReadOnlyDictionary<string, Func<Network>> All = new Dictionary<string, Func<Network>>
    {
        ["classes-v1"] = Classes,
        ["coded-v1"] = Coded,
        ["convolution-v1"] = Convolution,
        ["control-v1"] = Control,
        ["elements-v1"] = Elements,
        ["floats-v1"] = Floats,
        ["headers-v1"] = Headers,
        ["minimal-v1"] = Minimal,
        ["planes-v1"] = Planes,
        ["transposed-v1"] = Transposed,
        ["weights-v1"] = Weights,
    };

    public static string PathOf(string name) => Path.Combine(Support.Repository.Tests, "Bitstream", "Golden", name + ".strata");

    // Symbolic and fresh dimensions, shared and equal constants, a quantised type, an omitted operand, metadata, a constraint.
    private static Network Convolution()
    {
        var builder = new NetworkBuilder("convolution");
        builder.Metadata = builder.Metadata.Add("producer", "hand").Add("licence", "MIT");
        Dim n = Dim.Symbol("batch"), h = Dim.Symbol("H");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [n, 2, h, 2 * h + 1]));
        builder.Input("codes", new TensorType(ElementType.UInt8, [n, 2], new Quantization(Constant.Of(Tensor.Vector(0.5f, 0.25f)), Constant.Of(Tensor.Vector<byte>(3, 4)), Axis: 1)));
        var weights = builder.Constant(SampleNetworks.Ramp(4, 2, 3, 3), "w");
        var y = builder.Add(new Conv { Window = new() { Strides = [2, 2], Pads = [1, 1, 1, 1] } }, [x, weights, builder.Constant(Tensor.Vector(1f, -0f, 0.1f, 2f), "b")], [new OutputSpec("y")], "stem").Outputs[0]!;
        var equal = builder.Constant(SampleNetworks.Ramp(4, 2, 3, 3), "w_again");
        var z = builder.Add(new Conv { Group = 2, Window = new() { AutoPad = AutoPad.SameUpper } }, [y, equal], [new OutputSpec("z")], "block/1").Outputs[0]!;
        var joined = builder.Add(new Concat { Axis = 1 }, [z, z], [new OutputSpec("joined")], "").Outputs[0]!;
        builder.Constrain(new(h, 3 * n, "height must be three times the batch"));
        builder.Output("joined", joined);
        builder.Output("weights", weights);
        return builder.Build();
    }

    // An If with captured values inside the body of a Loop.
    private static Network Control()
    {
        var builder = new NetworkBuilder("control");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("N")]));
        var flag = builder.Input("flag", new TensorType(ElementType.Bool, []));

        var body = new NetworkBuilder("body", builder);
        body.Input("i", new TensorType(ElementType.Int64, []));
        var goOn = body.Input("go_on", new TensorType(ElementType.Bool, []));
        var state = body.Input("state", x.Type);
        var condition = body.Capture("flag", flag, builder);
        var choice = body.Add(new If { Then = Branch("then", 1f), Else = Branch("else", -2f) }, [condition, state], [new OutputSpec("next")], "choose").Outputs[0]!;
        body.Output("go_on", goOn);
        body.Output("next", choice);
        body.Output("trace", choice);

        var limit = builder.Constant(Tensor.Scalar(3L), "limit");
        var loop = builder.Add(new Loop { Body = body.Build(), Captures = 1 }, [limit, null, x, flag], [new OutputSpec("last"), new OutputSpec("all")], "repeat");
        builder.Output("last", loop.Outputs[0]!);
        builder.Output("all", loop.Outputs[1]!);
        return builder.Build();

        Network Branch(string name, float step)
        {
            var branch = new NetworkBuilder(name, body);
            var taken = branch.Capture("state", state, body);
            branch.Output("sum", branch.Add(new Add(), taken, branch.Constant(Tensor.Vector(step), "step")));
            return branch.Build();
        }
    }

    // A constant of every element type, inline and not.
    private static Network Elements()
    {
        var builder = new NetworkBuilder("elements");
        foreach (var type in ElementTypes.All)
        {
            foreach (int count in new[] { 3, type.Bits() >= 32 ? 20 : 70 })
            {
                var tensor = type == ElementType.String
                    ? Tensor.FromStrings([count], [.. Enumerable.Range(0, count).Select(i => $"é{i}")])
                    : Tensor.FromBytes(type, [count], Enumerable.Range(0, (int)type.ByteCount(count)).Select(i => (byte)(type == ElementType.Bool ? i & 1 : i * 37)).ToArray());
                builder.Output($"{type.Name()}_{count}", builder.Constant(tensor, $"{type.Name()}_{count}"));
            }
        }
        return builder.Build();
    }

    // Planes that are coded with few and with many lanes, plain, and constant; codes of four bits.
    private static Network Planes()
    {
        uint state = 1;
        var builder = new NetworkBuilder("planes");
        Add("weights", Tensor.Vector<float>([.. Enumerable.Range(0, 300).Select(_ => Draw() / 4096f)]));
        Add("rounded", Tensor.Vector<float>([.. Enumerable.Range(0, 120).Select(_ => (float)(Half)(Draw() / 4096f))]));
        Add("many", Tensor.Vector<sbyte>([.. Enumerable.Range(0, 2100).Select(_ => (sbyte)(Draw() / 4096))]));
        Add("codes", Tensor.FromInt64s(ElementType.Int4, [513], [.. Enumerable.Range(0, 513).Select(_ => (long)Math.Clamp(Draw() / 4096, -2, 1))]));
        return builder.Build();

        void Add(string name, Tensor tensor) => builder.Output(name, builder.Constant(tensor, name));

        // The sum of four draws of a linear congruential generator, centred.
        int Draw()
        {
            int sum = -4 * 4096;
            for (int i = 0; i < 4; i++) sum += (int)((state = state * 1664525 + 1013904223) >> 19);
            return sum;
        }
    }

    // Classes by rows and columns, by taps, by blocks; curves and grids; one, eight and 32 lanes.
    private static Network Classes()
    {
        uint state = 11;
        var builder = new NetworkBuilder("classes");
        Add(ElementType.Int8, [24, 70], i => 24 * (1 + i / 70 % 4) * (1 + i % 70 % 5) / 16);
        Add(ElementType.UInt8, [150], _ => 20);
        Add(ElementType.Int4, [12, 16, 3, 3], i => i % 9 == 4 ? 4 : 1);
        Add(ElementType.Int4, [8, 320], i => 1 + 4 * (i / 32 * 7 % 3));
        Add(ElementType.Int2, [130, 256], _ => 0);
        return builder.Build();

        void Add(ElementType type, int[] dims, Func<int, int> scale)
        {
            string name = $"{type.Name()}_{dims[0]}";
            int count = dims.Aggregate((a, b) => a * b), middle = type == ElementType.UInt8 ? 128 : 0, most = (1 << type.Bits() - 1) - 1;
            builder.Output(name, builder.Constant(Tensor.FromInt64s(type, dims, [.. Enumerable.Range(0, count).Select(i => (long)Math.Clamp(Draw(scale(i)), -most, most) + middle)]), name));
        }

        // Nearly normal for a scale from 1 on, else a rare −1.
        int Draw(int scale)
        {
            if (scale == 0) return Next(64) == 0 ? -1 : 0;
            int sum = 0;
            for (int i = 0; i < 6; i++) sum += Next(2 * scale + 1) - scale;
            return sum / 2;
        }

        int Next(int below) => (int)((state = state * 1664525 + 1013904223) >> 8) % below;
    }

    // Matrices of elements of one, two, four and sixteen bytes beside their transposes, and one that is symmetric.
    private static Network Transposed()
    {
        var builder = new NetworkBuilder("transposed");
        foreach (var type in new[] { ElementType.UInt8, ElementType.BFloat16, ElementType.Float32, ElementType.Complex128 })
        {
            int size = type.Bits() / 8, rows = 11, columns = 130 / rows / size + 2;
            byte[] bytes = [.. Enumerable.Range(0, rows * columns * size).Select(i => (byte)(i * i / 3))];
            byte[] turned = [.. Enumerable.Range(0, bytes.Length).Select(i => bytes[(i / size % rows * columns + i / size / rows) * size + i % size])];
            builder.Output($"{type.Name()}_wide", builder.Constant(Tensor.FromBytes(type, [rows, columns], bytes), $"{type.Name()}_wide"));
            builder.Output($"{type.Name()}_tall", builder.Constant(Tensor.FromBytes(type, [columns, rows], turned), $"{type.Name()}_tall"));
        }
        byte[] square = [.. Enumerable.Range(0, 81).Select(i => (byte)(i / 9 * (i % 9)))];
        builder.Output("square", builder.Constant(Tensor.FromBytes(ElementType.Int8, [9, 9], square), "square"));
        return builder.Build();
    }

    // Ternary codes with many zeros and with few, codes of a few values, a sparse tensor, scales.
    private static Network Weights()
    {
        uint state = 5;
        var builder = new NetworkBuilder("weights");
        Add("sparse_ternary", Tensor.Vector<sbyte>(Draw(301, () => Next(5) == 0 ? (sbyte)(2 * Next(2) - 1) : (sbyte)0)));
        Add("ternary", Tensor.Vector<sbyte>(Draw(152, () => (sbyte)(Next(3) - 1))));
        Add("few", Tensor.Vector<sbyte>(Draw(121, () => (sbyte)(Next(8) - 30))));
        Add("sparse", Tensor.From<float>([10, 40], Draw(400, () => Next(8) == 0 ? BitConverter.Int32BitsToSingle((int)(state ^ state << 9)) : 0)));
        Add("scales", Tensor.From<float>([12, 20], Draw(240, () => (8 + Next(8)) / 4096f)));
        return builder.Build();

        void Add(string name, Tensor tensor) => builder.Output(name, builder.Constant(tensor, name));

        T[] Draw<T>(int count, Func<T> next) => [.. Enumerable.Range(0, count).Select(_ => next())];

        int Next(int below) => (int)((state = state * 1664525 + 1013904223) >> 8) % below;
    }

    // Coded headers: repeated names, a formula, constants that are inline, in planes, and raw behind them.
    private static Network Coded()
    {
        uint state = 7;
        var builder = new NetworkBuilder("coded");
        builder.Metadata = builder.Metadata.Add("licence", "MIT");
        Dim n = Dim.Symbol("batch");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [n, 2 * n + 1, 24]));
        var scale = builder.Constant(Tensor.Vector<float>([.. Enumerable.Range(0, 24).Select(_ => (float)(Draw() >> 30))]), "model.block.scale");
        var y = builder.Add(new Mul(), [x, scale], [new OutputSpec("/model/block/Mul_output_0", x.Type)], "/model/block/Mul").Outputs[0]!;
        var shift = builder.Constant(Tensor.Vector<float>([.. Enumerable.Range(0, 24).Select(_ => BitConverter.UInt32BitsToSingle(Draw()))]), "model.block.shift");
        builder.Output("y", builder.Add(new Add(), [y, shift], [new OutputSpec("/model/block/Add_output_0", x.Type)], "/model/block/Add").Outputs[0]!);
        builder.Output("bias", builder.Constant(Tensor.Vector<float>(1, -0f, float.NaN), "model.bias"));
        return builder.Build();

        uint Draw() => state = state * 1664525 + 1013904223;
    }

    // Splits with leading mantissa bits and without, with trailing zeros and signs and without, of each width; palettes.
    private static Network Floats()
    {
        uint state = 5;
        var builder = new NetworkBuilder("floats");
        Add(ElementType.Float32, [20, 30], i => Draw() * (1 << i / 30 % 5) / 4096f);
        Add(ElementType.Float32, [120], _ => (float)(Half)(1 + Math.Abs(Draw()) / 4096f));
        Add(ElementType.Float16, [9, 8, 3], i => Draw() * (1 << i % 3) / 4096f);
        Add(ElementType.BFloat16, [64], _ => Draw() / 4096f);
        Add(ElementType.Float32, [90], i => i % 7 == 0 ? -0f : (i * i % 11 - 5) / 3f);
        Add(ElementType.Float32, [77], _ => float.NaN);
        return builder.Build();

        void Add(ElementType type, int[] dims, Func<int, float> element)
        {
            string name = $"{type.Name()}_{dims[0]}";
            builder.Output(name, builder.Constant(Tensor.FromDoubles(type, dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(i => (double)element(i))]), name));
        }

        // The sum of four draws of a linear congruential generator, centred.
        int Draw()
        {
            int sum = -4 * 4096;
            for (int i = 0; i < 4; i++) sum += (int)((state = state * 1664525 + 1013904223) >> 19);
            return sum;
        }
    }

    // Blocks that differ in their number and a size: names that repeat with exceptions, checksums, bytes that nothing foretells.
    private static Network Headers()
    {
        uint state = 11;
        var builder = new NetworkBuilder("headers");
        var x = builder.Input("hidden", new TensorType(ElementType.Float32, [Dim.Symbol("batch"), 17]));
        foreach (int block in Enumerable.Range(8, 4))
        {
            string name = $"/encoder/layer.{block}/output";
            var bias = builder.Constant(Tensor.Vector<float>([.. Enumerable.Range(0, 17).Select(_ => BitConverter.UInt32BitsToSingle(Draw()))]), $"encoder.layer.{block}.output.bias");
            x = builder.Add(new Add(), [x, bias], [new OutputSpec($"{name}/Add_output_0", x.Type)], $"{name}/Add").Outputs[0]!;
            var gain = builder.Constant(Tensor.Vector<long>(block, Draw() >> 20), $"{name}/Constant_{block % 3}_output_0");
            builder.Output($"gain_{block}", gain);
        }
        builder.Output("é", x);
        return builder.Build();

        uint Draw() => state = state * 1664525 + 1013904223;
    }

    // The example of docs/bitstream.md.
    private static Network Minimal()
    {
        var builder = new NetworkBuilder("minimal");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("N"), 4]));
        var y = builder.Add(new Add(), [x, builder.Constant(Tensor.Vector(1f, 2f, 3f, 4f), "bias")], [new OutputSpec("y")], "shift").Outputs[0]!;
        builder.Output("y", y);
        return builder.Build();
    }
}
