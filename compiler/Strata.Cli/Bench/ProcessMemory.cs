using System.Diagnostics;

namespace Strata.Cli.Bench;

/// <summary>Resident memory of this process.</summary>
internal static class ProcessMemory
{
    /// <summary>Runs something; gives by how many bytes resident memory was above its start at most, or null where the system cannot tell.</summary>
    public static long? Growth(Action action)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        bool canReset = TryResetPeak();
        long before = Read(p => p.WorkingSet64);
        action();
        return canReset ? Math.Max(0, Read(p => p.PeakWorkingSet64) - before) : null;
    }

    // The peak counts from the start of the process; only Linux can begin anew (proc(5), clear_refs).
    private static bool TryResetPeak()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Read(Func<Process, long> value)
    {
        using var process = Process.GetCurrentProcess();
        return value(process);
    }
}
