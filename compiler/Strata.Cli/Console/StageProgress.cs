using Strata.Compiler;

namespace Strata.Cli;

/// <summary>Shows the stages of a compile.</summary>
internal sealed class StageProgress(ProgressDisplay bar) : IProgress<CompileProgress>
{
    public void Report(CompileProgress value) => bar.Report(value.Stage, value.Fraction);
}
