using System.Collections.Immutable;
using Strata.Bitstream;
using Strata.Compiler.Data;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Planning;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;

namespace Strata.Compiler;

/// <summary>How a model is compiled.</summary>
public sealed record CompileOptions
{
    /// <summary>Values for symbolic dimensions, by name.</summary>
    public ImmutableDictionary<string, long> Dims { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Runs no pass and also stores the ONNX model itself, so that decoding gives back the same nodes, names, metadata and byte-equal initializers.</summary>
    public bool Preserve { get; init; }

    /// <summary>How weights are stored; exactly in every way.</summary>
    public ConstantCoding Coding { get; init; }

    /// <summary>What passes may change about values.</summary>
    public ValueEffects Allowed { get; init; } = ValueEffects.Roundings | ValueEffects.NonFinite;

    /// <summary>How transposed convolutions are computed: as costs less in each run (and one layer in the file), by sub-filters that are layers of their own, or by scattering.</summary>
    public ConvTransposeMethod ConvTranspose { get; init; }

    /// <summary>How weights are quantised, after the passes; null keeps every bit of those that <see cref="Plan"/> does not name.</summary>
    public WeightScheme? Weights { get; init; }

    /// <summary>How weights are quantised one by one; null for all alike.</summary>
    public IReadOnlyList<WeightPlanRow>? Plan { get; init; }

    /// <summary>What the file may cost: weights that <see cref="Plan"/> does not name get the widths that hurt least within it; null for no bound.</summary>
    public WeightBudget? Budget { get; init; }

    /// <summary>True when weights are quantised.</summary>
    public bool IsLossy => Weights is not null || Plan is not null || Budget is not null;

    /// <summary>Names of weights, or of layers that use them, that are not quantised.</summary>
    public ImmutableHashSet<string> KeptWeights { get; init; } = [];

    /// <summary>What every output of a compile with quantised weights must reach; it is stored in the file.</summary>
    public FidelityFloor Floor { get; init; } = FidelityFloor.None;

    /// <summary>Rounds weights so that errors cancel on calibration inputs; otherwise each weight is rounded for itself.</summary>
    public bool Calibrate { get; init; } = true;

    /// <summary>A file or folder of recorded inputs (<see cref="RecordedData"/>): the even ones calibrate, the odd ones measure, where there are two; null for generated inputs.</summary>
    public string? Data { get; init; }

    /// <summary>How recorded pictures become inputs; null for <see cref="ImagePreparation.Default"/>.</summary>
    public ImagePreparation? Images { get; init; }

    /// <summary>Sets of generated inputs that calibrate.</summary>
    public int CalibrationInputs { get; init; } = 16;

    /// <summary>Most sets of inputs on which damages of single weights are measured.</summary>
    public int PlanningInputs { get; init; } = 4;

    /// <summary>Sets of generated inputs on which a compile with quantised weights is measured.</summary>
    public int MeasuredInputs { get; init; } = 8;

    /// <summary>The name of the last pass to run; null for all.</summary>
    public string? StopAfterPass { get; init; }

    /// <summary>The number of patches after which passes stop; null for no bound.</summary>
    public long? StopAfterPatch { get; init; }

    /// <summary>Sees the network after each pass that ran.</summary>
    public Action<IPass, Network>? AfterPass { get; init; }

    /// <summary>Measures the optimised network against the model on random inputs, decodes the result, and compares it with what was encoded.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Seed of the random inputs.</summary>
    public ulong Seed { get; init; }

    /// <summary>Most threads to use.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>What a compile is doing.</summary>
/// <param name="Stage">The stage: <c>import</c>, <c>optimize</c>, <c>calibrate</c>, <c>sensitivity</c>, <c>plan</c>, <c>quantize</c>, <c>measure</c>, <c>damage</c>, <c>encode</c>, <c>verify</c>.</param>
/// <param name="Fraction">How much of the stage is done, 0 to 1, where that is known.</param>
public readonly record struct CompileProgress(string Stage, double? Fraction = null);
