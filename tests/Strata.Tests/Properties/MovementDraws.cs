using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Properties;

internal static class MovementDraws
{
    public static IReadOnlyList<OperatorDraw> Rows { get; } =
    [
        new("concat", Concat),
        new("shape", g => g.Add(new ShapeOf { Start = g.Next(-2, 2), End = g.Chance(0.5) ? null : g.Next(-2, 4) }, g.Any(g.AnyType))),
        new("reshape", Reshape),
        new("transpose", g => { var x = g.Any(g.AnyType); int rank = g.At(x).Rank; g.Add(new Transpose { Perm = g.Chance(0.2) ? [] : [.. g.Axes(rank, rank).Select(a => a < 0 ? a + rank : a)] }, x); }),
        new("split", Split),
        new("slice", Slice),
        new("gather", g => { var x = g.Any(g.AnyType, 1, mayBeEmpty: false); var (axis, n) = AxisOf(g, x); g.Add(new Gather { Axis = axis }, x, Index(g, -n, n - 1, g.Dims(0, 2))); }),
        new("gather_elements", GatherElements),
        new("gather_nd", GatherND),
        new("scatter_elements", ScatterElements),
        new("scatter_nd", ScatterND),
        new("pad", Pad),
        new("tile", g => { var x = g.Any(g.AnyType, 0, 3); g.Add(new Tile(), x, g.Ints([.. g.DimsOf(x).Select(_ => g.Chance(0.05) ? 0L : g.Next(1, 2))])); }),
        new("expand", Expand),
        new("squeeze", Squeeze),
        new("unsqueeze", g => { var x = g.Any(g.AnyType, 0, 4); int rank = g.At(x).Rank, added = g.Next(0, 2); g.Add(new Unsqueeze(), x, g.Ints(g.Axes(rank + added, added, added))); }),
        new("flatten", g => { var x = g.Any(g.AnyType); int rank = g.At(x).Rank; g.Add(new Flatten { Axis = g.Next(-rank, rank) }, x); }),
        new("identity", g => g.Add(new Identity(), g.Any(g.AnyType))),
        new("size", g => g.Add(new Size(), g.Any(g.AnyType))),
        new("range", Range),
        new("constant_of_shape", g => g.Add(new ConstantOfShape { Value = g.Chance(0.3) ? null : Constant.Of(g.Draw(g.Numeric(), 1)) }, g.Ints([.. g.Dims().Select(d => (long)d)]))),
        new("one_hot", OneHot),
        new("eye_like", g => g.Add(new EyeLike { Diagonal = g.Next(-3, 3), Type = g.Chance(0.5) ? null : g.Numeric() }, g.Any(g.Numeric, 2, 2))),
        new("dropout", g => g.AddMany(new Dropout { Seed = g.Chance(0.5) ? 3 : null }, 2, 1, g.Any(g.Float), g.Chance(0.5) ? g.Constant(Tensor.Scalar(0.3f)) : null, g.Chance(0.5) ? g.Exactly(ElementType.Bool) : null)),
        new("center_crop_pad", CenterCropPad),
        new("depth_to_space", g => { int b = g.Next(1, 2); g.Add(new DepthToSpace { BlockSize = b, Mode = g.Choose(Enum.GetValues<DepthToSpaceMode>()) }, g.Exactly(g.Numeric(), g.Next(1, 2), b * b * g.Next(1, 2), g.Next(1, 3), g.Next(1, 3))); }),
        new("space_to_depth", g => { int b = g.Next(1, 2); g.Add(new SpaceToDepth { BlockSize = b }, g.Exactly(g.Numeric(), g.Next(1, 2), g.Next(1, 3), b * g.Next(1, 3), b * g.Next(1, 3))); }),
        new("trilu", g => g.Add(new Trilu { Upper = g.Chance(0.5) }, g.Any(g.Numeric, 2), g.Chance(0.5) ? g.Constant(Tensor.Scalar((long)g.Next(-3, 3))) : null)),
        new("reverse_sequence", ReverseSequence),
        new("compress", g => { var x = g.Any(g.AnyType, 1); var (axis, n) = AxisOf(g, x); bool flat = g.Chance(0.3); g.Add(new Compress { Axis = flat ? null : axis }, x, g.Exactly(ElementType.Bool, g.Next(0, flat ? g.At(x).Count : n))); }),
        new("non_zero", g => g.Add(new NonZero(), g.Any(g.Numeric, 1))),
        new("unique", g => { var x = g.Any(g.Numeric, 1, mayBeEmpty: false); g.AddMany(new Unique { Axis = g.Chance(0.5) ? null : g.Axis(g.At(x).Rank), Sorted = g.Chance(0.5) }, 4, 1, x); }),
        new("tensor_scatter", TensorScatter),
    ];

    private static ElementType IndexType(NetworkGenerator g) => g.Choose(ElementType.Int64, ElementType.Int64, ElementType.Int32);

    private static Value Index(NetworkGenerator g, long least, long most, params int[] dims) => g.Indices(IndexType(g), least, most, dims);

    private static (long Axis, int Extent) AxisOf(NetworkGenerator g, Value x)
    {
        int[] dims = g.DimsOf(x);
        long axis = g.Axis(dims.Length);
        return (axis, dims[axis < 0 ? axis + dims.Length : axis]);
    }

    private static void Concat(NetworkGenerator g)
    {
        var x = g.Any(g.AnyType, 1);
        int[] dims = g.DimsOf(x);
        long axis = g.Axis(dims.Length);
        int at = (int)(axis < 0 ? axis + dims.Length : axis);
        Value[] operands = [.. Enumerable.Range(0, g.Next(1, 3)).Select(_ => g.Pick(
            t => t.ElementType == g.TypeOf(x) && t.Rank == dims.Length && Enumerable.Range(0, dims.Length).All(d => d == at || t.Dims[d] == dims[d]),
            () => { int[] other = [.. dims]; other[at] = g.Next(0, 3); return g.Draw(g.TypeOf(x), other); }))];
        operands[g.Next(0, operands.Length - 1)] = x;
        g.Add(new Concat { Axis = axis }, operands);
    }

    // The elements in another order of the prime factors; −1 and 0 where they may stand.
    private static void Reshape(NetworkGenerator g)
    {
        var x = g.Any(g.AnyType);
        int[] dims = g.DimsOf(x);
        int count = g.At(x).Count;
        if (count == 0)
        {
            g.Add(new Reshape { AllowZero = true }, x, g.Ints(g.Chance(0.5) ? [0] : [3, 0, 2]));
            return;
        }
        var target = new List<long>();
        int left = count;
        while (left > 1 && target.Count < 4)
        {
            int factor = g.Choose([.. Enumerable.Range(1, left).Where(f => left % f == 0)]);
            target.Add(factor);
            left /= factor;
        }
        if (left > 1 || g.Chance(0.2)) target.Add(left);
        for (int d = 0; d < target.Count; d++)
        {
            if (d < dims.Length && target[d] == dims[d] && g.Chance(0.3)) target[d] = 0;
        }
        if (target.Count > 0 && g.Chance(0.5)) target[g.Next(0, target.Count - 1)] = -1;
        // The chain by which exported models compute shapes.
        if (dims.Length > 0 && g.Chance(0.3))
        {
            var length = g.Add(new Gather(), g.Add(new ShapeOf(), x), g.Constant(Tensor.Vector(0L)));
            g.Add(new Reshape(), x, g.Add(new Concat(), length, g.Ints(-1)));
        }
        else g.Add(new Reshape(), x, g.Ints([.. target]));
    }

    private static void Split(NetworkGenerator g)
    {
        var x = g.Any(g.AnyType, 1);
        var (axis, extent) = AxisOf(g, x);
        if (g.Chance(0.5))
        {
            int parts = g.Next(1, Math.Max(1, Math.Min(extent, 3)));
            if ((extent + parts - 1) / parts * (parts - 1) > extent) parts = 1;
            g.AddMany(new Split { Axis = axis, NumOutputs = parts }, parts, parts, x);
            return;
        }
        int first = g.Next(0, extent);
        g.AddMany(new Split { Axis = axis }, 2, 2, x, g.Ints(first, extent - first));
    }

    private static void Slice(NetworkGenerator g)
    {
        var x = g.Any(g.AnyType, 1);
        int rank = g.At(x).Rank;
        bool all = g.Chance(0.3);
        long[] axes = all ? [.. Enumerable.Range(0, rank).Select(a => (long)a)] : g.Axes(rank, 1);
        var type = IndexType(g);
        Value Bounds(Func<long> draw) => g.Small(Tensor.FromInt64s(type, [axes.Length], [.. axes.Select(_ => draw())]));
        g.Add(new Slice(), x, Bounds(() => g.Chance(0.1) ? g.Choose<long>(-100, 100) : g.Next(-4, 4)), Bounds(() => g.Chance(0.3) ? g.Choose<long>(int.MaxValue, -100) : g.Next(-4, 5)),
            all ? null : g.Constant(Tensor.FromInt64s(type, [axes.Length], axes)), g.Chance(0.5) ? null : Bounds(() => g.Choose(1, 2, -1, -3)));
    }

    private static void GatherElements(NetworkGenerator g)
    {
        var x = g.Any(g.AnyType, 1, mayBeEmpty: false);
        var (axis, extent) = AxisOf(g, x);
        int[] dims = g.DimsOf(x);
        for (int d = 0; d < dims.Length; d++) dims[d] = g.Next(1, dims[d]);
        dims[axis < 0 ? axis + dims.Length : axis] = g.Next(0, 4);
        g.Add(new GatherElements { Axis = axis }, x, Index(g, -extent, extent - 1, dims));
    }

    // Index tuples within the first dimensions of data, as many as each has entries.
    private static Value Tuples(NetworkGenerator g, int[] extents, int[] shape)
    {
        int count = shape.Aggregate(1, (a, b) => a * b);
        var entries = new long[count * extents.Length];
        for (int i = 0; i < entries.Length; i++) entries[i] = g.Next(-extents[i % extents.Length], extents[i % extents.Length] - 1);
        return g.Make(Tensor.From<long>([.. shape, extents.Length], entries));
    }

    private static void GatherND(NetworkGenerator g)
    {
        var x = g.Any(g.AnyType, 1, mayBeEmpty: false);
        int[] dims = g.DimsOf(x);
        int batch = dims.Length > 1 && g.Chance(0.3) ? 1 : 0, tuple = g.Next(1, dims.Length - batch);
        g.Add(new GatherND { BatchDims = batch }, x, Tuples(g, dims[batch..(batch + tuple)], [.. dims[..batch], .. g.Dims(0, 2)]));
    }

    private static ScatterReduction Reduction(NetworkGenerator g, Value x) => g.TypeOf(x).IsFloat() || g.TypeOf(x).IsInteger() ? g.Choose(Enum.GetValues<ScatterReduction>()) : default;

    private static void ScatterElements(NetworkGenerator g)
    {
        var x = g.Any(g.Numeric, 1, mayBeEmpty: false);
        int[] dims = g.DimsOf(x), part = [.. dims.Select(d => g.Next(1, d))];
        var (axis, extent) = AxisOf(g, x);
        g.Add(new ScatterElements { Axis = axis, Reduction = Reduction(g, x) }, x, Index(g, -extent, extent - 1, part), g.Exactly(g.TypeOf(x), part));
    }

    private static void ScatterND(NetworkGenerator g)
    {
        var x = g.Any(g.Numeric, 1, mayBeEmpty: false);
        int[] dims = g.DimsOf(x), shape = g.Dims(0, 2);
        int tuple = g.Next(1, dims.Length);
        g.Add(new ScatterND { Reduction = Reduction(g, x) }, x, Tuples(g, dims[..tuple], shape), g.Exactly(g.TypeOf(x), [.. shape, .. dims[tuple..]]));
    }

    private static void Pad(NetworkGenerator g)
    {
        var mode = g.Choose(Enum.GetValues<PadMode>());
        var x = g.Any(g.Numeric, 1, 4, mayBeEmpty: false);
        int[] dims = g.DimsOf(x);
        long[]? axes = g.Chance(0.5) ? null : g.Axes(dims.Length, 1);
        int[] chosen = axes is null ? [.. Enumerable.Range(0, dims.Length)] : [.. axes.Select(a => (int)(a < 0 ? a + dims.Length : a))];
        int Amount(int axis) => mode == PadMode.Constant && g.Chance(0.1) && dims[axis] > 2 ? -1 : g.Next(0, Math.Min(2, dims[axis] - 1));
        var pads = g.Ints([.. chosen.Concat(chosen).Select(a => (long)Amount(a))]);
        g.Add(new Pad { Mode = mode }, x, pads, mode == PadMode.Constant && g.Chance(0.5) ? g.Exactly(g.TypeOf(x)) : null, axes is null ? null : g.Ints(axes));
    }

    private static void Expand(NetworkGenerator g)
    {
        var x = g.Any(g.AnyType, 0, 3);
        long[] target = [.. g.DimsOf(x).Select(d => d == 1 ? g.Next(1, 3) : g.Chance(0.3) ? 1L : d)];
        g.Add(new Expand(), x, g.Ints(g.Chance(0.3) ? [2, .. target] : target));
    }

    private static void Squeeze(NetworkGenerator g)
    {
        var x = g.Any(g.AnyType);
        int[] dims = g.DimsOf(x);
        long[] ones = [.. dims.Index().Where(d => d.Item == 1 && g.Chance(0.6)).Select(d => (long)(g.Chance(0.3) ? d.Index - dims.Length : d.Index))];
        g.Add(new Squeeze(), x, g.Chance(0.3) ? null : g.Ints(ones));
    }

    private static void Range(NetworkGenerator g)
    {
        var type = g.Choose(ElementType.Int64, ElementType.Int32, ElementType.Float32, ElementType.Float64, ElementType.Int16);
        Value One(double value) => g.Small(Tensor.FromDoubles(ElementType.Float64, [], [value]) is var t && type.IsFloat() ? Tensor.FromDoubles(type, [], t.ToDoubles()) : Tensor.FromInt64s(type, [], [(long)value]));
        g.Add(new NumberRange(), One(g.Next(-3, 3)), One(g.Next(-3, 6)), One(g.Choose(1, 2, -1, type.IsFloat() ? 0.5 : 3)));
    }

    private static void OneHot(NetworkGenerator g)
    {
        var type = g.Choose(ElementType.Int64, ElementType.Int32, ElementType.Float32);
        int[] dims = g.Dims(0, 2);
        var indices = g.Make(Tensor.FromDoubles(type, dims, g.IndexTensor(ElementType.Int64, -5, 5, dims).ToDoubles()));
        g.Add(new OneHot { Axis = g.Next(-dims.Length - 1, dims.Length) }, indices, g.Small(g.Chance(0.5) ? Tensor.Scalar(4L) : Tensor.Vector(3f)), g.Exactly(g.Numeric(), 2));
    }

    private static void CenterCropPad(NetworkGenerator g)
    {
        var x = g.Any(g.Numeric, 1, 3, mayBeEmpty: false);
        long[] axes = g.Axes(g.At(x).Rank, 1);
        bool all = axes.Length == g.At(x).Rank && g.Chance(0.5);
        g.Add(new CenterCropPad { Axes = all ? [] : [.. axes] }, x, g.Ints([.. axes.Select(_ => (long)g.Next(1, 6))]));
    }

    private static void ReverseSequence(NetworkGenerator g)
    {
        var x = g.Any(g.Numeric, 2, mayBeEmpty: false);
        int[] dims = g.DimsOf(x);
        int batch = g.Next(0, 1);
        g.Add(new ReverseSequence { BatchAxis = batch, TimeAxis = 1 - batch }, x, g.Indices(ElementType.Int64, 1, dims[1 - batch], dims[batch]));
    }

    private static void TensorScatter(NetworkGenerator g)
    {
        int batch = g.Next(1, 3), most = g.Next(2, 5), length = g.Next(1, most);
        bool circular = g.Chance(0.4);
        var type = g.Float();
        g.Add(new TensorScatter { Circular = circular }, g.Exactly(type, batch, 2, most, 3), g.Exactly(type, batch, 2, length, 3), g.Chance(0.3) ? null : g.Indices(ElementType.Int64, 0, circular ? most - 1 : most - length, batch));
    }
}
