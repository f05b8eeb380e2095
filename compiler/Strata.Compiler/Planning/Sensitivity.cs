using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Compiler.Planning;
using Strata.Networks;

namespace Strata.Compiler;

/// <summary>Measures how much a model's outputs depend on the bits of its weights: what <c>strata sensitivity</c> does, for programs.</summary>
public static class Sensitivity
{
    /// <summary>Measures every way to store every weight, as the passes of a compile leave it, one at a time.</summary>
    /// <exception cref="UnsupportedOperatorException">Lists every node that cannot be compiled.</exception>
    /// <exception cref="StrataException">The model is malformed or exceeds a limit.</exception>
    public static SensitivityReport Measure(OnnxModel model, CompileOptions? options = null, IProgress<CompileProgress>? progress = null, CancellationToken cancel = default)
    {
        options ??= new();
        progress?.Report(new("import"));
        var imported = OnnxImporter.Import(model, new ImportOptions { Dims = options.Dims });
        NetworkVerifier.Verify(imported);
        // Verified too, so that a compile of the plan sees the same network.
        var network = new Optimizer(options, progress, cancel).Run(imported).Network;
        var (moments, _) = options.Calibrate ? new WeightQuantization(options, progress, cancel).Calibrate(network) : (null, null);
        return new SensitivityAnalysis(options, moments is null ? null : moments.GetValueOrDefault, progress, cancel).Measure(network, _ => PlanChoices.All);
    }
}
