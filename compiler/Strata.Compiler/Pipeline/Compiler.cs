using System.Diagnostics;
using Strata.Bitstream;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Pipeline;
using Strata.Compiler.Planning;
using Strata.Networks;
using Strata.Passes;

namespace Strata.Compiler;

/// <summary>Compiles ONNX models into encoded networks: what <c>strata compile</c> does, for programs.</summary>
public static class Compiler
{
    /// <summary>Compiles a model file. The result appears under its name once it is complete and verified.</summary>
    /// <exception cref="UnsupportedOperatorException">Lists every node that cannot be compiled.</exception>
    /// <exception cref="StrataException">The model is malformed or exceeds a limit.</exception>
    public static CompileReport Compile(string modelPath, string outputPath, CompileOptions? options = null, IProgress<CompileProgress>? progress = null, CancellationToken cancel = default)
    {
        using var model = OnnxModel.Load(modelPath);
        return Compile(model, outputPath, options, progress, cancel);
    }

    /// <summary>Compiles a model that is at hand. The result appears under its name once it is complete and verified.</summary>
    /// <inheritdoc cref="Compile(string, string, CompileOptions?, IProgress{CompileProgress}?, CancellationToken)" path="/exception"/>
    public static CompileReport Compile(OnnxModel model, string outputPath, CompileOptions? options = null, IProgress<CompileProgress>? progress = null, CancellationToken cancel = default) =>
        AtomicFile.Write(outputPath, path => new Job(model, options ?? new(), progress, cancel).Run(path));

    /// <summary>Compiles a model to a stream, which need not be seekable.</summary>
    /// <inheritdoc cref="Compile(string, string, CompileOptions?, IProgress{CompileProgress}?, CancellationToken)" path="/exception"/>
    public static CompileReport Compile(OnnxModel model, Stream output, CompileOptions? options = null, IProgress<CompileProgress>? progress = null, CancellationToken cancel = default)
    {
        // Verification reads back what was written, so it is written where that can be done.
        string path = Path.GetTempFileName();
        try
        {
            var report = new Job(model, options ?? new(), progress, cancel).Run(path);
            using var file = File.OpenRead(path);
            file.CopyTo(output);
            return report;
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>One compile, stage after stage.</summary>
    private sealed class Job(OnnxModel model, CompileOptions options, IProgress<CompileProgress>? progress, CancellationToken cancel)
    {
        private const double LeastMargin = 0.1;

        private readonly List<StageTime> stages = [];
        private readonly Stopwatch watch = Stopwatch.StartNew();

        public CompileReport Run(string path)
        {
            progress?.Report(new("import"));
            var imported = OnnxImporter.Import(model, new ImportOptions { Dims = options.Dims });
            NetworkVerifier.Verify(imported);
            int layers = imported.TotalLayerCount;
            End("import");

            var optimization = new Optimizer(options, progress, cancel).Run(imported);
            var network = optimization.Network;
            var (verification, passes) = (optimization.Verification, optimization.Passes);
            End("optimize");
            QuantizationResult? quantization = null;
            IReadOnlyList<WeightDamage> damages = [];
            if (options.IsLossy)
            {
                PassResult laidOut;
                var step = new WeightQuantization(options, progress, cancel);
                for (double margin = WeightQuantization.WidestMargin; ; margin /= 2)
                {
                    quantization = step.Run(optimization.Network, margin);
                    laidOut = Optimizer.Finish(options, quantization.Network, [.. optimization.Passes, quantization.Pass], new PassContext { Cancellation = cancel }, options.Allowed);
                    End("quantize");
                    if (options.Verify) verification = new Measurement(options, progress, cancel).Lossy(imported, laidOut.Network);
                    // An error is bounded on other inputs than those that it was planned on.
                    if (verification is not { Passed: false, Fidelity: not null } || options.Budget?.MaxError is null || margin < LeastMargin) break;
                }
                (network, passes) = (laidOut.Network, laidOut.Passes);
                if (options.Verify) damages = new Measurement(options, progress, cancel).Damages(optimization.Network, quantization.Network);
                End("measure");
            }

            EncodeReport encoding;
            using (var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite))
            {
                encoding = NetworkEncoder.Encode(network, file, new EncodeOptions
                {
                    Coding = options.Coding,
                    Source = options.Preserve ? all => OnnxPreservation.Write(model, all) : null,
                    Progress = new EncodeProgress(progress),
                }, cancel);
            }
            End("encode");

            using var encoded = EncodedNetwork.Open(path, new DecodeOptions { Threads = options.Threads });
            if (options.Verify) Verify(network, encoded);
            var stored = encoded.Layers.Prepend(encoded.Header).SelectMany(l => l.Constants).ToArray();
            var bytes = quantization is null ? [] : StoredWeights.BytesByName(encoded, quantization.Weights.Select(w => w.Name).ToHashSet(StringComparer.Ordinal));
            return new(network, layers, quantization is null ? "" : model.Sha256, model.FileBytes, encoding, quantization is null ? stored.Sum(c => (long)c.Constant.Count) : StoredWeights.ElementsOf(optimization.Network), stored.Sum(c => c.Bytes), passes, optimization.Allowed, verification, quantization?.Weights ?? [], bytes, damages, quantization?.Calibration, stages);
        }

        private void Verify(Network network, EncodedNetwork encoded)
        {
            progress?.Report(new("verify"));
            // Hashing reads every constant once, which checks its checksum, and keeps none.
            foreach (var constant in encoded.Constants)
            {
                cancel.ThrowIfCancellationRequested();
                _ = constant.Hash;
            }
            RoundTrip.CheckDecoded(network, encoded.Network);
            if (options.Preserve) RoundTrip.CheckPreserved(model, encoded);
            End("verify");
        }

        private void End(string stage)
        {
            cancel.ThrowIfCancellationRequested();
            stages.Add(new(stage, watch.Elapsed));
            watch.Restart();
        }
    }

    private sealed class EncodeProgress(IProgress<CompileProgress>? progress) : IProgress<(long Done, long Total)>
    {
        public void Report((long Done, long Total) value) => progress?.Report(new("encode", value.Total == 0 ? 1 : (double)value.Done / value.Total));
    }
}
