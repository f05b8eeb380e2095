using System.Collections.Immutable;
using Strata.Compiler.Calibration;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Planning;
using Strata.Networks;
using Strata.Passes;

namespace Strata.Compiler.Pipeline;

/// <summary>A network with quantised weights, what became of each weight, and what they were rounded for.</summary>
internal sealed record QuantizationResult(Network Network, IReadOnlyList<WeightReport> Weights, CalibrationReport? Calibration, PassReport Pass);

/// <summary>The lossy part of a compile: stores weights in few bits, and measures what that costs.</summary>
internal sealed class WeightQuantization(CompileOptions options, IProgress<CompileProgress>? progress, CancellationToken cancel)
{
    /// <summary>The share of the largest error that is aimed at first: inputs that a plan was not made on err more.</summary>
    public const double WidestMargin = 0.8;

    private Dictionary<Constant, InputMoments>? moments;
    private CalibrationReport? calibration;
    private BudgetPlanner? planner;
    private bool isPrepared;

    /// <summary>The network with quantised weights, and what became of each weight; called again, with another margin.</summary>
    /// <exception cref="InvalidOptionException">A name in the plan, or in <see cref="CompileOptions.KeptWeights"/>, is no weight of the network.</exception>
    /// <exception cref="BudgetNotReachableException">No plan keeps <see cref="CompileOptions.Budget"/>.</exception>
    public QuantizationResult Run(Network network, double margin = WidestMargin)
    {
        var plan = new WeightPlan(options.Plan ?? [], options.Weights);
        QuantizedWeights? known = null;
        if (!isPrepared)
        {
            PlanCheck.Require(network, plan, options.KeptWeights);
            if ((plan.HasIntegers || options.Budget is not null) && options.Calibrate) (moments, calibration) = Calibrate(network);
            isPrepared = true;
        }
        if (options.Budget is not null)
        {
            planner ??= new(options, network, moments is null ? null : moments.GetValueOrDefault, progress, cancel);
            (plan, known) = (new(planner.Run(margin)), planner.Known);
        }
        progress?.Report(new("quantize"));
        var weights = new List<WeightReport>();
        var pass = new QuantizeWeights(plan.Others, plan.Rows) { Kept = options.KeptWeights, Seen = weights.Add, Known = known, Moments = moments is null ? null : moments.GetValueOrDefault };
        var result = new PassManager([pass, .. BudgetPlanner.AfterQuantizing]).Run(network, new PassContext { Cancellation = cancel });
        return new(WithFloor(result.Network), [.. weights.DistinctBy(w => w.Name)], calibration, result.Passes.First(p => p.Pass == pass.Name));
    }

    /// <summary>What weights are multiplied with; null where no inputs fit, so that weights are rounded for themselves.</summary>
    public (Dictionary<Constant, InputMoments>? Moments, CalibrationReport Report) Calibrate(Network network)
    {
        progress?.Report(new("calibrate", 0));
        int count = 0;
        var (moments, refusal) = new CompileInputs(options).Try(network, CompileInputs.Calibration, options.CalibrationInputs, sets =>
        {
            count = sets.Count;
            return new Calibration.Calibration(sets, options.Threads, new CalibrationProgress(progress), cancel).Run(network, QuantizeWeights.DefaultMinElements);
        });
        return (moments, new(count, options.Data is not null, refusal));
    }

    private sealed class CalibrationProgress(IProgress<CompileProgress>? progress) : IProgress<double>
    {
        public void Report(double value) => progress?.Report(new("calibrate", value));
    }

    // A floor that a user gave goes with the file, so that whoever verifies it later asks for the same.
    private Network WithFloor(Network network) => network.WithMetadata(options.Floor.WriteTo(network.Metadata));
}
