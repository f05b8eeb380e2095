using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Properties;

/// <summary>Sequences and optionals.</summary>
internal static class ContainerDraws
{
    public static IReadOnlyList<OperatorDraw> Rows { get; } =
    [
        new("sequence_construct", g => Construct(g)),
        new("sequence_empty", g => g.Add(new SequenceEmpty { Type = g.Chance(0.3) ? null : g.Numeric() })),
        new("sequence_insert", g => { var s = Sequence(g); g.Add(new SequenceInsert(), s, g.Exactly(ElementType.Float32, 2, 3), g.Chance(0.5) ? null : g.Small(Tensor.Scalar((long)g.Next(-1, 1)))); }),
        new("sequence_erase", g => g.Add(new SequenceErase(), Sequence(g), g.Chance(0.5) ? null : g.Small(Tensor.Scalar((long)g.Next(-1, 0))))),
        new("sequence_at", g => g.Add(new SequenceAt(), Sequence(g), g.Small(Tensor.Scalar((long)g.Next(-1, 0))))),
        new("sequence_length", g => g.Add(new SequenceLength(), Sequence(g))),
        new("split_to_sequence", Split),
        new("concat_from_sequence", g => { bool fresh = g.Chance(0.5); g.Add(new ConcatFromSequence { Axis = g.Next(0, 1), NewAxis = fresh }, Sequence(g)); }),
        new("optional", g => g.Add(new MakeOptional(), g.Chance(0.5) ? g.Any(g.Numeric) : Sequence(g))),
        new("optional", g => g.Add(new MakeOptional { Type = new TensorType(ElementType.Float32, [2]) })),
        new("optional_has_element", g => g.Add(new OptionalHasElement(), g.Known(v => v is OptionalValue) ?? g.Add(new MakeOptional(), g.Any(g.Numeric)))),
        new("optional_get_element", g => g.Add(new OptionalGetElement(), g.Known(v => v is OptionalValue { Content: not null }) ?? g.Add(new MakeOptional(), g.Any(g.Numeric)))),
    ];

    /// <summary>A sequence of at least one f32 [2, 3], all alike.</summary>
    private static Value Sequence(NetworkGenerator g) => g.Chance(0.6) && g.Known(v => v is SequenceValue s && s.Items.Length > 0 && s.Items.All(i => i is Tensor { ElementType: ElementType.Float32 } t && t.Dims is [2, 3])) is { } known ? known : Construct(g);

    private static Value Construct(NetworkGenerator g) => g.Add(new SequenceConstruct(), [.. Enumerable.Range(0, g.Next(1, 3)).Select(_ => g.Exactly(ElementType.Float32, 2, 3))]);

    private static void Split(NetworkGenerator g)
    {
        var x = g.Any(g.Numeric, 1, 3, mayBeEmpty: false);
        int[] dims = g.DimsOf(x);
        long axis = g.Axis(dims.Length);
        int extent = dims[axis < 0 ? axis + dims.Length : axis], first = g.Next(0, extent);
        g.Add(new SplitToSequence { Axis = axis, KeepDims = g.Chance(0.6) }, x, g.Next(0, 2) switch { 0 => null, 1 => g.Small(Tensor.Scalar((long)g.Next(1, 3))), _ => g.Ints(first, extent - first) });
    }
}
