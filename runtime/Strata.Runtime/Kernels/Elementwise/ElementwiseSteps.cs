namespace Strata.Kernels.Elementwise;

/// <summary>A function of one operand done to results in place.</summary>
internal sealed unsafe class UnaryStep(ElementFunction function) : EpilogueStep
{
    public override (float Least, float Most)? Clamp => function.Clamp;

    public override void Apply(float* results, long offset, int count, in KernelBuffers buffers) => function.Apply((byte*)results, null, null, 1, (byte*)results, count);
}

/// <summary>
/// A function of results and of another f32 operand, of which element <c>offset / inner % period</c> belongs to the result at
/// an offset: a bias, a scale per channel, a residual.
/// </summary>
/// <param name="function">The function.</param>
/// <param name="slot">The operand's position among the buffers.</param>
/// <param name="resultsFirst">True when the results are the function's first operand.</param>
/// <param name="inner">Results that share an element.</param>
/// <param name="period">Elements of the operand.</param>
internal sealed unsafe class BinaryStep(ElementFunction function, int slot, bool resultsFirst, long inner, long period) : EpilogueStep
{
    public override void Apply(float* results, long offset, int count, in KernelBuffers buffers)
    {
        float* operand = buffers.F32(slot);
        for (int done = 0; done < count;)
        {
            long group = (offset + done) / inner, element = group % period;
            long run = inner == 1 ? Math.Min(count - done, period - element) : Math.Min(count - done, (group + 1) * inner - offset - done);
            byte* x = (byte*)(results + done), other = (byte*)(operand + element);
            bool moves = inner == 1;
            if (resultsFirst) function.Apply(x, other, null, moves ? 3 : 1, x, (int)run);
            else function.Apply(other, x, null, moves ? 3 : 2, x, (int)run);
            done += (int)run;
        }
    }

    /// <summary>Inner and period for an operand that broadcasts to the dimensions of the results; null when its elements do not repeat in one pattern.</summary>
    public static (long Inner, long Period)? Pattern(int[] dims, int[] operand)
    {
        if (operand.Length > dims.Length) return null;
        int first = -1, last = -1;
        for (int d = 0; d < dims.Length; d++)
        {
            int extent = d < dims.Length - operand.Length ? 1 : operand[d - (dims.Length - operand.Length)];
            if (extent == 1) continue;
            if (extent != dims[d]) return null;
            if (first < 0) first = d;
            last = d;
        }
        if (first < 0) return (Product(dims, 0), 1);
        for (int d = first; d <= last; d++)
        {
            if (dims[d] != 1 && operand[d - (dims.Length - operand.Length)] == 1) return null;
        }
        return (Product(dims, last + 1), Product(dims, first) / Product(dims, last + 1));
    }

    private static long Product(int[] dims, int from)
    {
        long product = 1;
        for (int d = from; d < dims.Length; d++) product *= Math.Max(dims[d], 1);
        return product;
    }
}
