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
        int size = source.ElementType.Bits() / 8;
        var from = source.Bytes.Span;
        var to = result.MutableBytes;
        for (int i = 0; i < positions.Length; i++)
        {
            if (positions[i] >= 0) from.Slice(positions[i] * size, size).CopyTo(to[(i * size)..]);
        }
        return result;
    }

    /// <summary>Joins tensors of one type along an axis.</summary>
    public static Tensor Join(IReadOnlyList<Tensor> parts, ReadOnlySpan<int> dims, int axis)
    {
        // Number the elements of the parts one after another, then gather from the flat concatenation.
        var flat = Flatten(parts);
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

    private static Tensor Flatten(IReadOnlyList<Tensor> parts)
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
