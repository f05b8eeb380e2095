using Microsoft.ML.OnnxRuntime;

namespace Strata.OnnxRuntime;

/// <summary>
/// A model in ONNX Runtime, on the CPU: the reference of tests and the peer of benchmarks.
/// Values are copied in and out. One session serves one thread at a time.
/// </summary>
public sealed class OnnxRuntimeSession : IDisposable
{
    private readonly InferenceSession _session;

    /// <summary>Loads a model file; external data is looked up beside it.</summary>
    /// <exception cref="OnnxRuntimeRefusedException">ONNX Runtime does not accept the model.</exception>
    public OnnxRuntimeSession(string modelPath, OnnxRuntimeOptions? options = null)
        : this(settings => new InferenceSession(modelPath, settings), options)
    {
    }

    /// <summary>Loads a model from memory; it must not refer to external data.</summary>
    /// <exception cref="OnnxRuntimeRefusedException">ONNX Runtime does not accept the model.</exception>
    public OnnxRuntimeSession(byte[] model, OnnxRuntimeOptions? options = null)
        : this(settings => new InferenceSession(model, settings), options)
    {
    }

    private OnnxRuntimeSession(Func<SessionOptions, InferenceSession> create, OnnxRuntimeOptions? options)
    {
        options ??= new OnnxRuntimeOptions();
        Silence();
        using var settings = new SessionOptions
        {
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = options.Optimization switch
            {
                OnnxRuntimeOptimization.None => GraphOptimizationLevel.ORT_DISABLE_ALL,
                OnnxRuntimeOptimization.Basic => GraphOptimizationLevel.ORT_ENABLE_BASIC,
                OnnxRuntimeOptimization.Extended => GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                _ => GraphOptimizationLevel.ORT_ENABLE_ALL,
            },
        };
        if (options.ExactByteProducts) settings.AddSessionConfigEntry("session.x64quantprecision", "1");
        _session = Guard(() => create(settings));
        InputNames = _session.InputNames;
        OutputNames = _session.OutputNames;
    }

    /// <summary>The version of the native library.</summary>
    public static string Version => OrtEnv.Instance().GetVersionString();

    /// <summary>The names of the model's inputs, in the model's order.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>The names of the model's outputs, in the model's order.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <summary>Runs the model once.</summary>
    /// <param name="inputs">Values by input name; inputs that the model holds a default for may be left out.</param>
    /// <param name="outputNames">The outputs to compute; null for all.</param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="OnnxRuntimeRefusedException">The inputs do not fit the model, or an operator failed.</exception>
    /// <exception cref="NotSupportedException">
    /// A value is of a type that the managed interface does not know: sparse, optional, complex, or an element of less than 16 bits
    /// that is not an 8-bit integer or a boolean.
    /// </exception>
    public IReadOnlyDictionary<string, OnnxRuntimeValue> Run(
        IReadOnlyDictionary<string, OnnxRuntimeValue> inputs,
        IReadOnlyList<string>? outputNames = null)
    {
        using OnnxRuntimeBinding binding = Bind(inputs, outputNames);
        binding.Run();
        return binding.Outputs();
    }

    /// <summary>Copies inputs in once, for any number of runs.</summary>
    /// <inheritdoc cref="Run"/>
    /// <returns>The inputs, ready to be run; the session must outlive them.</returns>
    public OnnxRuntimeBinding Bind(IReadOnlyDictionary<string, OnnxRuntimeValue> inputs, IReadOnlyList<string>? outputNames = null) =>
        new(_session, inputs, outputNames ?? OutputNames);

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    /// <summary>Errors arrive as exceptions; the native library must neither print them as well nor report on its use.</summary>
    private static void Silence()
    {
        OrtEnv environment = OrtEnv.Instance();
        environment.EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
        environment.DisableTelemetryEvents();
    }

    internal static T Guard<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxRuntimeRefusedException(e.Message, e);
        }
    }
}
