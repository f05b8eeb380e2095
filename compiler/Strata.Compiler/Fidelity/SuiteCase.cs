using System.Text.Json;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>A model with recorded inputs and outputs: a folder with <c>model.onnx</c> and <c>test_data_set_*</c>, ONNX's layout of backend tests.</summary>
public sealed class SuiteCase
{
    private readonly string folder;
    private readonly SuiteManifest manifest;

    private SuiteCase(string root, string folder, SuiteManifest manifest)
    {
        (this.folder, this.manifest) = (folder, manifest);
        Name = Path.GetRelativePath(root, folder).Replace('\\', '/');
        if (Name == ".") Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
    }

    /// <summary>The folder, relative to the suite's.</summary>
    public string Name { get; }

    /// <summary>The model file.</summary>
    public string ModelPath => Path.Combine(folder, "model.onnx");

    /// <summary>The folders of recorded data, in order.</summary>
    public IReadOnlyList<string> DataSets => [.. Directory.EnumerateDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal)];

    /// <summary>Every case below a folder, in order of its name.</summary>
    public static IReadOnlyList<SuiteCase> Find(string root)
    {
        var manifest = SuiteManifest.Load(root);
        return [.. Directory.EnumerateFiles(root, "model.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => new SuiteCase(root, Path.GetDirectoryName(path)!, manifest))];
    }

    /// <summary>Reads recorded inputs or outputs (<paramref name="kind"/> is <c>input</c> or <c>output</c>) of the given types; null where no file is.</summary>
    /// <exception cref="StrataFormatException">A file holds no value of its type.</exception>
    public static RuntimeValue?[] ReadValues(string dataSet, string kind, IReadOnlyList<NetworkType> types)
    {
        var values = new RuntimeValue?[types.Count];
        for (int i = 0; i < values.Length; i++)
        {
            string path = Path.Combine(dataSet, $"{kind}_{i}.pb");
            if (File.Exists(path)) values[i] = OnnxValues.Parse(File.ReadAllBytes(path), types[i], $"{Path.GetFileName(dataSet)}/{kind}_{i}.pb");
        }
        return values;
    }

    /// <summary>The tolerance of an output: the given one, unless the case or the suite records another.</summary>
    public Tolerance ToleranceOf(string output, Tolerance given)
    {
        if (manifest.SpreadOf(Name, output) is { } spread) return new(0, 0, Math.Max(1e-4, 4 * spread));
        string path = Path.Combine(folder, "data.json");
        if (!File.Exists(path)) return given;
        return SuiteJson.Read(path, root =>
        {
            return new Tolerance(Number("rtol") ?? given.Relative, Number("atol") ?? given.Absolute);

            double? Number(string key) => root.TryGetProperty(key, out var value) ? value.GetDouble() : null;
        });
    }
}

/// <summary>
/// An optional <c>manifest.json</c> of a suite: a list of objects with <c>name</c> and <c>onnxruntime_own_spread</c>, which says
/// per output how far the recording runtime's own result moves between its optimisation levels, relative to the output's
/// largest magnitude. Such an output may differ by max(1e-4, 4 × spread) of that magnitude.
/// </summary>
internal sealed class SuiteManifest
{
    private readonly Dictionary<(string Case, string Output), double> spreads = [];
    private readonly HashSet<string> cases = new(StringComparer.Ordinal);

    public static SuiteManifest Load(string root)
    {
        var manifest = new SuiteManifest();
        string path = Path.Combine(root, "manifest.json");
        if (!File.Exists(path)) return manifest;
        return SuiteJson.Read(path, root =>
        {
            foreach (var entry in root.EnumerateArray()) manifest.Add(entry);
            return manifest;
        });
    }

    private void Add(JsonElement entry)
    {
        if (!entry.TryGetProperty("name", out var name) || !entry.TryGetProperty("onnxruntime_own_spread", out var outputs) || outputs.ValueKind != JsonValueKind.Object) return;
        cases.Add(name.GetString()!);
        foreach (var output in outputs.EnumerateObject()) spreads[(name.GetString()!, output.Name)] = output.Value.GetProperty("relative_to_max").GetDouble();
    }

    public double? SpreadOf(string caseName, string output) => cases.Contains(caseName) ? spreads.GetValueOrDefault((caseName, output)) : null;
}

/// <summary>The JSON files of a suite.</summary>
internal static class SuiteJson
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="StrataFormatException">It is no JSON, or what is in it is not what is looked for.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(json.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new StrataFormatException($"{path}: not the JSON file of a suite: {error.Message} Correct or remove it.", error);
        }
    }
}
