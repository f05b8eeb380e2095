using System.Runtime.CompilerServices;
using Strata.Kernels.Simd;

namespace Strata.Kernels.Conv;

/// <summary>Elements of a row of an input at equal distances, among fillers for those that lie outside of it.</summary>
internal static unsafe class InputRow
{
    /// <summary>How many of <paramref name="length"/> positions from <paramref name="first"/> on, <paramref name="step"/> apart, lie before the row, and how many in it.</summary>
    public static (int Lead, int Count) Inside(long first, int step, int length, int extent)
    {
        int lead = (int)Math.Min(length, first < 0 ? (step - 1 - first) / step : 0);
        long reach = extent - 1 - first, stop = reach < 0 ? 0 : Math.Min(length, reach / step + 1);
        return (lead, (int)Math.Max(0, stop - lead));
    }

    /// <summary>
    /// Writes fillers, every <paramref name="step"/>-th element from <paramref name="from"/> on, and fillers. Reads nothing from
    /// <paramref name="end"/> on; writes whole vectors, the last of which may reach beyond the row.
    /// </summary>
    public static void Write<V>(float* from, int step, int lead, int count, int trail, float* to, float* end, float filler = 0) where V : struct, ISimd<V>
    {
        for (int j = 0; j < lead; j += V.Count) V.Of(filler).Store(to + j);
        to += lead;
        int done = 0;
        if (step == 1)
        {
            for (; done < count && end - from - done >= V.Count; done += V.Count) V.Load(from + done).Store(to + done);
        }
        else if (step == 2)
        {
            for (; done < count && end - from - 2L * done >= 2 * V.Count; done += V.Count) V.Evens(V.Load(from + 2L * done), V.Load(from + 2L * done + V.Count)).Store(to + done);
        }
        for (; done < count; done++) to[done] = from[(long)done * step];
        to += count;
        for (int j = 0; j < trail; j += V.Count) V.Of(filler).Store(to + j);
    }

    /// <summary>
    /// Copies every <paramref name="step"/>-th of the elements of rows, <paramref name="count"/> of each. Reads nothing from
    /// <paramref name="end"/> on and writes nothing else: whole vectors, the last of which overlaps the one before it.
    /// </summary>
    public static void Copy<V>(float* from, long fromPitch, int step, float* to, long toPitch, long rows, int count, float* end) where V : struct, ISimd<V>
    {
        if (count < V.Count && count >= F128.Count)
        {
            if (V.Count > F256.Count && count >= F256.Count) Copy<F256>(from, fromPitch, step, to, toPitch, rows, count, end);
            else Copy<F128>(from, fromPitch, step, to, toPitch, rows, count, end);
            return;
        }
        int last = count - V.Count;
        if (step == 1 && last >= 0)
        {
            for (; rows > 0; rows--, from += fromPitch, to += toPitch)
            {
                for (int j = 0; j < last; j += V.Count) V.Load(from + j).Store(to + j);
                V.Load(from + last).Store(to + last);
            }
        }
        else if (step == 2 && last >= 0)
        {
            for (; rows > 0 && end - from >= 2L * count; rows--, from += fromPitch, to += toPitch)
            {
                for (int j = 0; j < last; j += V.Count) V.Evens(V.Load(from + 2L * j), V.Load(from + 2L * j + V.Count)).Store(to + j);
                V.Evens(V.Load(from + 2L * last), V.Load(from + 2L * last + V.Count)).Store(to + last);
            }
        }
        for (; rows > 0; rows--, from += fromPitch, to += toPitch)
        {
            for (int j = 0; j < count; j++) to[j] = from[(long)j * step];
        }
    }
}
