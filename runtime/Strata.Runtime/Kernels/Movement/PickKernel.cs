using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Movement;

/// <summary>Result element (i, j, …) is element (picks[0][i], picks[1][j], …) of operand 0, or zero where a pick is negative.</summary>
internal sealed unsafe class PickKernel<T> : IKernel where T : unmanaged
{
    private const int PartElements = 1 << 15, ShortRun = 8;

    private readonly int[][] picks; // of the axes but the inner ones, which are taken whole
    private readonly long[] steps;
    private readonly int[] last;
    private readonly (int Pick, int Length)[] runs; // of the last of them: picks that follow each other
    private readonly int inner, rows, rowsPerPart, output;

    /// <summary>Prepares the copies of an operand of dimensions <paramref name="dims"/>.</summary>
    public PickKernel(KernelRequest request, int[] dims, int[][] picks)
    {
        int axes = dims.Length;
        for (inner = 1; axes > 1 && picks[axes - 1].Length == dims[axes - 1] && picks[axes - 1].Select((p, i) => p == i).All(same => same); axes--) inner *= dims[axes - 1];
        this.picks = picks[..axes];
        steps = [.. IndexMap.Strides(dims).Take(axes).Select(s => (long)s)];
        last = axes == 0 ? [0] : picks[axes - 1];
        rows = Tensor.CountOf([.. picks[..Math.Max(axes - 1, 0)].Select(p => p.Length)]);
        var found = new List<(int Pick, int Length)>();
        foreach (int pick in last)
        {
            if (found.Count > 0 && found[^1] is var (first, length) && (first < 0 ? pick < 0 : pick == first + length)) found[^1] = (first, length + 1);
            else found.Add((pick, 1));
        }
        runs = [.. found];
        rowsPerPart = (int)Math.Clamp(PartElements / Math.Max(1, (long)last.Length * inner), 1, Math.Max(rows, 1));
        output = request.OutputIndex();
    }

    public int Parts(int phase) => Math.Max(1, (rows + rowsPerPart - 1) / rowsPerPart);

    public void Run(int phase, int part, in KernelBuffers buffers)
    {
        int first = part * rowsPerPart, end = Math.Min(rows, first + rowsPerPart), outer = picks.Length - 1;
        if (first >= end) return;
        long length = (long)last.Length * inner, previous = -1;
        T* data = buffers.Get<T>(0), row = buffers.Get<T>(output) + first * length;
        int* index = stackalloc int[Limits.Rank];
        for (int d = outer - 1, left = first; d >= 0; left /= picks[d].Length, d--) index[d] = left % picks[d].Length;
        for (int r = first; r < end; r++, row += length)
        {
            long from = 0;
            for (int d = 0; d < outer && from >= 0; d++) from = picks[d][index[d]] is >= 0 and var pick ? from + pick * steps[d] : -1;
            if (from < 0) new Span<T>(row, (int)length).Clear();
            else if (from == previous) Buffer.MemoryCopy(row - length, row, length * sizeof(T), length * sizeof(T));
            else Copy(data + from, row);
            previous = from;
            for (int d = outer - 1; d >= 0 && ++index[d] == picks[d].Length; d--) index[d] = 0;
        }
    }

    private void Copy(T* from, T* to)
    {
        if (inner == 1 && (long)runs.Length * ShortRun > last.Length)
        {
            for (int i = 0; i < last.Length; i++) to[i] = last[i] < 0 ? default : from[last[i]];
            return;
        }
        foreach (var (pick, count) in runs)
        {
            long elements = (long)count * inner;
            if (pick < 0) new Span<T>(to, (int)elements).Clear();
            else Buffer.MemoryCopy(from + (long)pick * inner, to, elements * sizeof(T), elements * sizeof(T));
            to += elements;
        }
    }
}
