using Microsoft.ML.OnnxRuntime;

namespace Strata.OnnxRuntime;

/// <summary>Inputs in ONNX Runtime's own memory and the outputs of the last run there: nothing is copied between runs.</summary>
public sealed class OnnxRuntimeBinding : IDisposable
{
    private readonly InferenceSession _session;
    private readonly IReadOnlyList<string> _outputNames;
    private readonly Dictionary<string, OrtValue> _inputs = [];
    private readonly RunOptions _options = new();
    private IDisposableReadOnlyCollection<OrtValue>? _results;

    internal OnnxRuntimeBinding(InferenceSession session, IReadOnlyDictionary<string, OnnxRuntimeValue> inputs, IReadOnlyList<string> outputNames)
    {
        (_session, _outputNames) = (session, outputNames);
        try
        {
            foreach ((string name, OnnxRuntimeValue value) in inputs)
            {
                _inputs.Add(name, OnnxRuntimeSession.Guard(() => ValueConversion.ToNative(value)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs the model once.</summary>
    /// <exception cref="OnnxRuntimeRefusedException">The inputs do not fit the model, or an operator failed.</exception>
    public void Run()
    {
        _results?.Dispose();
        _results = null;
        _results = OnnxRuntimeSession.Guard(() => _session.Run(_options, _inputs, [.. _outputNames]));
    }

    /// <summary>Copies the outputs of the last run out, by name.</summary>
    /// <exception cref="InvalidOperationException">There was no run.</exception>
    /// <exception cref="NotSupportedException">An output is of a type that the managed interface does not know.</exception>
    public IReadOnlyDictionary<string, OnnxRuntimeValue> Outputs()
    {
        IReadOnlyList<OrtValue> results = _results ?? throw new InvalidOperationException("Run the model before reading its outputs.");
        var outputs = new Dictionary<string, OnnxRuntimeValue>(_outputNames.Count);
        for (int i = 0; i < _outputNames.Count; i++)
        {
            OrtValue result = results[i];
            outputs[_outputNames[i]] = OnnxRuntimeSession.Guard(() => ValueConversion.FromNative(result));
        }

        return outputs;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _results?.Dispose();
        _options.Dispose();
        foreach (OrtValue value in _inputs.Values)
        {
            value.Dispose();
        }
    }
}
