using Strata.Kernels.Elementwise;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Kernels.Conversion;

/// <summary>How elements become those of another type.</summary>
internal abstract unsafe class ElementConversion
{
    /// <summary>Other tensors that it reads, by position.</summary>
    public virtual IEnumerable<int> Parameters => [];

    /// <summary>Converts a run of elements, the first of which has position <paramref name="offset"/> in its tensor.</summary>
    public abstract void Apply(byte* from, byte* to, long offset, int count, in KernelBuffers buffers);
}

/// <summary>A function of each element and of up to two parameters of one element (−1: none).</summary>
internal sealed unsafe class FunctionConversion(ElementFunction function, int scale = -1, int zero = -1) : ElementConversion
{
    public override IEnumerable<int> Parameters => [scale, zero];

    public override void Apply(byte* from, byte* to, long offset, int count, in KernelBuffers buffers) =>
        function.Apply(from, scale < 0 ? null : buffers.Get<byte>(scale), zero < 0 ? null : buffers.Get<byte>(zero), 1, to, count);
}

/// <summary>An operand or a result of the kernel within: where it lies outside, and how it is converted from or to what lies there.</summary>
internal sealed record ConvertedTensor(int Outside, ElementConversion? Conversion = null)
{
    /// <summary>A constant that was made for the kernel within.</summary>
    public static ConvertedTensor Made { get; } = new(-1);
}

/// <summary>
/// A kernel around another one that takes operands, or gives results, of another element type: they are converted as a whole
/// before and after it. Constants of the kernel within were converted when it was made.
/// </summary>
internal sealed unsafe class ConvertingKernel : IKernel
{
    private const int PartElements = 1 << 14;

    private readonly IKernel inner;
    private readonly Place[] places; // of the tensors within
    private readonly Step[] before, after;
    private readonly HashSet<int> read;
    private readonly int firstInner, firstAfter;

    /// <summary>Surrounds a kernel.</summary>
    /// <param name="outer">The layer as it is.</param>
    /// <param name="request">The layer as the kernel within takes it.</param>
    /// <param name="inner">That kernel.</param>
    /// <param name="inputs">For each operand within where it comes from.</param>
    /// <param name="outputs">For each result within where it goes to.</param>
    public ConvertingKernel(KernelRequest outer, KernelRequest request, IKernel inner, ConvertedTensor[] inputs, ConvertedTensor[] outputs)
    {
        this.inner = inner;
        long at = Line(inner.SharedBytes);
        var (steps, results) = (new List<Step>(), new List<Step>());
        places = new Place[inputs.Length + outputs.Length];
        read = [];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (request.Inputs[i] is not { } operand || !inner.Reads(i)) places[i] = new(-1, -1, null);
            else if (inputs[i] == ConvertedTensor.Made) places[i] = new(-1, -1, request.Pack(i, "elements", PinnedBuffer.Of));
            else if (inputs[i].Conversion is not { } conversion) places[i] = Outside(inputs[i].Outside);
            else
            {
                places[i] = new(-1, at, null);
                steps.Add(new(conversion, inputs[i].Outside, outer.Input(inputs[i].Outside).Type.Bits() / 8, at, operand.Type.Bits() / 8, operand.Count));
                read.UnionWith([inputs[i].Outside, .. conversion.Parameters]);
                at += Line(operand.Type.ByteCount(operand.Count));
            }
        }
        for (int o = 0; o < outputs.Length; o++)
        {
            if (request.Outputs[o] is not { } result) places[inputs.Length + o] = new(-1, -1, null);
            else if (outputs[o].Conversion is not { } conversion) places[inputs.Length + o] = Outside(outputs[o].Outside);
            else
            {
                places[inputs.Length + o] = new(-1, at, null);
                results.Add(new(conversion, outputs[o].Outside, outer.Outputs[o]!.Type.Bits() / 8, at, result.Type.Bits() / 8, result.Count));
                read.UnionWith(conversion.Parameters);
                at += Line(result.Type.ByteCount(result.Count));
            }
        }
        (before, after, SharedBytes) = ([.. steps], [.. results], at);
        firstInner = before.Length > 0 ? 1 : 0;
        firstAfter = firstInner + inner.Phases;

        Place Outside(int tensor)
        {
            read.Add(tensor);
            return new(tensor, -1, null);
        }
    }

    /// <inheritdoc/>
    public int Phases => firstAfter + (after.Length > 0 ? 1 : 0);

    /// <inheritdoc/>
    public long SharedBytes { get; }

    /// <inheritdoc/>
    public long ScratchBytes => inner.ScratchBytes;

    /// <inheritdoc/>
    public int Parts(int phase) => phase < firstInner ? PartsOf(before) : phase >= firstAfter ? PartsOf(after) : inner.Parts(phase - firstInner);

    /// <inheritdoc/>
    public bool Reads(int input) => read.Contains(input);

    /// <inheritdoc/>
    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (phase < firstInner || phase >= firstAfter)
        {
            Convert(phase < firstInner ? before : after, phase < firstInner, part, buffers);
            return;
        }
        void** table = stackalloc void*[places.Length];
        for (int i = 0; i < places.Length; i++)
        {
            var place = places[i];
            table[i] = place.Fixed is not null ? place.Fixed.Address : place.Shared >= 0 ? buffers.Shared + place.Shared : place.Outside >= 0 ? buffers.Get<byte>(place.Outside) : null;
        }
        inner.Run(phase - firstInner, part, new(table, buffers.Shared, buffers.Scratch));
    }

    private static void Convert(Step[] steps, bool isBefore, int part, in KernelBuffers buffers)
    {
        foreach (var step in steps)
        {
            int parts = step.Parts;
            if (part >= parts)
            {
                part -= parts;
                continue;
            }
            long from = part * (long)PartElements;
            byte* outside = buffers.Get<byte>(step.Outside) + from * step.OutsideBytes, within = buffers.Shared + step.Shared + from * step.InsideBytes;
            int count = (int)Math.Min(PartElements, step.Count - from);
            if (count > 0) step.Conversion.Apply(isBefore ? outside : within, isBefore ? within : outside, from, count, buffers);
            return;
        }
    }

    private static int PartsOf(Step[] steps)
    {
        int parts = 0;
        foreach (var step in steps) parts += step.Parts;
        return parts;
    }

    private static long Line(long bytes) => (bytes + 63) & -64;

    // One of: a tensor outside, a place in the shared memory, memory of its own.
    private readonly record struct Place(int Outside, long Shared, PinnedBuffer? Fixed);

    private sealed record Step(ElementConversion Conversion, int Outside, int OutsideBytes, long Shared, int InsideBytes, int Count)
    {
        public int Parts { get; } = Math.Max(1, (Count + PartElements - 1) / PartElements);
    }
}
