using Strata.Kernels.MatMul;
using Strata.Kernels.Simd;
using Strata.Tensors;

namespace Strata.Kernels.Recurrence;

/// <summary>
/// f32 recurrences: first the input's part of all gates of all steps as one product per direction, then step by step the
/// state's part of a block of batch rows and their cells. Constant weights are packed once; others before the steps.
/// </summary>
internal sealed unsafe class RecurrenceKernel<V> : IKernel where V : struct, ISimd<V>
{
    private readonly RecurrenceShape shape;
    private readonly RecurrenceCell<V>[] cells;
    private readonly GemmSplit split;
    private readonly GemmLoop input, lastInput;
    private readonly GemmLoop state, lastState;
    private readonly PinnedBuffer? packedInput, packedState;
    private readonly int block, blocks, output, outputs;
    private readonly long gemmScratch, inputStride, stateStride, shareOfInput;

    private RecurrenceKernel(RecurrenceShape shape, PinnedBuffer? packedInput, PinnedBuffer? packedState, int output, int outputs)
    {
        (this.shape, this.packedInput, this.packedState, this.output, this.outputs) = (shape, packedInput, packedState, output, outputs);
        cells = [.. Enumerable.Range(0, shape.Directions).Select(d => new RecurrenceCell<V>(shape, d))];
        int rows = shape.Sequence * shape.Batch;
        var tiling = RowTiling.For(rows, GemmTiles<V>.RowCounts);
        split = new(shape.Directions, rows, shape.Features, shape.Gated, Math.Max(tiling.Main, 1), GemmTiles<V>.Width, packsRows: true, packsColumns: packedInput is null);
        (input, lastInput) = split.Loops(shape.Features, tiling, float.NegativeInfinity, float.PositiveInfinity, Epilogue.None);
        block = Math.Clamp(shape.Batch, 1, GemmTiles<V>.RowCounts[^1]);
        blocks = (shape.Batch + block - 1) / block;
        (state, lastState) = (Loop(block), Loop(shape.Batch - Math.Max(blocks - 1, 0) * block));
        inputStride = InputStride(shape);
        stateStride = StateStride(shape);
        shareOfInput = (long)shape.Directions * rows * shape.Gated;
        gemmScratch = Line(new[] { input.Scratch<V>(true, packedInput is null), lastInput.Scratch<V>(true, packedInput is null), state.Scratch<V>(true, false), lastState.Scratch<V>(true, false) }.Max());
        ScratchBytes = sizeof(float) * (gemmScratch + Line((long)block * shape.Gated) + 3 * Line((long)block * shape.Hidden));
    }

    /// <summary>True for f32 with activations that have kernels.</summary>
    public static bool Supports(KernelRequest request) =>
        request.Inputs.Concat(request.Outputs).Index().All(o => o.Item is null || o.Item.Type == (o.Index == 4 && o.Index < request.Inputs.Count ? ElementType.Int32 : ElementType.Float32))
        && RecurrenceCell<V>.Supports((Operators.Recurrence)request.Operator) && RecurrenceShape.Of(request) is not null;

    /// <summary>Makes the kernel.</summary>
    public static IKernel Create(KernelRequest request)
    {
        var shape = RecurrenceShape.Of(request)!;
        var w = request.Input(1).Constant is null ? null : request.Pack(1, $"recurrence.input.{V.Count}", t => Packed(t, shape.Directions * InputStride(shape), (from, to) =>
        {
            for (int d = 0; d < shape.Directions; d++) GemmPacking.Columns<V>(from + (long)d * shape.Gated * shape.Features, 1, shape.Features, shape.Features, shape.Gated, to + d * InputStride(shape));
        }));
        var r = request.Input(2).Constant is null ? null : request.Pack(2, $"recurrence.state.{V.Count}.{shape.Groups.First}", t => Packed(t, shape.Directions * StateStride(shape), (from, to) =>
        {
            for (int d = 0; d < shape.Directions; d++) PackState(shape, from, d, to);
        }));
        return new RecurrenceKernel<V>(shape, w, r, request.OutputIndex(), request.Outputs.Count);
    }

    /// <inheritdoc/>
    public long SharedBytes => sizeof(float) * (Line(shareOfInput) + (packedState is null ? shape.Directions * stateStride : 0));

    /// <inheritdoc/>
    public long ScratchBytes { get; }

    /// <inheritdoc/>
    public int Phases => 2;

    /// <inheritdoc/>
    public int Parts(int phase) => phase == 1 ? Math.Max(1, shape.Directions * blocks) : split.Parts + (packedState is null ? shape.Directions : 0);

    /// <inheritdoc/>
    public bool Reads(int index) => !(index == 1 && packedInput is not null || index == 2 && packedState is not null);

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        float* fromInput = (float*)buffers.Shared, weights = packedState is not null ? packedState.F32 : fromInput + Line(shareOfInput);
        if (phase == 0 && part < split.Parts) Project(split[part], buffers, fromInput);
        else if (phase == 0) PackState(shape, buffers.F32(2), part - split.Parts, weights);
        else if (blocks > 0) Walk(part / blocks, part % blocks, buffers, fromInput, weights);
    }

    private void Project(GemmSplit.Part work, in KernelBuffers buffers, float* fromInput)
    {
        int rows = shape.Sequence * shape.Batch;
        float* bias = Input(buffers, 3);
        for (int d = work.First; d < work.Last; d++)
        {
            var x = new GemmRows(buffers.F32(0) + (long)work.Row * shape.Features, Math.Max(shape.Features, 1));
            long offset = ((long)d * rows + work.Row) * shape.Gated;
            var target = new GemmTarget(fromInput + offset, shape.Gated, offset);
            var start = bias is null ? default : new GemmStart(bias + (long)2 * d * shape.Gated, 0, 1);
            ref readonly var loop = ref work.IsLastRow ? ref lastInput : ref input;
            if (packedInput is not null) loop.Run<V, PackedPanels>(x, new(packedInput.F32 + d * inputStride, shape.Features), work.Column, work.End, start, target, (float*)buffers.Scratch, buffers);
            else loop.Run<V, StridedPanels>(x, new(buffers.F32(1) + (long)d * shape.Gated * shape.Features, 1, shape.Features, shape.Gated), work.Column, work.End, start, target, (float*)buffers.Scratch, buffers);
        }
    }

    private float* Input(in KernelBuffers buffers, int index) => index < output ? buffers.F32(index) : null;

    private float* Output(in KernelBuffers buffers, int index) => index < outputs ? buffers.F32(output + index) : null;

    // All steps of a block of batch rows in one direction.
    private void Walk(int direction, int number, in KernelBuffers buffers, float* fromInput, float* weights)
    {
        int first = number * block, count = Math.Min(block, shape.Batch - first), hidden = shape.Hidden, gated = shape.Gated;
        float* gates = (float*)buffers.Scratch + gemmScratch, h = gates + Line((long)block * gated), c = h + Line((long)block * hidden), reset = c + Line((long)block * hidden);
        float* y = Output(buffers, 0), lastH = Output(buffers, 1), lastC = Output(buffers, 2);
        float* bias = Input(buffers, 3), peepholes = Input(buffers, 7), firstH = Input(buffers, 5), firstC = Input(buffers, 6);
        if (bias is not null) bias += ((long)2 * direction + 1) * gated;
        if (peepholes is not null) peepholes += (long)3 * direction * hidden;
        int* lengths = (int*)Input(buffers, 4);
        int* steps = stackalloc int[count];
        int longest = 0;
        for (int i = 0; i < count; i++)
        {
            steps[i] = lengths is null ? shape.Sequence : lengths[first + i];
            if (steps[i] < 0 || steps[i] > shape.Sequence) throw new InvalidInputException($"sequence lengths must be {shape.Batch} values from 0 to {shape.Sequence}");
            longest = Math.Max(longest, steps[i]);
            Begin(firstH, h, i);
            Begin(firstC, c, i);
            if (y is null) continue;
            for (int t = steps[i]; t < shape.Sequence; t++) new Span<float>(y + shape.Result(direction, t, first + i), hidden).Clear();
        }
        ref readonly var loop = ref number == blocks - 1 ? ref lastState : ref state;
        var (one, two) = shape.Groups;
        float* own = weights + direction * stateStride;
        for (int step = 0; step < longest; step++)
        {
            Multiply(loop, h, own, 0, one, buffers);
            if (two > 0)
            {
                for (int i = 0; i < count; i++)
                {
                    if (step < steps[i]) cells[direction].Reset(gates + (long)i * gated, FromInput(i), h + (long)i * hidden, reset + (long)i * hidden);
                    else new Span<float>(reset + (long)i * hidden, hidden).Clear();
                }
                Multiply(loop, reset, own + hidden * GemmPacking.PaddedColumns<V>(one), one, two, buffers);
            }
            for (int i = 0; i < count; i++)
            {
                if (step >= steps[i]) continue;
                float* row = h + (long)i * hidden;
                cells[direction].Step(gates + (long)i * gated, FromInput(i), row, c + (long)i * hidden, peepholes);
                if (y is not null) new Span<float>(row, hidden).CopyTo(new(y + shape.Result(direction, Time(i), first + i), hidden));
            }

            int Time(int i) => shape.IsReverse(direction) ? steps[i] - 1 - step : step;
            float* FromInput(int i) => fromInput + ((long)direction * shape.Sequence * shape.Batch + shape.Row(Time(i), first + i)) * gated;
        }
        End(lastH, h);
        End(lastC, c);

        void Begin(float* from, float* to, int i)
        {
            var target = new Span<float>(to + (long)i * hidden, hidden);
            if (from is null || steps[i] == 0) target.Clear();
            else new Span<float>(from + shape.State(direction, first + i), hidden).CopyTo(target);
        }

        void End(float* to, float* from)
        {
            for (int i = 0; to is not null && i < count; i++) new Span<float>(from + (long)i * hidden, hidden).CopyTo(new(to + shape.State(direction, first + i), hidden));
        }

        void Multiply(in GemmLoop product, float* rows, float* panels, int gate, int columns, in KernelBuffers all) => product.Run<V, PackedPanels>(
            new(rows, Math.Max(hidden, 1)), new(panels, hidden), 0, columns, bias is null ? default : new(bias + gate, 0, 1), new(gates + gate, gated, 0), (float*)all.Scratch, all);
    }

    private GemmLoop Loop(int rows) => new(rows, shape.Hidden, RowTiling.For(rows, GemmTiles<V>.RowCounts), float.NegativeInfinity, float.PositiveInfinity, Epilogue.None);

    private static long InputStride(RecurrenceShape shape) => shape.Features * GemmPacking.PaddedColumns<V>(shape.Gated);

    private static long StateStride(RecurrenceShape shape) => shape.Hidden * (GemmPacking.PaddedColumns<V>(shape.Groups.First) + GemmPacking.PaddedColumns<V>(shape.Groups.Second));

    private static long Line(long count) => (count + 15) / 16 * 16;

    private delegate void Packer(float* from, float* to);

    private static PinnedBuffer Packed(Tensor tensor, long count, Packer pack)
    {
        var packed = new PinnedBuffer(sizeof(float) * count);
        fixed (float* from = tensor.Span<float>()) pack(from, packed.F32);
        return packed;
    }

    private static void PackState(RecurrenceShape shape, float* r, int direction, float* target)
    {
        float* from = r + (long)direction * shape.Gated * shape.Hidden, to = target + direction * StateStride(shape);
        var (one, two) = shape.Groups;
        GemmPacking.Columns<V>(from, 1, shape.Hidden, shape.Hidden, one, to);
        GemmPacking.Columns<V>(from + (long)one * shape.Hidden, 1, shape.Hidden, shape.Hidden, two, to + shape.Hidden * GemmPacking.PaddedColumns<V>(one));
    }
}
