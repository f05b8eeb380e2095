using System.Collections.Immutable;

namespace Strata.Kernels;

/// <summary>One elementwise operation on f32 results that were just computed.</summary>
internal abstract unsafe class EpilogueStep
{
    /// <summary>The bounds, when the step is <c>min(max(x, Least), Most)</c> with NaN and the sign of zero kept: a kernel may apply it in registers.</summary>
    public virtual (float Least, float Most)? Clamp => null;

    /// <summary>Replaces <paramref name="count"/> results; <paramref name="offset"/> is the position of the first in the row-major output.</summary>
    public abstract void Apply(float* results, long offset, int count, in KernelBuffers buffers);
}

/// <summary>
/// What is left to do with the f32 results of a kernel, step by step (activation, bias, residual, clamp). A kernel whose row
/// takes epilogues calls <see cref="Apply"/> once for each run of final results that it has stored, best while the run lies
/// in the first cache; or takes leading steps over into its own arithmetic and applies the <see cref="Rest"/>.
/// </summary>
internal sealed unsafe class Epilogue(ImmutableArray<EpilogueStep> steps)
{
    /// <summary>Nothing to do.</summary>
    public static Epilogue None { get; } = new([]);

    /// <summary>The steps in order.</summary>
    public ImmutableArray<EpilogueStep> Steps => steps;

    /// <summary>True when nothing is to be done.</summary>
    public bool IsEmpty => steps.IsEmpty;

    /// <summary>The epilogue without its first step.</summary>
    public Epilogue Rest => steps.Length > 1 ? new(steps[1..]) : None;

    /// <summary>Takes a run of consecutive results of the output through all steps.</summary>
    public void Apply(float* results, long offset, int count, in KernelBuffers buffers)
    {
        foreach (var step in steps) step.Apply(results, offset, count, buffers);
    }
}
