using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Strata.Kernels;

namespace Strata.Execution;

/// <summary>
/// Threads that help whoever runs a kernel of many parts: one kernel at a time. Threads take parts from a common counter; they
/// watch for the next kernel for some tens of microseconds before they sleep.
/// </summary>
internal static unsafe class WorkerPool
{
    private const int WatchMicroseconds = 40;

    private static readonly Lock Turn = new();
    private static readonly SemaphoreSlim Wake = new(0);
    private static int workers; // threads started
    private static int sleeping;

    // The kernel that runs. A ticket is its number in the upper half and the next part in the lower; who advances it has read
    // the fields of that kernel, since they change only between kernels.
    private static long ticket;
    private static IKernel? kernel;
    private static KernelBuffers buffers;
    private static int phase, parts, helpers;
    private static long scratchBytes;
    private static int done;
    private static Exception? failure;

    /// <summary>Processors that the process may use (of its control group, too).</summary>
    public static int Processors { get; } = Environment.ProcessorCount;

    /// <summary>Runs the parts of a phase on at most so many threads; false when the pool is in use.</summary>
    public static bool TryRun(IKernel toRun, int itsPhase, int itsParts, in KernelBuffers itsBuffers, long scratchPerThread, int threads)
    {
        if (!Turn.TryEnter()) return false;
        try
        {
            Start(Math.Min(threads, Processors) - 1);
            uint number = (uint)(ticket >> 32) + 2;
            Volatile.Write(ref ticket, ((long)(number - 1) << 32) | int.MaxValue); // nobody takes parts while the fields change
            Interlocked.MemoryBarrier();
            (kernel, phase, parts, helpers) = (toRun, itsPhase, itsParts, Math.Min(threads, itsParts) - 1);
            (buffers, scratchBytes, done, failure) = (itsBuffers, scratchPerThread, 0, null);
            Volatile.Write(ref ticket, (long)number << 32);
            Interlocked.MemoryBarrier();
            int asleep = Math.Min(Volatile.Read(ref sleeping), helpers);
            if (asleep > 0) Wake.Release(asleep);
            while (Help(0, number))
            {
            }
            var wait = new SpinWait();
            while (Volatile.Read(ref done) < parts) wait.SpinOnce(sleep1Threshold: -1);
            kernel = null;
            if (failure is { } error) ExceptionDispatchInfo.Throw(error);
            return true;
        }
        finally
        {
            Turn.Exit();
        }
    }

    // Takes and runs one part; false when the kernel has none left or is over.
    private static bool Help(int worker, uint number)
    {
        long seen = Volatile.Read(ref ticket);
        int part = (int)(uint)seen;
        var (toRun, itsPhase, itsParts, itsBuffers, scratch, mayHelp) = (kernel, phase, parts, buffers, scratchBytes, worker <= helpers);
        if ((uint)(seen >> 32) != number || part >= itsParts || !mayHelp || toRun is null) return false;
        if (Interlocked.CompareExchange(ref ticket, seen + 1, seen) != seen) return true;
        try
        {
            toRun.Run(itsPhase, part, itsBuffers.WithScratch(itsBuffers.Scratch + worker * scratch));
        }
        catch (Exception error)
        {
            Volatile.Write(ref failure, error);
        }
        Interlocked.Increment(ref done);
        return true;
    }

    private static void Start(int wanted)
    {
        for (; workers < wanted; workers++)
        {
            int worker = workers + 1;
            new Thread(() => Watch(worker)) { IsBackground = true, Name = $"Strata {worker}" }.Start();
        }
    }

    private static void Watch(int worker)
    {
        uint finished = 0;
        while (true)
        {
            for (long idleSince = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(idleSince).TotalMicroseconds < WatchMicroseconds;)
            {
                if (TakePart(worker, ref finished)) idleSince = Stopwatch.GetTimestamp();
                else Thread.SpinWait(20);
            }
            Interlocked.Increment(ref sleeping);
            if (!TakePart(worker, ref finished)) Wake.Wait();
            Interlocked.Decrement(ref sleeping);
        }
    }

    private static bool TakePart(int worker, ref uint finished)
    {
        uint number = (uint)(Volatile.Read(ref ticket) >> 32);
        if (number == finished) return false;
        bool any = false;
        while (Help(worker, number)) any = true;
        finished = number;
        return any;
    }
}
