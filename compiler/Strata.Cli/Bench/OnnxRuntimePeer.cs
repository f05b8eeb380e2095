using Strata.Networks;
using Strata.Tensors;
#if HAVE_ONNXRUNTIME
using Strata.OnnxRuntime;
#endif

namespace Strata.Cli.Bench;

/// <summary>ONNX Runtime as the peer of a benchmark, where this build has it.</summary>
internal static class OnnxRuntimePeer
{
    /// <summary>Why there is no peer, or null when there is.</summary>
    public static string? Absence =>
#if HAVE_ONNXRUNTIME
        null;
#else
        "ONNX Runtime is not part of this build; build Strata from source with it (compiler/Strata.OnnxRuntime)";
#endif

    /// <summary>Loads a model with the given inputs, in the order of a network's, and with as many threads.</summary>
    /// <exception cref="PeerException">ONNX Runtime does not take the model or the inputs.</exception>
    public static BenchSubject Load(string path, Network network, IReadOnlyList<RuntimeValue> inputs, int threads) =>
#if HAVE_ONNXRUNTIME
        Guard(() => new Subject(path, network, inputs, threads));

    private static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (error is OnnxRuntimeRefusedException or NotSupportedException)
        {
            throw new PeerException($"ONNX Runtime does not take part: {error.Message}", error);
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException or FileNotFoundException)
        {
            throw new PeerException("ONNX Runtime does not take part: its native library is missing", error);
        }
    }

    private sealed class Subject : BenchSubject
    {
        private readonly OnnxRuntimeSession session;
        private readonly OnnxRuntimeBinding binding;
        private readonly Network network;

        public Subject(string path, Network network, IReadOnlyList<RuntimeValue> inputs, int threads)
        {
            this.network = network;
            session = new(path, new OnnxRuntimeOptions { Threads = threads });
            try
            {
                RequireAll("input", session.InputNames, network.Inputs.Select(i => i.Name));
                RequireAll("output", network.Outputs.Select(o => o.Name), session.OutputNames);
                // An input that the model does without is not one of its session's.
                var given = network.Inputs.Zip(inputs).Where(p => session.InputNames.Contains(p.First.Name));
                binding = session.Bind(given.ToDictionary(p => p.First.Name, p => OnnxRuntimeValues.ToNative(p.Second), StringComparer.Ordinal), [.. network.Outputs.Select(o => o.Name)]);
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }

        public override string Engine => $"ONNX Runtime {OnnxRuntimeSession.Version}";

        public override void Run(CancellationToken cancel)
        {
            cancel.ThrowIfCancellationRequested();
            Guard<object?>(() =>
            {
                binding.Run();
                return null;
            });
        }

        public override IReadOnlyList<RuntimeValue> Outputs() => Guard<IReadOnlyList<RuntimeValue>>(() =>
        {
            var outputs = binding.Outputs();
            return [.. network.Outputs.Select(o => OnnxRuntimeValues.FromNative(outputs[o.Name]))];
        });

        private static void RequireAll(string what, IEnumerable<string> wanted, IEnumerable<string> known)
        {
            if (wanted.Except(known, StringComparer.Ordinal).FirstOrDefault() is { } missing) throw new PeerException($"ONNX Runtime does not take part: both models must have the same inputs and outputs, and one lacks {what} '{missing}'", null);
        }

        public override void Dispose()
        {
            binding.Dispose();
            session.Dispose();
        }
    }
#else
        throw new PeerException(Absence!, null);
#endif
}

/// <summary>The peer cannot run the model; the benchmark goes on without it.</summary>
internal sealed class PeerException(string message, Exception? inner) : Exception(message, inner);
