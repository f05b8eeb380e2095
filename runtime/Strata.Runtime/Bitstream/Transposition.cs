using System.Runtime.InteropServices;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream;

/// <summary>Matrices that are stored once with their transposes, as embeddings are that a network also ends with.</summary>
internal static class Transposition
{
    // Edge of the square in which elements change places at a time: two of them stay in the L1 cache.
    private const int Block = 32;

    /// <summary>True for types whose elements are whole bytes.</summary>
    public static bool Suits(ElementType type) => type != ElementType.String && type.Bits() % 8 == 0;

    /// <summary>True when a matrix may be the transpose of another one.</summary>
    public static bool Fits(Constant matrix, Constant other) => Suits(matrix.Type.ElementType) && matrix.Type.ElementType == other.Type.ElementType
        && matrix.Dims.Length == 2 && other.Dims.Length == 2 && matrix.Dims[0] == other.Dims[1] && matrix.Dims[1] == other.Dims[0];

    /// <summary>The transpose of a matrix.</summary>
    public static Tensor Of(Tensor matrix)
    {
        int rows = matrix.Dims[0], columns = matrix.Dims[1];
        var target = new byte[matrix.Bytes.Length];
        var source = matrix.Bytes.Span;
        switch (matrix.ElementType.Bits() / 8)
        {
            case 1: Transpose<byte>(source, rows, columns, target); break;
            case 2: Transpose<ushort>(source, rows, columns, target); break;
            case 4: Transpose<uint>(source, rows, columns, target); break;
            case 8: Transpose<ulong>(source, rows, columns, target); break;
            default: Transpose<UInt128>(source, rows, columns, target); break;
        }
        return Tensor.FromBytes(matrix.ElementType, [columns, rows], target);
    }

    private static void Transpose<T>(ReadOnlySpan<byte> source, int rows, int columns, Span<byte> target) where T : unmanaged
    {
        var from = MemoryMarshal.Cast<byte, T>(source);
        var to = MemoryMarshal.Cast<byte, T>(target);
        for (int top = 0; top < rows; top += Block)
        {
            for (int left = 0; left < columns; left += Block)
            {
                int bottom = Math.Min(rows, top + Block), right = Math.Min(columns, left + Block);
                for (int r = top; r < bottom; r++)
                {
                    for (int c = left; c < right; c++) to[c * rows + r] = from[r * columns + c];
                }
            }
        }
    }
}
