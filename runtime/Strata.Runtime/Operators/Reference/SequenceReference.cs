using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates the operators on sequences and optionals.</summary>
internal static class SequenceReference
{
    public static RuntimeValue Construct(SequenceConstruct _, ReferenceContext context) => new SequenceValue([.. Enumerable.Range(0, context.InputCount).Select(context.Value)]);

    public static RuntimeValue Insert(SequenceInsert _, ReferenceContext context)
    {
        var items = Sequence(context, 0).Items;
        return new SequenceValue(items.Insert(context.Tensor(2) is { } position ? Position(position, items.Length, items.Length) : items.Length, context.Value(1)));
    }

    public static RuntimeValue Erase(SequenceErase _, ReferenceContext context)
    {
        var items = Sequence(context, 0).Items;
        if (items.IsEmpty) throw ReferenceContext.Fail("the sequence is empty");
        return new SequenceValue(items.RemoveAt(context.Tensor(1) is { } position ? Position(position, items.Length, items.Length - 1) : items.Length - 1));
    }

    public static RuntimeValue At(SequenceAt _, ReferenceContext context)
    {
        var items = Sequence(context, 0).Items;
        return items[Position(context[1], items.Length, items.Length - 1)];
    }

    public static RuntimeValue Length(SequenceLength _, ReferenceContext context) => Tensor.Scalar((long)Sequence(context, 0).Items.Length);

    public static RuntimeValue Split(SplitToSequence op, ReferenceContext context)
    {
        var data = context[0];
        int axis = MovementReference.Axis(op.Axis, data.Rank), extent = data.Dims[axis];
        var sizes = new List<int>();
        if (context.Tensor(1) is { Rank: 1 } given) sizes.AddRange(MovementReference.Extents(given));
        else
        {
            int size = context.Tensor(1) is { } scalar ? MovementReference.Extents(scalar)[0] : 1;
            if (size == 0) throw ReferenceContext.Fail("parts of size 0 never fill the tensor");
            for (int start = 0; start < extent; start += Math.Min(size, extent - start)) sizes.Add(Math.Min(size, extent - start));
        }
        if (sizes.Sum(s => (long)s) != extent) throw ReferenceContext.Fail($"parts of {string.Join(", ", sizes)} do not fill {extent} elements");
        var parts = new List<RuntimeValue>();
        int at = 0;
        foreach (int size in sizes)
        {
            var part = Slabs.Gather(data, data.Dims.SetItem(axis, size).AsSpan(), Operators.Split.Positions(data.Dims.AsSpan(), axis, at, size));
            parts.Add(op.KeepDims || context.Has(1) ? part : part.Reshape(data.Dims.RemoveAt(axis).AsSpan()));
            at += size;
        }
        return new SequenceValue([.. parts]);
    }

    public static Tensor Join(ConcatFromSequence op, ReferenceContext context)
    {
        Tensor[] parts = [.. Sequence(context, 0).Items.Select(i => i as Tensor ?? throw ReferenceContext.Fail("only tensors can be joined"))];
        if (parts.Length == 0) throw ReferenceContext.Fail("an empty sequence cannot be joined");
        var first = parts[0];
        int axis = MovementReference.Axis(op.Axis, first.Rank + (op.NewAxis ? 1 : 0));
        if (op.NewAxis) parts = Array.ConvertAll(parts, p => p.Reshape(p.Dims.Insert(Math.Min(axis, p.Rank), 1).AsSpan()));
        return Slabs.Join(parts, axis);
    }

    public static IReadOnlyList<RuntimeValue?> Map(SequenceMap op, ReferenceContext context)
    {
        int length = Sequence(context, 0).Items.Length, captured = context.InputCount - (int)op.Captures;
        for (int i = 1; i < captured; i++)
        {
            if (context.Value(i) is SequenceValue other && other.Items.Length != length) throw ReferenceContext.Fail($"sequence {i} has {other.Items.Length} values, the first has {length}");
        }
        var results = new List<RuntimeValue>[context.OutputCount];
        for (int r = 0; r < results.Length; r++) results[r] = [];
        for (int step = 0; step < length; step++)
        {
            var given = context.Run(op.Body, [.. Enumerable.Range(0, context.InputCount).Select(i => i < captured && context.Value(i) is SequenceValue s ? s.Items[step] : context.Value(i))]);
            for (int r = 0; r < results.Length; r++)
            {
                results[r].Add(given[r]!);
                context.Reserve(given[r]!.Footprint);
            }
        }
        return [.. results.Select(r => new SequenceValue([.. r]))];
    }

    public static RuntimeValue HasElement(OptionalHasElement _, ReferenceContext context) =>
        Tensor.Scalar(context.Optional(0) is { } value && value is not OptionalValue { Content: null });

    public static RuntimeValue GetElement(OptionalGetElement _, ReferenceContext context) => context.Value(0) is OptionalValue optional
        ? optional.Content ?? throw ReferenceContext.Fail("the optional is absent")
        : context.Value(0);

    private static SequenceValue Sequence(ReferenceContext context, int input) => context.Value(input) as SequenceValue ?? throw ReferenceContext.Fail($"input {input} must be a sequence");

    // A position in [−length, last], negative ones counted from the end.
    private static int Position(Tensor tensor, int length, int last)
    {
        if (tensor.Count != 1) throw ReferenceContext.Fail($"the position must have one element, is {tensor}");
        long position = tensor.ToInt64s()[0];
        if (position < -length || position > last) throw ReferenceContext.Fail($"position {position} lies outside [{-length}, {last}]");
        return (int)(position < 0 ? position + length : position);
    }
}
