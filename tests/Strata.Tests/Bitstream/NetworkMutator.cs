using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Tests.Bitstream;

/// <summary>Changes a network where a file could lie: attributes, types, operands. Seldom all of it, so that rules are met in depth.</summary>
internal sealed class NetworkMutator(Random random) : AttributeWalker
{
    private static readonly long[] s_integers = [0, 1, -1, 2, -2, 3, 5, 7, -7, 8, 100, 1 << 20, int.MaxValue, int.MinValue, 1L << 31, 1L << 40, -(1L << 40), long.MaxValue, long.MinValue, long.MaxValue - 1];
    private static readonly float[] s_floats = [0, -0f, 1, -1, 0.5f, 1e30f, -1e30f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon];
    private static readonly string[] s_texts = ["", "x", "a,b->c", "ij,jk->ik", "...", "->", "Tanh", "(", "[a-z]+", "\u0130"];
    private const double Chance = 0.35;

    public Network Mutate(Network network)
    {
        var builder = new NetworkBuilder(network.Name);
        var map = new Dictionary<Value, Value>(ReferenceEqualityComparer.Instance);
        foreach (var input in network.Inputs) map[input] = builder.Input(input.Name, random.Next(6) == 0 ? Type(input.Type) : input.Type);
        foreach (var constant in network.Constants) map[constant] = builder.Constant(random.Next(6) == 0 ? Other(constant.Constant!) : constant.Constant!, constant.Name);
        foreach (var layer in network.Layers)
        {
            var op = random.Next(5) == 0 ? layer.Operator : layer.Operator.Walk(this);
            var operands = layer.Inputs.Select(v => v is null ? null : map.GetValueOrDefault(v)).ToList();
            if (random.Next(6) == 0 && operands.Count > 0)
            {
                int at = random.Next(operands.Count);
                switch (random.Next(4))
                {
                    case 0: operands[at] = null; break;
                    case 1: operands.RemoveAt(at); break;
                    case 2: operands.Insert(at, map.Values.ElementAt(random.Next(map.Count))); break;
                    default: operands[at] = map.Values.ElementAt(random.Next(map.Count)); break;
                }
            }
            bool loose = random.Next(3) != 0;
            var outputs = layer.Outputs.Select(v => v is null ? (OutputSpec?)null : new OutputSpec(v.Name, loose ? Loose(v.Type) : random.Next(4) == 0 ? Type(v.Type) : v.Type)).ToList();
            if (random.Next(10) == 0) outputs.Add(new OutputSpec("more", new TensorType(ElementType.Float32, null)));
            if (random.Next(20) == 0 && outputs.Count > 0) outputs.RemoveAt(outputs.Count - 1);
            var added = builder.Add(op, [.. operands], [.. outputs], layer.Name);
            foreach (var (before, after) in layer.Outputs.Zip(added.Outputs))
            {
                if (before is not null && after is not null) map[before] = after;
            }
        }
        foreach (var output in network.Outputs)
        {
            if (map.TryGetValue(output.Value, out var value)) builder.Output(output.Name, value);
        }
        return builder.Build();
    }

    private static NetworkType Loose(NetworkType type) => type is TensorType tensor ? tensor with { Shape = null } : type;

    private NetworkType Type(NetworkType type) => type switch
    {
        TensorType tensor => random.Next(8) switch
        {
            0 => tensor with { Shape = null },
            1 => tensor with { ElementType = ElementTypes.All.ElementAt(random.Next(27)) },
            2 => new SequenceType(tensor),
            3 => new OptionalType(tensor),
            _ when tensor.Shape is { } shape => tensor with { Shape = ShapeOf(shape) },
            _ => tensor,
        },
        SequenceType s => random.Next(2) == 0 ? s.Element : new SequenceType(Type(s.Element)),
        OptionalType o => random.Next(2) == 0 ? o.Element : new OptionalType(Type(o.Element)),
        _ => type,
    };

    private Shape ShapeOf(Shape shape)
    {
        var dims = shape.Dims.ToList();
        switch (random.Next(4))
        {
            case 0 when dims.Count > 0: dims.RemoveAt(random.Next(dims.Count)); break;
            case 1 when dims.Count < 8: dims.Insert(random.Next(dims.Count + 1), Extent()); break;
            default:
                for (int i = 0; i < dims.Count; i++) dims[i] = random.Next(2) == 0 ? Extent() : dims[i];
                break;
        }
        return Shape.Create([.. dims]);
    }

    private Dim Extent() => random.Next(8) switch
    {
        0 => Dim.Zero,
        1 => Dim.Symbol("N"),
        2 => Dim.Symbol("N") * 3 - 1,
        3 => Dim.FloorDiv(Dim.Symbol("M"), Dim.Symbol("N")),
        4 => Dim.Of(1L << 40),
        5 => Dim.Of(long.MaxValue / 2),
        _ => Dim.Of(random.Next(6)),
    };

    private Constant Other(Constant constant)
    {
        int n = random.Next(5);
        return random.Next(4) switch
        {
            0 => Constant.Of(Strata.Tensors.Tensor.Vector([.. Enumerable.Range(0, n).Select(_ => Integer())])),
            1 => Constant.Of(Strata.Tensors.Tensor.Scalar(Integer())),
            2 when constant.Type.ElementType == ElementType.Int64 => Constant.Of(Strata.Tensors.Tensor.From(constant.Dims, [.. Enumerable.Range(0, constant.Count).Select(_ => Integer())])),
            2 => Constant.Of(Strata.Tensors.Tensor.Zeros(constant.Type.ElementType, constant.Dims)),
            _ => Constant.Of(Strata.Tensors.Tensor.Zeros(ElementTypes.All.ElementAt(random.Next(27)), constant.Dims)),
        };
    }

    private bool Hit() => random.NextDouble() < Chance;

    private long Integer() => random.Next(3) == 0 ? random.Next(-9, 10) : s_integers[random.Next(s_integers.Length)];

    private float Single() => s_floats[random.Next(s_floats.Length)];

    private string Word() => s_texts[random.Next(s_texts.Length)];

    private ImmutableArray<T> Items<T>(ImmutableArray<T> value, Func<T> item)
    {
        if (!Hit()) return value;
        var list = value.IsDefault ? [] : value.ToList();
        switch (random.Next(4))
        {
            case 0: return [.. Enumerable.Range(0, random.Next(9)).Select(_ => item())];
            case 1 when list.Count > 0:
                list.RemoveAt(random.Next(list.Count));
                return [.. list];
            case 2: return [.. list, item()];
            default:
                for (int i = 0; i < list.Count; i++) list[i] = random.Next(2) == 0 ? item() : list[i];
                return [.. list];
        }
    }

    public override long Int(string name, long value, int since = 1) => Hit() ? Integer() : value;

    public override long? OptionalInt(string name, long? value, int since = 1) => Hit() ? random.Next(4) == 0 ? null : Integer() : value;

    public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Items(value, Integer);

    public override float Float(string name, float value, int since = 1) => Hit() ? Single() : value;

    public override float? OptionalFloat(string name, float? value, int since = 1) => Hit() ? random.Next(4) == 0 ? null : Single() : value;

    public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => Items(value, Single);

    public override bool Flag(string name, bool value, int since = 1) => Hit() ? !value : value;

    public override string Text(string name, string value, int since = 1) => Hit() ? Word() : value;

    public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => Items(value, Word);

    public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1) => Hit() ? random.Next(names.Length) : value;

    public override ElementType? Type(string name, ElementType? value, int since = 1) => Hit() ? random.Next(4) == 0 ? null : ElementTypes.All.ElementAt(random.Next(27)) : value;

    public override Constant? Tensor(string name, Constant? value, int since = 1) => Hit() ? random.Next(4) == 0 ? null : value is null ? null : Other(value) : value;

    public override Network Network(string name, Network value, int since = 1) => Hit() ? random.Next(6) == 0 ? Strata.Networks.Network.Empty : Mutate(value) : value;

    public override NetworkType? ValueType(string name, NetworkType? value, int since = 1) => Hit() ? random.Next(4) == 0 ? null : value is null ? new TensorType(ElementType.Float32, null) : Type(value) : value;
}
