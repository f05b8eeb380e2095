using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Moves elements of any type by position; sub-byte types move code by code.</summary>
internal static class Slabs
{
    /// <summary>A tensor whose element i is element <c>positions[i]</c> of the source, or a default element where the position is negative.</summary>
    public static Tensor Gather(Tensor source, ReadOnlySpan<int> dims, ReadOnlySpan<int> positions)
    {
        var result = Tensor.Zeros(source.ElementType, dims);
        if (source.ElementType == ElementType.String)
        {
            var strings = new string[positions.Length];
            for (int i = 0; i < strings.Length; i++) strings[i] = positions[i] < 0 ? "" : source.Strings[positions[i]];
            return Tensor.FromStrings(dims, strings);
        }
        if (source.ElementType.IsPacked())
        {
            for (int i = 0; i < positions.Length; i++)
            {
                if (positions[i] >= 0) result.SetBits(i, source.GetBits(positions[i]));
            }
            return result;
        }
        switch (source.ElementType.Bits())
        {
            case 8: Move<byte>(source, result, positions); break;
            case 16: Move<ushort>(source, result, positions); break;
            case 32: Move<uint>(source, result, positions); break;
            case 64: Move<ulong>(source, result, positions); break;
            default: Move<UInt128>(source, result, positions); break;
        }
        return result;
    }

    private static void Move<T>(Tensor source, Tensor result, ReadOnlySpan<int> positions) where T : unmanaged
    {
        var from = source.Span<T>();
        var to = result.MutableSpan<T>();
        for (int i = 0; i < positions.Length; i++)
        {
            if (positions[i] >= 0) to[i] = from[positions[i]];
        }
    }

    /// <summary>A tensor that repeats one element.</summary>
    public static Tensor Fill(Tensor element, ReadOnlySpan<int> dims)
    {
        var result = Tensor.Zeros(element.ElementType, dims);
        switch (element.ElementType.Bits())
        {
            case 8: result.MutableSpan<byte>().Fill(element.Span<byte>()[0]); break;
            case 16: result.MutableSpan<ushort>().Fill(element.Span<ushort>()[0]); break;
            case 32: result.MutableSpan<uint>().Fill(element.Span<uint>()[0]); break;
            case 64: result.MutableSpan<ulong>().Fill(element.Span<ulong>()[0]); break;
            default: return Gather(element, dims, new int[result.Count]);
        }
        return result;
    }

    /// <summary>Refuses dimensions, given by data, that no tensor of the type can have; called before anything is allocated for it.</summary>
    public static int[] Checked(ElementType type, int[] dims)
    {
        long bytes = Math.Max(type.ByteCount(Tensor.CountOf(dims)), 0);
        return bytes <= Limits.TensorBytes ? dims : throw new ResourceLimitException($"{type.Name()}[{Tensor.Format(dims)}] exceeds the limit of {Limits.TensorBytes} bytes");
    }

    /// <summary>Joins tensors of one type along an axis; the other dimensions must agree.</summary>
    public static Tensor Join(IReadOnlyList<Tensor> parts, int axis)
    {
        var first = parts[0];
        foreach (var part in parts)
        {
            if (part.ElementType != first.ElementType || part.Rank != first.Rank || Enumerable.Range(0, first.Rank).Any(d => d != axis && part.Dims[d] != first.Dims[d]))
                throw ReferenceContext.Fail($"{part} and {first} cannot be joined along axis {axis}");
        }
        long extent = parts.Sum(p => (long)p.Dims[axis]);
        return Join(parts, first.Dims.SetItem(axis, (int)Math.Min(extent, int.MaxValue)).AsSpan(), axis);
    }

    /// <summary>Joins tensors of one type along an axis to known dimensions.</summary>
    public static Tensor Join(IReadOnlyList<Tensor> parts, ReadOnlySpan<int> dims, int axis)
    {
        // Number the elements of the parts one after another, then gather from the flat concatenation.
        var flat = Chain(parts);
        var starts = new int[parts.Count];
        for (int p = 1; p < parts.Count; p++) starts[p] = starts[p - 1] + parts[p - 1].Count;
        int outer = 1, inner = 1;
        for (int d = 0; d < axis; d++) outer *= dims[d];
        for (int d = axis + 1; d < dims.Length; d++) inner *= dims[d];

        var positions = new int[Tensor.CountOf(dims)];
        int at = 0;
        for (int o = 0; o < outer; o++)
        {
            for (int p = 0; p < parts.Count; p++)
            {
                int run = parts[p].Dims[axis] * inner;
                for (int i = 0; i < run; i++) positions[at++] = starts[p] + o * run + i;
            }
        }
        return Gather(flat, dims, positions);
    }

    /// <summary>The elements of tensors of one type, one tensor after another, as a rank-1 tensor.</summary>
    public static Tensor Chain(params IReadOnlyList<Tensor> parts)
    {
        var type = parts[0].ElementType;
        int count = parts.Sum(p => p.Count);
        if (type == ElementType.String) return Tensor.FromStrings([count], [.. parts.SelectMany(p => p.Strings.ToArray())]);
        var flat = Tensor.Zeros(type, [count]);
        int at = 0;
        foreach (var part in parts)
        {
            if (type.IsPacked())
            {
                for (int i = 0; i < part.Count; i++) flat.SetBits(at + i, part.GetBits(i));
            }
            else part.Bytes.Span.CopyTo(flat.MutableBytes[(at * (type.Bits() / 8))..]);
            at += part.Count;
        }
        return flat;
    }
}
