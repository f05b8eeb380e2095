using Strata.Kernels;

namespace Strata.Execution;

/// <summary>
/// Runs the parts of kernels on the caller's thread and on those of a pool that all sessions of the process share. A session
/// that finds the pool in use runs alone: there are never more busy threads than processors because of a session.
/// </summary>
internal sealed class Workers(int threads)
{
    // Below so many expected nanoseconds a step is done before others have woken up.
    private const double LeastShared = 20_000;

    /// <summary>Most threads, the caller's included.</summary>
    public int Threads { get; } = Math.Clamp(threads, 1, WorkerPool.Processors);

    /// <summary>Runs all phases of a kernel.</summary>
    public void Run(KernelStep step, in KernelBuffers buffers, long scratchBytes)
    {
        bool shares = Threads > 1 && step.Cost >= LeastShared;
        for (int phase = 0; phase < step.Parts.Length; phase++)
        {
            int parts = step.Parts[phase];
            if (shares && parts > 1 && WorkerPool.TryRun(step.Kernel, phase, parts, buffers, scratchBytes, Threads)) continue;
            for (int part = 0; part < parts; part++) step.Kernel.Run(phase, part, buffers);
        }
    }
}
