using Strata.Kernels.Simd;

namespace Strata.Kernels.Conv;

/// <summary>A row of results of which every so-many-th was computed apart.</summary>
internal static unsafe class InterleavedRow
{
    /// <summary>
    /// Writes <c>result[i] = source[i % step · pitch + i / step]</c> for i below <paramref name="length"/>. Reads and writes nothing else.
    /// </summary>
    public static void Write<V>(float* source, long pitch, int step, float* result, int length) where V : struct, ISimd<V>
    {
        if (step == 1)
        {
            Buffer.MemoryCopy(source, result, sizeof(float) * (long)length, sizeof(float) * (long)length);
            return;
        }
        int done = 0;
        if (step == 2)
        {
            for (; done <= length / 2 - V.Count; done += V.Count)
            {
                V even = V.Load(source + done), odd = V.Load(source + pitch + done);
                V.ZipLower(even, odd).Store(result + 2 * done);
                V.ZipUpper(even, odd).Store(result + 2 * done + V.Count);
            }
        }
        else if (step == 4)
        {
            for (; done <= length / 4 - V.Count; done += V.Count)
            {
                float* from = source + done, to = result + 4 * done;
                V first = V.Load(from), second = V.Load(from + pitch), third = V.Load(from + 2 * pitch), fourth = V.Load(from + 3 * pitch);
                V even = V.ZipLower(first, third), odd = V.ZipLower(second, fourth);
                V.ZipLower(even, odd).Store(to);
                V.ZipUpper(even, odd).Store(to + V.Count);
                (even, odd) = (V.ZipUpper(first, third), V.ZipUpper(second, fourth));
                V.ZipLower(even, odd).Store(to + 2 * V.Count);
                V.ZipUpper(even, odd).Store(to + 3 * V.Count);
            }
        }
        for (long at = (long)done * step; at < length; done++, at += step)
        {
            int count = (int)Math.Min(step, length - at);
            for (int p = 0; p < count; p++) result[at + p] = source[p * pitch + done];
        }
    }
}
