using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Movement;

/// <summary>The rows of layers that only move elements.</summary>
internal static class MovementRows
{
    /// <summary>What a layer moves, and the operand that fills the rest (−1: zeros; null: nothing is left).</summary>
    private sealed record Moves(IEnumerable<CopyRegion> Regions, int? Filler = null);

    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        Row(typeof(Transpose), "transpose", Transposed),
        Row(typeof(Slice), "slice", Sliced),
        Row(typeof(Split), "split", Parts),
        Row(typeof(Concat), "concat", Joined),
        Row(typeof(Tile), "tile", Tiled),
        Row(typeof(Pad), "pad", Padded),
        Row(typeof(DepthToSpace), "depth-to-space", static r => Walked(((DepthToSpace)r.Operator).Walk(r.Input(0).Dims))),
        Row(typeof(SpaceToDepth), "space-to-depth", static r => Walked(((SpaceToDepth)r.Operator).Walk(r.Input(0).Dims))),
        Row(typeof(Trilu), "trilu", Triangle),
        Row(typeof(Interleave), "interleave", Interleaved),
        new()
        {
            Name = "pad.picked",
            Operator = typeof(Pad),
            Supports = static r => Width(r.Input(0).Type) > 0 && PadPicks(r) is not null,
            Cost = static r => 50 + 0.5 * r.Output.Count,
            Create = static r => Pick(r, PadPicks(r)!),
        },
        new()
        {
            Name = "gather",
            Operator = typeof(Gather),
            Supports = r => Width(r.Output.Type) > 0 && r.Input(1).Type is ElementType.Int32 or ElementType.Int64,
            Cost = r => 50 + 0.3 * r.Output.Count,
            Create = r => new GatherKernel(r),
        },
    ];

    /// <summary>Bytes of an element that kernels move; 0 for others.</summary>
    public static int Width(ElementType type) => type != ElementType.String && type.Bits() is 8 or 16 or 32 or 64 ? type.Bits() / 8 : 0;

    private static KernelRow Row(Type type, string name, Func<KernelRequest, Moves?> moves) => new()
    {
        Name = name,
        Operator = type,
        Supports = r => r.Outputs.All(o => o is not null) && Width(r.Output.Type) > 0 && moves(r) is not null,
        Cost = r => 50 + 0.5 * r.Outputs.Sum(o => (double)o!.Count),
        Create = r => Create(r, moves(r)!),
    };

    private static IKernel Create(KernelRequest request, Moves moves) => Width(request.Output.Type) switch
    {
        1 => new CopyKernel<byte>(request, moves.Regions, moves.Filler),
        2 => new CopyKernel<ushort>(request, moves.Regions, moves.Filler),
        4 => new CopyKernel<uint>(request, moves.Regions, moves.Filler),
        _ => new CopyKernel<ulong>(request, moves.Regions, moves.Filler),
    };

    /// <summary>A kernel that copies picked elements (<see cref="PickKernel{T}"/>) of a type that has a <see cref="Width"/>.</summary>
    public static IKernel Pick(KernelRequest request, int[][] picks) => Width(request.Input(0).Type) switch
    {
        1 => new PickKernel<byte>(request, request.Input(0).Dims, picks),
        2 => new PickKernel<ushort>(request, request.Input(0).Dims, picks),
        4 => new PickKernel<uint>(request, request.Input(0).Dims, picks),
        _ => new PickKernel<ulong>(request, request.Input(0).Dims, picks),
    };

    private static int[][]? PadPicks(KernelRequest request)
    {
        var op = (Pad)request.Operator;
        if (op.Mode == PadMode.Constant || request.Input(1).Constant is not { } pads || request.Has(3) && request.Input(3).Constant is null) return null;
        int[] dims = request.Input(0).Dims;
        return op.Picks(dims, pads.Materialize().ToInt64s(), request.Has(3) ? AxisList.Resolve(request.Input(3).Constant!.Materialize().ToInt64s(), dims.Length) : [.. Enumerable.Range(0, dims.Length)]);
    }

    private static Moves Walked((int[] Extents, int[] Steps) walk) =>
        new(Region(0, 0, walk.Extents, 0, [.. walk.Steps.Select(s => (long)s)], 0, Steps(walk.Extents)));

    // Of each row what lies on one side of the diagonal; the rest is zero.
    private static Moves? Triangle(KernelRequest request)
    {
        if (request.Has(1) && request.Input(1).Constant is null) return null;
        long diagonal = request.Has(1) ? request.Input(1).Constant!.Materialize().ToInt64s()[0] : 0;
        int[] dims = request.Output.Dims;
        int rows = dims[^2], columns = dims[^1], matrices = Tensor.CountOf(dims.AsSpan(0, dims.Length - 2));
        var regions = new List<CopyRegion>();
        for (int r = 0; r < rows; r++)
        {
            int on = (int)Int128.Clamp((Int128)r + diagonal + (((Trilu)request.Operator).Upper ? 0 : 1), 0, columns);
            var (first, count) = ((Trilu)request.Operator).Upper ? (on, columns - on) : (0, on);
            long at = (long)r * columns + first;
            regions.AddRange(Region(0, 0, [matrices, count], at, [(long)rows * columns, 1], at, [(long)rows * columns, 1]));
        }
        return new(regions, -1);
    }

    private static long[] Steps(int[] dims) => [.. IndexMap.Strides(dims).Select(s => (long)s)];

    private static CopyRegion[] Region(int input, int output, int[] extents, long from, long[] fromSteps, long to, long[] toSteps) =>
        extents.Contains(0) ? [] : [new(input, output, extents, from, fromSteps, to, toSteps)];

    private static Moves Transposed(KernelRequest request)
    {
        int[] perm = ((Transpose)request.Operator).PermFor(request.Input(0).Rank);
        long[] steps = Steps(request.Input(0).Dims);
        return new(Region(0, 0, request.Output.Dims, 0, [.. perm.Select(p => steps[p])], 0, Steps(request.Output.Dims)));
    }

    private static Moves? Sliced(KernelRequest request)
    {
        if (SliceBounds.Of(request.Inputs, request.Input(0).Dims) is not { } bounds) return null;
        long[] steps = Steps(request.Input(0).Dims);
        long from = bounds.Select((b, d) => b.First * steps[d]).Sum();
        return new(Region(0, 0, request.Output.Dims, from, [.. bounds.Select((b, d) => b.Step * steps[d])], 0, Steps(request.Output.Dims)));
    }

    private static Moves Parts(KernelRequest request)
    {
        var data = request.Input(0);
        int axis = Axis(((Split)request.Operator).Axis, data.Rank);
        long[] steps = Steps(data.Dims);
        var regions = new List<CopyRegion>();
        for (int i = 0, start = 0; i < request.Outputs.Count; start += request.Outputs[i]!.Dims[axis], i++)
            regions.AddRange(Region(0, i, request.Outputs[i]!.Dims, start * steps[axis], steps, 0, Steps(request.Outputs[i]!.Dims)));
        return new(regions);
    }

    private static Moves Joined(KernelRequest request)
    {
        int axis = Axis(((Concat)request.Operator).Axis, request.Output.Rank);
        long[] steps = Steps(request.Output.Dims);
        var regions = new List<CopyRegion>();
        for (int i = 0, start = 0; i < request.Inputs.Count; start += request.Input(i).Dims[axis], i++)
            regions.AddRange(Region(i, 0, request.Input(i).Dims, 0, Steps(request.Input(i).Dims), start * steps[axis], steps));
        return new(regions);
    }

    // Part after part to its places, and what stands for those omitted.
    private static Moves? Interleaved(KernelRequest request)
    {
        var op = (Interleave)request.Operator;
        if (op.Parts() is not { } parts || Enumerable.Range(0, parts).FirstOrDefault(request.Has, -1) is not (>= 0 and var present)) return null;
        int[] whole = request.Output.Dims;
        long[] from = Steps(request.Input(present).Dims), to = Steps(whole);
        var regions = new List<CopyRegion>();
        for (int p = 0; p < parts; p++)
        {
            bool isThere = request.Has(p);
            if (!isThere && !request.Has(parts)) continue;
            int[] offsets = op.Offsets(p), extents = [.. whole];
            long[] fromSteps = isThere ? [.. from] : [0, 1, .. new long[offsets.Length]], toSteps = [.. to];
            for (int d = 0; d < offsets.Length; d++) (extents[d + 2], toSteps[d + 2]) = (Interleave.Reaching(whole[d + 2], offsets[d], op.Strides[d]), to[d + 2] * op.Strides[d]);
            regions.AddRange(Region(isThere ? p : parts, 0, extents, 0, fromSteps, offsets.Select((o, d) => o * to[d + 2]).Sum(), toSteps));
        }
        return new(regions, request.Has(parts) || Enumerable.Range(0, parts).All(request.Has) ? null : -1);
    }

    private static Moves Tiled(KernelRequest request)
    {
        int[] dims = request.Input(0).Dims;
        long[] from = Steps(dims), to = Steps(request.Output.Dims);
        if (request.Output.Count == 0) return new([]);
        var axes = Enumerable.Range(0, dims.Length).ToArray();
        return new(Region(0, 0, [.. axes.SelectMany(d => new[] { request.Output.Dims[d] / dims[d], dims[d] })], 0, [.. axes.SelectMany(d => new[] { 0, from[d] })], 0, [.. axes.SelectMany(d => new[] { dims[d] * to[d], to[d] })]));
    }

    // Constant padding with fixed pads; negative ones crop.
    private static Moves? Padded(KernelRequest request)
    {
        var data = request.Input(0);
        if (((Pad)request.Operator).Mode != PadMode.Constant || request.Input(1).Constant is not { } given || request.Has(3) && request.Input(3).Constant is null) return null;
        if (request.Has(2) && request.Input(2).Count != 1) return null;
        long[] pads = given.Materialize().ToInt64s(), axes = request.Has(3) ? request.Input(3).Constant!.Materialize().ToInt64s() : [.. Enumerable.Range(0, data.Rank).Select(d => (long)d)];
        int[] chosen = AxisList.Resolve(axes, data.Rank), extents = [.. data.Dims];
        long[] from = Steps(data.Dims), to = Steps(request.Output.Dims);
        long fromStart = 0, toStart = 0;
        for (int i = 0; i < chosen.Length; i++)
        {
            int axis = chosen[i];
            long begin = pads[i], end = pads[i + chosen.Length];
            extents[axis] = (int)Math.Max(0, data.Dims[axis] + Math.Min(begin, 0) + Math.Min(end, 0));
            fromStart += Math.Max(-begin, 0) * from[axis];
            toStart += Math.Max(begin, 0) * to[axis];
        }
        return new(Region(0, 0, extents, fromStart, from, toStart, to), request.Has(2) ? 2 : -1);
    }

    private static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);
}
