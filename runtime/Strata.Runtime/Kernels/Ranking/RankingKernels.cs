using System.Numerics;

namespace Strata.Kernels.Ranking;

/// <summary>The order of elements: by value, NaN above everything.</summary>
internal static class Order
{
    /// <summary>True when a comes after b.</summary>
    public static bool Above<T>(T a, T b) where T : INumber<T> => a > b || T.IsNaN(a) && !T.IsNaN(b);
}

/// <summary>The index of the largest or smallest element along the middle axis of data <c>[outer, extent, inner]</c>.</summary>
internal sealed unsafe class ArgExtremeKernel<T>(int outer, int extent, int inner, bool largest, bool last, int output) : IKernel where T : unmanaged, INumber<T>
{
    public int Parts(int phase) => Math.Max(1, outer);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (outer == 0) return;
        T* data = buffers.Get<T>(0) + (long)part * extent * inner;
        long* results = buffers.Get<long>(output) + (long)part * inner;
        for (int i = 0; i < inner; i++)
        {
            int best = 0;
            T extreme = data[i];
            for (int k = 1; k < extent; k++)
            {
                T x = data[(long)k * inner + i];
                if (last ? largest ? Order.Above(extreme, x) : Order.Above(x, extreme) : largest ? !Order.Above(x, extreme) : !Order.Above(extreme, x)) continue;
                (best, extreme) = (k, x);
            }
            results[i] = best;
        }
    }
}

/// <summary>The k first elements in order along the middle axis of data <c>[outer, extent, inner]</c>, by a heap of the k best so far.</summary>
internal sealed unsafe class TopKKernel<T>(int outer, int extent, int inner, int k, bool largest, int output) : IKernel where T : unmanaged, INumber<T>
{
    public int Parts(int phase) => Math.Max(1, outer);

    public long ScratchBytes => (long)k * sizeof(int);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (outer == 0 || k == 0) return;
        int* heap = (int*)buffers.Scratch; // the worst on top
        T* values = buffers.Get<T>(output);
        long* indices = buffers.Get<long>(output + 1);
        for (int i = 0; i < inner; i++)
        {
            T* line = buffers.Get<T>(0) + (long)part * extent * inner + i;
            int size = 0;
            for (int j = 0; j < extent; j++)
            {
                if (size < k) Raise(line, heap, size++, j);
                else if (Before(line, j, heap[0])) Sink(line, heap, k, j);
            }
            long to = (long)part * k * inner + i;
            for (int place = k - 1; place >= 0; place--)
            {
                int worst = heap[0];
                if (values != null) values[to + (long)place * inner] = line[(long)worst * inner];
                if (indices != null) indices[to + (long)place * inner] = worst;
                if (place > 0) Sink(line, heap, place, heap[place]);
            }
        }
    }

    // Of equal elements the one with the lower index comes first.
    private bool Before(T* line, int a, int b)
    {
        T x = line[(long)a * inner], y = line[(long)b * inner];
        return Order.Above(x, y) ? largest : Order.Above(y, x) ? !largest : a < b;
    }

    private void Raise(T* line, int* heap, int at, int item)
    {
        for (int parent; at > 0 && Before(line, heap[parent = (at - 1) / 2], item); at = parent) heap[at] = heap[parent];
        heap[at] = item;
    }

    private void Sink(T* line, int* heap, int size, int item)
    {
        int at = 0;
        for (int child; (child = 2 * at + 1) < size; at = child)
        {
            if (child + 1 < size && Before(line, heap[child], heap[child + 1])) child++;
            if (!Before(line, item, heap[child])) break;
            heap[at] = heap[child];
        }
        heap[at] = item;
    }
}

/// <summary>Running totals along the middle axis of data <c>[outer, extent, inner]</c>, kept as <typeparamref name="TTotal"/>.</summary>
internal sealed unsafe class CumulationKernel<T, TTotal>(int outer, int extent, int inner, bool product, bool exclusive, bool reverse, int output) : IKernel
    where T : unmanaged, INumber<T> where TTotal : INumber<TTotal>
{
    public int Parts(int phase) => Math.Max(1, outer);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        if (outer == 0 || extent == 0) return;
        long step = reverse ? -inner : inner, start = ((long)part * extent + (reverse ? extent - 1 : 0)) * inner;
        for (int i = 0; i < inner; i++)
        {
            T* x = buffers.Get<T>(0) + start + i, y = buffers.Get<T>(output) + start + i;
            TTotal total = product ? TTotal.One : TTotal.Zero;
            for (int k = 0; k < extent; k++, x += step, y += step)
            {
                TTotal element = TTotal.CreateTruncating(*x), next = unchecked(product ? total * element : total + element);
                *y = T.CreateTruncating(exclusive ? total : next);
                total = next;
            }
        }
    }
}
