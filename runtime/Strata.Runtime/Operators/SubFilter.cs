using System.Numerics;

namespace Strata.Operators;

/// <summary>
/// The part of a transposed convolution that gives outputs <c>Offset, Offset + stride, …</c> along one axis: a convolution of stride 1
/// with every <see cref="TapStep"/>-th tap from <see cref="FirstTap"/> on, in reverse order.
/// Output t of it reads inputs <c>t − Pad + j · Dilation</c>, of which those outside of the input are zero.
/// </summary>
/// <param name="Offset">The first output.</param>
/// <param name="Count">Number of outputs.</param>
/// <param name="FirstTap">The first tap of the whole filter that reaches these outputs.</param>
/// <param name="TapStep">Distance of such taps.</param>
/// <param name="Taps">Number of such taps, maybe none.</param>
/// <param name="Dilation">Distance of the inputs that neighbouring taps read.</param>
/// <param name="Pad">Elements before the input; negative: elements of it that nothing reads.</param>
public readonly record struct SubFilter(int Offset, int Count, int FirstTap, int TapStep, int Taps, int Dilation, long Pad)
{
    /// <summary>The tap of the whole filter that is tap <paramref name="index"/> of this one.</summary>
    public int Tap(int index) => FirstTap + (Taps - 1 - index) * TapStep;

    /// <summary>The sub-filters of an axis that have outputs, by offset: as many as the stride, or as there are outputs.</summary>
    /// <param name="kernel">Taps of the whole filter.</param>
    /// <param name="output">Outputs along the axis.</param>
    /// <param name="stride">Distance of outputs that neighbouring inputs reach through one tap.</param>
    /// <param name="dilation">Distance of outputs that an input reaches through neighbouring taps.</param>
    /// <param name="cut">Outputs cut off before the first; negative: outputs added.</param>
    public static SubFilter[] Along(int kernel, int output, int stride, int dilation, long cut)
    {
        int divisor = (int)BigInteger.GreatestCommonDivisor(stride, dilation), step = stride / divisor;
        // firstTap[r]: the first tap whose reach is r modulo the stride; taps repeat every `step`.
        var firstTaps = new Dictionary<long, int>();
        for (int k = 0; k < Math.Min(step, kernel); k++) firstTaps.Add((long)k * dilation % stride, k);
        var filters = new SubFilter[Math.Min(stride, output)];
        for (int offset = 0; offset < filters.Length; offset++)
        {
            int count = (int)(((long)output - offset + stride - 1) / stride);
            long first = Networks.Dim.FloorDiv(offset + cut, stride), rest = offset + cut - first * stride;
            if (!firstTaps.TryGetValue(rest, out int tap))
            {
                filters[offset] = new(offset, count, 0, step, 0, dilation / divisor, 0);
                continue;
            }
            int taps = (kernel - 1 - tap) / step + 1;
            long furthest = (((long)tap + (taps - 1L) * step) * dilation - rest) / stride;
            filters[offset] = new(offset, count, tap, step, taps, dilation / divisor, furthest - first);
        }
        return filters;
    }
}
