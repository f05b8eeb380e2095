using System.Collections.Immutable;
using Strata.Compiler.Calibration;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Planning;
using Strata.Networks;
using Strata.Passes;
using Strata.Passes.Rules;

namespace Strata.Compiler.Pipeline;

/// <summary>A network with quantised weights, what became of each weight, and what they were rounded for.</summary>
internal sealed record QuantizationResult(Network Network, IReadOnlyList<WeightReport> Weights, CalibrationReport? Calibration, PassReport Pass);

/// <summary>The lossy part of a compile: stores weights in few bits, and measures what that costs.</summary>
internal sealed class WeightQuantization(CompileOptions options, IProgress<CompileProgress>? progress, CancellationToken cancel)
{
    /// <summary>The network with quantised weights, and what became of each weight.</summary>
    /// <exception cref="InvalidOptionException">A name in the plan, or in <see cref="CompileOptions.KeptWeights"/>, is no weight of the network.</exception>
    public QuantizationResult Run(Network network, WeightPlan plan)
    {
        PlanCheck.Require(network, plan, options.KeptWeights);
        var (moments, calibration) = plan.HasIntegers && options.Calibrate ? Calibrate(network) : (null, null);
        progress?.Report(new("quantize"));
        var weights = new List<WeightReport>();
        var pass = new QuantizeWeights(plan.Others, plan.Rows) { Kept = options.KeptWeights, Seen = weights.Add, Moments = moments is null ? null : moments.GetValueOrDefault };
        // Weights whose codes come out the same, or whose scales do, are stored once.
        var result = new PassManager(pass, new MergeEqualConstants(), new EliminateCommonSubexpressions(), new RemoveDeadLayers()).Run(network, new PassContext { Cancellation = cancel });
        WeightReport[] seen = [.. weights.DistinctBy(w => w.Name)];
        return new(WithFloor(result.Network), seen, calibration, result.Passes.First(p => p.Pass == pass.Name));
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
