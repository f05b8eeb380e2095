using System.Runtime.CompilerServices;

namespace Strata;

/// <summary>How methods are compiled to machine code.</summary>
internal static class Compilation
{
    /// <summary>
    /// Of loops that take most of the time. What is compiled at run time is optimised at once: its first, unoptimised form would
    /// be many times slower. An assembly that is compiled beforehand has these loops optimised in it, unless they insist on run time.
    /// </summary>
#if READY_TO_RUN
    public const MethodImplOptions Loop = 0;
#else
    public const MethodImplOptions Loop = MethodImplOptions.AggressiveOptimization;
#endif
}
