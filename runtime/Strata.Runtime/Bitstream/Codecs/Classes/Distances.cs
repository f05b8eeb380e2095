using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Strata.Bitstream.Codecs.Classes;

/// <summary>Sums of the distances of symbols from a centre.</summary>
internal readonly ref struct Distances(ReadOnlySpan<byte> symbols, int centre)
{
    private static readonly int s_width = Vector256<byte>.Count;

    // Sums of so many distances, or pairs of them, stay below 2¹⁶.
    private const int Few = 128;

    private readonly ReadOnlySpan<byte> symbols = symbols;

    /// <summary>Adds those of each row and of each place of a row.</summary>
    public void AddTo(Span<long> rows, Span<long> places)
    {
        int length = places.Length, whole = length / s_width * s_width;
        Span<ushort> few = new ushort[whole];
        for (int r = 0; r < rows.Length; r++)
        {
            var row = symbols.Slice(r * length, length);
            ref byte first = ref MemoryMarshal.GetReference(row);
            ref ushort sums = ref MemoryMarshal.GetReference(few);
            for (int at = 0; at < whole; at += s_width)
            {
                var (low, high) = Vector256.Widen(Of(Vector256.LoadUnsafe(ref first, (nuint)at)));
                (Vector256.LoadUnsafe(ref sums, (nuint)at) + low).StoreUnsafe(ref sums, (nuint)at);
                (Vector256.LoadUnsafe(ref sums, (nuint)at + 16) + high).StoreUnsafe(ref sums, (nuint)at + 16);
            }
            for (int at = whole; at < length; at++) places[at] += Math.Abs(row[at] - centre);
            rows[r] += SumOf(row);
            if (r % Few != Few - 1 && r + 1 < rows.Length) continue;
            for (int at = 0; at < whole; at++) places[at] += few[at];
            few.Clear();
        }
    }

    /// <summary>Those of blocks of so many symbols, from the first of each row on.</summary>
    public long[] OfBlocks(int row, int length)
    {
        int blocks = (row + length - 1) / length;
        var sums = new long[symbols.Length / row * blocks];
        for (int k = 0, at = 0; k < sums.Length; k++)
        {
            int count = Math.Min(length, row - at % row);
            sums[k] = SumOf(symbols.Slice(at, count));
            at += count;
        }
        return sums;
    }

    private long SumOf(ReadOnlySpan<byte> some)
    {
        long sum = 0;
        int at = 0;
        while (some.Length - at >= s_width)
        {
            var pairs = Vector256<ushort>.Zero;
            for (int k = 0; k < Few && some.Length - at >= s_width; k++, at += s_width)
            {
                var (low, high) = Vector256.Widen(Of(Vector256.Create(some[at..])));
                pairs += low + high;
            }
            var (even, odd) = Vector256.Widen(pairs);
            sum += Vector256.Sum(even + odd);
        }
        foreach (byte symbol in some[at..]) sum += Math.Abs(symbol - centre);
        return sum;
    }

    private Vector256<byte> Of(Vector256<byte> values) => Vector256.Max(values, Vector256.Create((byte)centre)) - Vector256.Min(values, Vector256.Create((byte)centre));
}
