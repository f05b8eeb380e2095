using System.Collections.Immutable;
using Strata.Bitstream;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Fuzz;

/// <summary>Valid files of small random networks: types, formulas, constants of every kind and codec, attributes, bodies.</summary>
internal static class RandomFiles
{
    public static byte[] Next(Random random)
    {
        using var stream = new MemoryStream();
        bool isCoded = random.Next(2) == 0;
        var network = Valid(isCoded, random);
        NetworkEncoder.Encode(network, stream, new EncodeOptions
        {
            Coding = isCoded ? ConstantCoding.Auto : ConstantCoding.Raw,
            Source = random.Next(6) == 0 ? _ => new byte[] { 8, 9 } : null,
        });
        return stream.ToArray();
    }

    private static Network Valid(bool isCoded, Random random)
    {
        while (true)
        {
            try
            {
                var network = Network(random, depth: 0, isCoded);
                NetworkVerifier.Verify(network);
                return network;
            }
            catch (StrataException)
            {
                // Bodies that do not fit, formulas that overflow.
            }
        }
    }

    private static Network Network(Random random, int depth, bool isCoded = false)
    {
        var builder = new NetworkBuilder(Name(random));
        for (int i = random.Next(3); i > 0; i--) builder.Metadata = builder.Metadata.SetItem(Name(random) + i, Name(random));
        var values = new List<Value>();
        for (int i = random.Next(1, 4); i > 0; i--) values.Add(builder.Input($"x{i}", Type(random, 0)));
        if (random.Next(3) == 0) builder.Constrain(new(Formula(random, 2), Formula(random, 2), "they must"));
        int layers = random.Next(5);
        for (int i = 0, tries = 0; i < layers && tries < 40; tries++)
        {
            if (random.Next(4) == 0) values.Add(builder.Constant(Tensor(random), Name(random)));
            try
            {
                Value?[] operands = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(8) == 0 ? null : values[random.Next(values.Count)])];
                values.AddRange(builder.Add(Operator(random, depth), operands, [new OutputSpec("y" + i)], Name(random)).Outputs.OfType<Value>());
                i++;
            }
            catch (StrataException)
            {
                // The operator does not take these operands.
            }
        }
        if (isCoded && random.Next(4) == 0) Blocks(builder, values[0], random);
        else if (isCoded && random.Next(2) == 0) Matrices(builder, random);
        if (depth == 0 && random.Next(4) == 0) Codes(builder, random);
        for (int i = random.Next(1, 4); i > 0; i--) builder.Output("out" + i, values[random.Next(values.Count)]);
        return builder.Build();
    }

    // What real networks are: the same again and again, under names that differ in a number, with an exception here and there.
    private static void Blocks(NetworkBuilder builder, Value value, Random random)
    {
        string prefix = "/model/backbone.features.stages/"[random.Next(20)..], end = random.Next(2) == 0 ? "/output" : "";
        for (int i = 0, blocks = random.Next(3, 9); i < blocks; i++)
        {
            foreach (string part in new[] { "activation", "negative" })
            {
                if (random.Next(8) == 0) continue;
                string name = random.Next(8) == 0 ? Name(random) : $"{prefix}block{i}/{part}";
                value = builder.Add(part == "negative" ? new Neg() : random.Next(4) == 0 ? new Sigmoid() : new Relu(), [value], [new OutputSpec(name + end)], name).Outputs[0]!;
            }
        }
    }

    // A matrix and others that are its transpose, or nearly.
    private static void Matrices(NetworkBuilder builder, Random random)
    {
        int rows = random.Next(2, 7), columns = random.Next(25, 40);
        foreach (var type in new[] { ElementType.Int8, new[] { ElementType.UInt8, ElementType.Float16, ElementType.Float32 }[random.Next(3)] })
        {
            int size = type.Bits() / 8;
            byte[] bytes = new byte[rows * columns * size], turned = new byte[bytes.Length];
            random.NextBytes(bytes);
            for (int i = 0; i < rows * columns; i++) bytes.AsSpan(i * size, size).CopyTo(turned.AsSpan((i % columns * rows + i / columns) * size));
            Add("matrix", rows, columns, bytes);
            Add("turned", columns, rows, turned);
            if (random.Next(2) == 0) Add("other", columns, rows, bytes.Reverse().ToArray());

            void Add(string name, int rows, int columns, byte[] elements) => builder.Output(name + type, builder.Constant(Strata.Tensors.Tensor.FromBytes(type, [rows, columns], elements), name + type));
        }
    }

    // Codes whose scales are codes themselves, as deep as the format goes.
    private static void Codes(NetworkBuilder builder, Random random)
    {
        for (int i = random.Next(2, 4); i > 0; i--)
        {
            var constant = Elements();
            for (int depth = random.Next(4) == 0 ? 1 : 2; depth > 0; depth--)
                constant = Elements().WithQuantization(new Quantization(constant, random.Next(3) == 0 ? constant : null, random.Next(2) == 0 ? 0 : null, Group: random.Next(3)));
            builder.Output("codes" + i, builder.Constant(constant, "codes" + i));
        }

        Constant Elements() => Constant.Of(Strata.Tensors.Tensor.Vector<byte>([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (byte)random.Next(256))]));
    }

    private static Operator Operator(Random random, int depth) => random.Next(14) switch
    {
        0 => new Add(),
        1 => new Mul(),
        2 => new Relu(),
        3 => new Concat { Axis = random.Next(-3, 3) },
        4 => new Conv { Group = random.Next(1, 3), Window = new() { Strides = [2, 2], Pads = [1, 1, 1, 1], AutoPad = (AutoPad)random.Next(2) } },
        5 => new Softmax { Axis = random.Next(-9, 9) },
        6 => new Flatten { Axis = random.Next(3) },
        7 => new SequenceEmpty(),
        8 => new Cast { To = ElementTypes.All.ElementAt(random.Next(27)) },
        9 when depth < 2 => new If { Then = Network(random, depth + 1), Else = Network(random, depth + 1) },
        10 when depth < 2 => new Loop { Body = Network(random, depth + 1), Captures = random.Next(2) },
        _ => Attributes(random, OperatorCatalog.Standard.Rows[random.Next(OperatorCatalog.Standard.Rows.Count)].Prototype),
    };

    private static Operator Attributes(Random random, Operator prototype) => prototype.Walk(new RandomAttributes(random));

    private static NetworkType Type(Random random, int depth) => random.Next(depth > 3 ? 1 : 12) switch
    {
        1 => new SequenceType(Type(random, depth + 1)),
        2 => new OptionalType(Type(random, depth + 1)),
        3 => new MapType(ElementType.Int64, Type(random, depth + 1)),
        4 => new TensorType(ElementType.Float32, null),
        5 => Quantized(random),
        _ => new TensorType(ElementTypes.All.ElementAt(random.Next(27)), Shape.Create([.. Enumerable.Range(0, random.Next(5)).Select(_ => Extent(random))])),
    };

    private static TensorType Quantized(Random random)
    {
        int n = random.Next(1, 5);
        var scale = Constant.Of(Strata.Tensors.Tensor.Vector<float>([.. Enumerable.Range(0, n).Select(_ => random.NextSingle() + 0.1f)]));
        var zero = random.Next(2) == 0 ? null : Constant.Of(Strata.Tensors.Tensor.Vector<byte>([.. Enumerable.Range(0, n).Select(_ => (byte)random.Next(256))]));
        bool isGrouped = random.Next(2) == 0;
        return new TensorType(ElementType.UInt8, [n, 2], isGrouped ? new Quantization(scale, zero, Axis: random.Next(3) == 0 ? 8 : 1, Group: random.Next(4) == 0 ? int.MaxValue : 2) : new Quantization(scale, zero, Axis: 0));
    }

    // A dimension is not negative, whatever its symbols are.
    private static Dim Extent(Random random) => random.Next(3) == 0 ? Dim.Max(Formula(random, 2) + random.Next(2) * 60, Dim.Zero) : random.Next(5);

    private static Dim Formula(Random random, int depth) => random.Next(depth == 0 ? 2 : 7) switch
    {
        0 => random.Next(1, 9),
        1 => Dim.Symbol("NMKab"[random.Next(5)].ToString()),
        2 => Formula(random, depth - 1) + Formula(random, depth - 1),
        3 => Formula(random, depth - 1) * random.Next(-3, 9),
        4 => Formula(random, depth - 1) * Formula(random, depth - 1),
        5 => Dim.FloorDiv(Formula(random, depth - 1) - random.Next(2) * 25, random.Next(2) == 0 ? random.Next(1, 5) : Dim.Symbol("NMKab"[random.Next(5)].ToString())),
        _ => Dim.Min(Formula(random, depth - 1), Formula(random, depth - 1)),
    };

    private static Tensor Tensor(Random random)
    {
        var type = ElementTypes.All.ElementAt(random.Next(27));
        int count = random.Next(4) == 0 ? random.Next(3) : random.Next(1, 1 << random.Next(1, 8));
        if (type == ElementType.String) return Strata.Tensors.Tensor.FromStrings([count], [.. Enumerable.Range(0, count).Select(_ => Name(random))]);
        byte[] bytes = new byte[type.ByteCount(count)];
        int kind = random.Next(4), high = random.Next(1, 256);
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(kind == 0 ? random.Next(256) : kind == 1 ? random.Next(random.Next(1, high + 1)) : kind == 2 ? high : (i % 4 == 3 ? 63 : random.Next(256)));
        if (type == ElementType.Bool) bytes.AsSpan().Replace((byte)high, (byte)1);
        return Strata.Tensors.Tensor.FromBytes(type, [count], bytes);
    }

    private static string Name(Random random) => random.Next(6) switch
    {
        0 => "",
        1 => "é'\"\n",
        2 when random.Next(2) == 0 => "featureextractorbackboneofalongname"[..random.Next(22, 36)],
        2 => $"/model/block{random.Next(9)}/Conv_output_0",
        3 => $"model.block{random.Next(9)}.weight",
        _ => $"n{random.Next(100)}",
    };

    private sealed class RandomAttributes(Random random) : AttributeWalker
    {
        private bool Stays => random.Next(3) != 0;

        public override long Int(string name, long value, int since = 1) => Stays ? value : random.Next(-2, 9);

        public override long? OptionalInt(string name, long? value, int since = 1) => Stays ? value : random.Next(-2, 9);

        public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Stays ? value : [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.NextInt64(-(1L << random.Next(1, 62)), 1L << random.Next(1, 62)))];

        public override float Float(string name, float value, int since = 1) => Stays ? value : BitConverter.Int32BitsToSingle(random.Next());

        public override float? OptionalFloat(string name, float? value, int since = 1) => Stays ? value : random.NextSingle();

        public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => Stays ? value : [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.NextSingle())];

        public override bool Flag(string name, bool value, int since = 1) => Stays ? value : !value;

        public override string Text(string name, string value, int since = 1) => Stays ? value : Name(random);

        public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => Stays ? value : [.. Enumerable.Range(0, random.Next(4)).Select(_ => Name(random))];

        public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1) => Stays ? value : random.Next(names.Length);

        public override ElementType? Type(string name, ElementType? value, int since = 1) => Stays ? value : ElementTypes.All.ElementAt(random.Next(27));

        public override Constant? Tensor(string name, Constant? value, int since = 1) => Stays ? value : Constant.Of(RandomFiles.Tensor(random));

        public override NetworkType? ValueType(string name, NetworkType? value, int since = 1) => Stays ? value : RandomFiles.Type(random, 2);
    }
}
