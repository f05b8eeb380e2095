using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Cuts a tensor along an axis. The parts' extents stand in the second operand (i64, rank 1), or there are
/// <see cref="NumOutputs"/> parts of ⌈extent / parts⌉ elements, the last one taking what is left.
/// </summary>
public sealed record Split : Operator
{
    /// <summary>The axis, in [−rank, rank).</summary>
    public long Axis { get; init; }

    /// <summary>Number of parts when no extents are given.</summary>
    public long? NumOutputs { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { Axis = walker.Int("axis", Axis), NumOutputs = walker.OptionalInt("num_outputs", NumOutputs) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(1, 2);
        var data = context.Input(0);
        int parts = context.OutputCount;
        if (context.Has(1))
        {
            context.Allow(1, "i64", static t => t == ElementType.Int64);
            if (NumOutputs is not null) throw context.Fail("num_outputs and the extents of the parts exclude each other");
        }
        else if (NumOutputs is null) throw context.Fail("either num_outputs or the extents of the parts must be given");
        else if (NumOutputs != parts) throw context.Fail($"num_outputs is {NumOutputs}, the node has {parts} outputs");

        var given = context.Contents(1);
        if (given is { } list && list.Length != parts) throw context.Fail($"{list.Length} extents are given for {parts} outputs");
        if (data.Shape is not { } shape)
        {
            for (int i = 0; i < parts; i++) context.Output(i, data.ElementType, null);
            return;
        }
        if (shape.Rank == 0 || parts == 0) throw context.Fail($"{shape} cannot be cut into {parts} parts");
        int axis = context.Axis(Axis, shape.Rank);
        var sizes = new Dim[parts];
        if (given is { } extents)
        {
            if (extents.FirstOrDefault(e => e.Constant < 0) is { } negative) throw context.Fail($"an extent is {negative}; allowed are 0 and up");
            extents.CopyTo(sizes);
            context.Same(shape[axis], sizes.Aggregate(Dim.Zero, static (a, b) => a + b), $"the extents must add up to dimension {axis}");
        }
        else if (context.Has(1))
        {
            for (int i = 0; i < parts; i++) sizes[i] = context.Fresh();
        }
        else
        {
            Dim part = Dim.CeilDiv(shape[axis], parts), last = shape[axis] - part * (parts - 1);
            if (last.Constant < 0) throw context.Fail($"{shape[axis]} elements cannot be cut into {parts} parts of {part}");
            Array.Fill(sizes, part);
            sizes[^1] = last;
        }
        for (int i = 0; i < parts; i++) context.Output(i, data.ElementType, shape.With(axis, sizes[i]));
        if (IndexMap.TryElements(context, 0, out var elements, out var dims) && sizes.All(s => s.Constant is not null) && sizes.Sum(s => s.Constant!.Value) == dims[axis])
        {
            for (int i = 0, start = 0; i < parts; i++)
            {
                int size = (int)sizes[i].Constant!.Value;
                context.OutputContents(i, IndexMap.Move(elements, Positions(dims, axis, start, size)));
                start += size;
            }
        }
    }

    internal static int[] Positions(ReadOnlySpan<int> dims, int axis, int start, int size)
    {
        var picks = IndexMap.All(dims);
        picks[axis] = picks[axis][start..(start + size)];
        return IndexMap.Picked(dims, picks);
    }
}
