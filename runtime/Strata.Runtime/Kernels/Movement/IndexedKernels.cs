using System.Numerics;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Movement;

/// <summary>Where the places lie that indices of the run mean: each index is checked against the extent of its axis.</summary>
internal sealed unsafe class Places
{
    private readonly int[] extents, dataSteps; // of each entry of an index tuple
    private readonly int[] shape, steps; // per axis of the indices (but for the tuple): how far the data moves on
    private readonly bool wide;

    private Places(int[] extents, int[] dataSteps, int[] shape, int[] steps, int length, bool wide) =>
        (this.extents, this.dataSteps, this.shape, this.steps, Length, this.wide) = (extents, dataSteps, shape, steps, length, wide);

    /// <summary>Number of places.</summary>
    public int Count => Tensor.CountOf(shape);

    /// <summary>Elements at each place.</summary>
    public int Length { get; }

    /// <summary>Places of index tuples along the last axis of the indices, after <paramref name="batch"/> axes that both share.</summary>
    public static Places OfTuples(KernelOperand data, KernelOperand indices, int batch)
    {
        int tuple = indices.Dims[^1];
        int[] strides = IndexMap.Strides(data.Dims), shape = indices.Dims[..^1];
        return new([.. data.Dims.Skip(batch).Take(tuple)], [.. strides.Skip(batch).Take(tuple)], shape, [.. shape.Select((_, d) => d < batch ? strides[d] : 0)], Tensor.CountOf(data.Dims.AsSpan(batch + tuple)), indices.Type == ElementType.Int64);
    }

    /// <summary>Places of single elements, of which the index is the coordinate along an axis.</summary>
    public static Places OfElements(KernelOperand data, KernelOperand indices, long axis)
    {
        int along = (int)(axis < 0 ? axis + data.Rank : axis);
        int[] strides = IndexMap.Strides(data.Dims);
        return new([data.Dims[along]], [strides[along]], indices.Dims, [.. strides.Select((s, d) => d == along ? 0 : s)], 1, indices.Type == ElementType.Int64);
    }

    /// <summary>The first element at place <paramref name="i"/>.</summary>
    public long At(int i, byte* indices)
    {
        long at = 0;
        for (int k = 0; k < extents.Length; k++)
        {
            long position = (long)i * extents.Length + k, index = wide ? ((long*)indices)[position] : ((int*)indices)[position];
            if (index < -extents[k] || index >= extents[k]) throw new InvalidInputException($"index {index} lies outside [{-extents[k]}, {extents[k] - 1}]");
            at += (index < 0 ? index + extents[k] : index) * dataSteps[k];
        }
        for (int d = shape.Length - 1, left = i; d >= 0 && left > 0; left /= shape[d], d--) at += (long)(left % shape[d]) * steps[d];
        return at;
    }
}

/// <summary>Copies what lies at places of operand 0 that operand 1 tells.</summary>
internal sealed unsafe class PlacedGatherKernel<T>(Places places, int output) : IKernel where T : unmanaged
{
    private const int PartElements = 1 << 13;

    private readonly int count = places.Count, perPart = (int)Math.Max(1, PartElements / Math.Max(1, (long)places.Length));

    public int Parts(int phase) => Math.Max(1, (int)((count + (long)perPart - 1) / perPart));

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        T* data = buffers.Get<T>(0), results = buffers.Get<T>(output);
        byte* indices = buffers.Get<byte>(1);
        int end = (int)Math.Min(count, (part + 1L) * perPart);
        long bytes = (long)places.Length * sizeof(T);
        for (int i = part * perPart; i < end; i++)
        {
            T* from = data + places.At(i, indices);
            if (places.Length == 1) results[i] = *from;
            else Buffer.MemoryCopy(from, results + (long)i * places.Length, bytes, bytes);
        }
    }
}

/// <summary>Copies operand 0, then lets operand 2 meet what lies at places that operand 1 tells, in order.</summary>
internal sealed unsafe class ScatterKernel<T>(Places places, ScatterReduction reduction, int elements, int output) : IKernel where T : unmanaged, INumber<T>
{
    private readonly int count = places.Count;

    public int Parts(int phase) => 1;

    public bool MayOverwrite(int input) => input == 0;

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        T* data = buffers.Get<T>(0), updates = buffers.Get<T>(2), results = buffers.Get<T>(output);
        byte* indices = buffers.Get<byte>(1);
        if (data != results) Buffer.MemoryCopy(data, results, (long)elements * sizeof(T), (long)elements * sizeof(T));
        int length = places.Length;
        for (int i = 0; i < count; i++, updates += length)
        {
            T* to = results + places.At(i, indices);
            switch (reduction)
            {
                case ScatterReduction.None:
                    if (length == 1) *to = *updates;
                    else Buffer.MemoryCopy(updates, to, (long)length * sizeof(T), (long)length * sizeof(T));
                    break;
                case ScatterReduction.Add:
                    for (int k = 0; k < length; k++) to[k] = unchecked(to[k] + updates[k]);
                    break;
                case ScatterReduction.Mul:
                    for (int k = 0; k < length; k++) to[k] = unchecked(to[k] * updates[k]);
                    break;
                case ScatterReduction.Max:
                    for (int k = 0; k < length; k++) to[k] = T.Max(to[k], updates[k]);
                    break;
                default:
                    for (int k = 0; k < length; k++) to[k] = T.Min(to[k], updates[k]);
                    break;
            }
        }
    }
}

/// <summary>Fills vectors along an axis with one number and puts another where operand 0 tells; indices outside the axis tell nothing.</summary>
internal sealed unsafe class OneHotKernel<T>(int outer, int depth, int inner, bool wide, int output) : IKernel where T : unmanaged
{
    public int Parts(int phase) => 1;

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        T* values = buffers.Get<T>(2), results = buffers.Get<T>(output);
        new Span<T>(results, outer * depth * inner).Fill(values[0]);
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                long index = wide ? buffers.Get<long>(0)[(long)o * inner + i] : buffers.Get<int>(0)[(long)o * inner + i];
                if (index < 0) index += depth;
                if (index >= 0 && index < depth) results[((long)o * depth + index) * inner + i] = values[1];
            }
        }
    }
}
