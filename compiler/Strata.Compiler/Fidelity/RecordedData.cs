using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>One set of recorded values: inputs and, perhaps, the outputs they gave; null where nothing is recorded.</summary>
public sealed record RecordedSet(string Name, IReadOnlyList<RuntimeValue?> Inputs, IReadOnlyList<RuntimeValue?> Outputs)
{
    /// <summary>True when at least one output is recorded.</summary>
    public bool HasOutputs => Outputs.Any(o => o is not null);
}

/// <summary>Recorded values in ONNX's layout: <c>test_data_set_*/input_i.pb</c> and <c>output_i.pb</c>, or these files in the folder itself.</summary>
public static class RecordedData
{
    /// <summary>Reads every set below a folder, in order.</summary>
    /// <exception cref="InvalidOptionException">The folder holds no such files.</exception>
    /// <exception cref="StrataFormatException">A file is malformed.</exception>
    public static IEnumerable<RecordedSet> Read(string folder, Network network)
    {
        if (!Directory.Exists(folder)) throw new InvalidOptionException($"there is no folder '{folder}'");
        string[] sets = [.. Directory.EnumerateDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal)];
        if (sets.Length == 0 && File.Exists(Path.Combine(folder, "input_0.pb"))) sets = [folder];
        if (sets.Length == 0) throw new InvalidOptionException($"'{folder}' holds neither test_data_set_* nor input_0.pb");
        return sets.Select(set => new RecordedSet(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(set)),
            SuiteCase.ReadValues(set, "input", [.. network.Inputs.Select(i => i.Type)]),
            SuiteCase.ReadValues(set, "output", [.. network.Outputs.Select(o => o.Value.Type)])));
    }
}
