using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>ONNX's coordinate-format sparse tensors.</summary>
internal static class SparseTensors
{
    /// <summary>The dense form. Indices are linear <c>[nnz]</c> or coordinates <c>[nnz, rank]</c>.</summary>
    /// <exception cref="StrataFormatException">Indices lie outside the shape or do not fit the values.</exception>
    public static Tensor Densify(SparseTensorProto sparse)
    {
        string name = sparse.Values?.Name ?? "";
        if (sparse.Values is null || sparse.Indices is null) throw new StrataFormatException($"sparse tensor '{name}' lacks values or indices");
        var values = OnnxTensors.Read(sparse.Values);
        var indices = OnnxTensors.Read(sparse.Indices);
        if (sparse.Dims.Any(d => d is < 0 or > int.MaxValue)) throw new StrataFormatException($"sparse tensor '{name}' has a dimension outside [0, {int.MaxValue}]");
        int[] dims = [.. sparse.Dims.Select(d => (int)d)];

        if (dims.Length > Limits.Rank) throw new StrataFormatException($"sparse tensor '{name}': rank {dims.Length} exceeds {Limits.Rank}");
        int count = Tensor.CountOf(dims), nonZeros = values.Count;
        // The dense form and the position of each element are in memory at once.
        if (count * (sizeof(int) + (long)values.ElementType.ByteCount(1)) > Limits.DefaultMaxMemory) throw new ResourceLimitException($"sparse tensor '{name}': its dense form {values.ElementType.Name()}[{string.Join(", ", dims)}] does not fit into {Limits.DefaultMaxMemory} bytes");
        bool linear = indices.Rank == 1 && indices.Count == nonZeros;
        if (indices.ElementType != ElementType.Int64 || !linear && !(indices.Rank == 2 && indices.Dims[0] == nonZeros && indices.Dims[1] == dims.Length))
            throw new StrataFormatException($"sparse tensor '{name}': indices {indices} fit neither [{nonZeros}] nor [{nonZeros}, {dims.Length}] of i64");

        var positions = new int[count];
        Array.Fill(positions, -1);
        var index = indices.Span<long>();
        for (int i = 0; i < nonZeros; i++)
        {
            long at = linear ? index[i] : 0;
            for (int d = 0; !linear && d < dims.Length; d++)
            {
                long coordinate = index[i * dims.Length + d];
                if (coordinate < 0 || coordinate >= dims[d]) throw Outside(coordinate);
                at = at * dims[d] + coordinate;
            }
            if (at < 0 || at >= count) throw Outside(at);
            positions[(int)at] = i;
        }
        return Slabs.Gather(values, dims, positions);

        StrataFormatException Outside(long value) => new($"sparse tensor '{name}': index {value} lies outside [{string.Join(", ", dims)}]");
    }
}
