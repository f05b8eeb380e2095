using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;
using Strata.Tensors;

namespace Strata.Kernels.Integer;

/// <summary>What becomes of the i32 sums of a product.</summary>
internal abstract unsafe class IntegerResults<V> where V : struct, ISimd<V>
{
    /// <summary>Writes the results for a run of sums of one row.</summary>
    public abstract void Store(int* sums, ResultPlace place, int count, in KernelBuffers buffers);
}

/// <summary>The sums as they are.</summary>
internal sealed unsafe class PlainSums<V>(int output) : IntegerResults<V> where V : struct, ISimd<V>
{
    public override void Store(int* sums, ResultPlace place, int count, in KernelBuffers buffers) => new Span<int>(sums, count).CopyTo(new(buffers.Get<int>(output) + place.Offset, count));
}

/// <summary>How many elements a parameter has: one, one per row, or one per column.</summary>
internal enum ParameterSpread
{
    One,
    PerRow,
    PerColumn,
}

/// <summary>A parameter among the buffers.</summary>
internal readonly record struct ParameterAt(int Index, ParameterSpread Spread)
{
    /// <summary>The element that belongs to a place, or the first of consecutive ones.</summary>
    public long Offset(ResultPlace place) => Spread switch { ParameterSpread.PerRow => place.Row, ParameterSpread.PerColumn => place.Column, _ => 0 };
}

/// <summary>
/// Codes of 8 bits: <c>saturate(round((sum + bias) · (a · b / y)) + zero)</c>, ties to even, each step in binary32. The scales a and b
/// are one for all, per row or per column, y and zero one for all, and the bias, if any, i32 per row: at a position among the buffers, or known.
/// </summary>
internal sealed unsafe class RequantizedSums<V>(ParameterAt a, ParameterAt b, int y, int zero, int bias, PinnedBuffer? knownBias, int output, ElementType type) : IntegerResults<V> where V : struct, ISimd<V>
{
    private readonly bool isSigned = type == ElementType.Int8;

    public override void Store(int* sums, ResultPlace place, int count, in KernelBuffers buffers)
    {
        byte code = *buffers.Get<byte>(zero);
        float origin = isSigned ? (sbyte)code : code, least = isSigned ? sbyte.MinValue : byte.MinValue, most = isSigned ? sbyte.MaxValue : byte.MaxValue;
        int start = knownBias is not null ? ((int*)knownBias.Address)[place.Row] : bias < 0 ? 0 : buffers.Get<int>(bias)[place.Row];
        float* scaleA = buffers.F32(a.Index) + a.Offset(place), scaleB = buffers.F32(b.Index) + b.Offset(place);
        byte* to = buffers.Get<byte>(output) + place.Offset;
        if (a.Spread == ParameterSpread.PerColumn || b.Spread == ParameterSpread.PerColumn) Columns(sums, count, scaleA, a.Spread == ParameterSpread.PerColumn, scaleB, b.Spread == ParameterSpread.PerColumn, buffers.F32(y)[0], start, origin, least, most, to);
        else Run(sums, count, *scaleA * *scaleB / buffers.F32(y)[0], start, origin, least, most, to);
    }

    private static void Run(int* sums, int count, float factor, int start, float zero, float least, float most, byte* to)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count) Code(V.AddBits(V.Load((float*)sums + i), V.OfBits(start)), V.Of(factor), zero, least, most).StoreBits(to + i);
        for (; i < count; i++) Code(F32.OfBits(sums[i] + start), F32.Of(factor), zero, least, most).StoreBits(to + i);
    }

    private static void Columns(int* sums, int count, float* a, bool movesA, float* b, bool movesB, float y, int start, float zero, float least, float most, byte* to)
    {
        int i = 0;
        for (; i <= count - V.Count; i += V.Count)
        {
            V factor = (movesA ? V.Load(a + i) : V.Of(*a)) * (movesB ? V.Load(b + i) : V.Of(*b)) / V.Of(y);
            Code(V.AddBits(V.Load((float*)sums + i), V.OfBits(start)), factor, zero, least, most).StoreBits(to + i);
        }
        for (; i < count; i++) Code(F32.OfBits(sums[i] + start), F32.Of(a[movesA ? i : 0] * b[movesB ? i : 0] / y), zero, least, most).StoreBits(to + i);
    }

    // NaN gives the least code.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Code<T>(T sum, T factor, float zero, float least, float most) where T : struct, ISimd<T> =>
        T.ToInt(T.Min(T.Max(T.Round(T.FromInt(sum) * factor) + T.Of(zero), T.Of(least)), T.Of(most)));
}
