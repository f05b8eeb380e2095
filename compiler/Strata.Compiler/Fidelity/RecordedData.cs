using Strata.Compiler.Data;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>One set of recorded values: inputs and, perhaps, the outputs they gave; null where nothing is recorded.</summary>
public sealed record RecordedSet(string Name, IReadOnlyList<RuntimeValue?> Inputs, IReadOnlyList<RuntimeValue?> Outputs)
{
    /// <summary>True when at least one output is recorded.</summary>
    public bool HasOutputs => Outputs.Any(o => o is not null);
}

/// <summary>
/// Recorded values: ONNX's layout (<c>test_data_set_*/input_i.pb</c> and <c>output_i.pb</c>), or a file, or a folder of files, that each hold a set:
/// <c>.npz</c> with arrays named as inputs and outputs; for a network with one input, <c>.npy</c> (several sets along its first axis), <c>.pb</c>, or
/// pictures.
/// </summary>
public static class RecordedData
{
    private delegate IEnumerable<Func<RecordedSet>> Reader(string path, string name, Network network, ImagePreparation images);

    private static readonly Dictionary<string, Reader> Readers = new(StringComparer.OrdinalIgnoreCase)
    {
        [".npz"] = (path, name, network, _) => [() => OfArchive(path, name, network)],
        [".npy"] = (path, name, network, _) => OfArray(path, name, OnlyInput(name, network)).Select(load => Single(network, load)),
        [".pb"] = (path, name, network, _) => [Single(network, () => (name, OnnxValues.Parse(File.ReadAllBytes(path), OnlyInput(name, network).Type, name)))],
    };

    static RecordedData()
    {
        foreach (string extension in ImagePreparation.Extensions)
            Readers[extension] = (path, name, network, images) => [Single(network, () => (name, images.Read(File.ReadAllBytes(path), name, OnlyInput(name, network))))];
    }

    /// <summary>Finds every set of a file, or below a folder, in order of names; each is read when it is asked for.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="network">What the sets are for.</param>
    /// <param name="images">How pictures become inputs; null for <see cref="ImagePreparation.Default"/>.</param>
    /// <exception cref="InvalidOptionException">There is no such file or folder, or it holds nothing that is known.</exception>
    /// <exception cref="StrataFormatException">A file is malformed; also when a set is asked for.</exception>
    public static IReadOnlyList<RecordedSet> Read(string path, Network network, ImagePreparation? images = null)
    {
        var preparation = images ?? ImagePreparation.Default;
        if (File.Exists(path))
        {
            var reader = Readers.GetValueOrDefault(Path.GetExtension(path)) ?? throw new InvalidOptionException($"'{path}': recorded inputs are {Known}, not '{Path.GetExtension(path)}'");
            return new LoadedOnDemand<RecordedSet>([.. reader(path, Path.GetFileName(path), network, preparation)]);
        }
        if (!Directory.Exists(path)) throw new InvalidOptionException($"there is no file or folder '{path}'");
        string[] sets = [.. Directory.EnumerateDirectories(path, "test_data_set_*").Order(StringComparer.Ordinal)];
        if (sets.Length == 0 && File.Exists(Path.Combine(path, "input_0.pb"))) sets = [path];
        if (sets.Length > 0) return new LoadedOnDemand<RecordedSet>([.. sets.Select(set => (Func<RecordedSet>)(() => OfSet(set, network)))]);
        Func<RecordedSet>[] found = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Select(file => (Path: file, Name: Path.GetRelativePath(path, file).Replace('\\', '/'))).OrderBy(f => f.Name, StringComparer.Ordinal)
            .SelectMany(f => Readers.TryGetValue(Path.GetExtension(f.Path), out var reader) ? reader(f.Path, f.Name, network, preparation) : [])];
        if (found.Length == 0) throw new InvalidOptionException($"'{path}' holds neither test_data_set_* nor input_0.pb, nor files of {Known}");
        return new LoadedOnDemand<RecordedSet>(found);
    }

    private static string Known => string.Join(", ", Readers.Keys.Order(StringComparer.Ordinal));

    private static RecordedSet OfSet(string folder, Network network) => new(
        Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
        SuiteCase.ReadValues(folder, "input", [.. network.Inputs.Select(i => i.Type)]),
        SuiteCase.ReadValues(folder, "output", [.. network.Outputs.Select(o => o.Value.Type)]));

    private static RecordedSet OfArchive(string path, string name, Network network)
    {
        using var archive = File.OpenRead(path);
        var inputs = new RuntimeValue?[network.Inputs.Length];
        var outputs = new RuntimeValue?[network.Outputs.Length];
        foreach (var (array, tensor) in NpzFile.Read(archive, name, Limits.DefaultMaxMemory))
        {
            if (network.Inputs.Index().FirstOrDefault(i => i.Item.Name == array) is { Item: { } input } at) inputs[at.Index] = Converted(tensor, input.Type);
            else if (network.Outputs.Index().FirstOrDefault(o => o.Item.Name == array) is { Item.Value: { } output } to) outputs[to.Index] = Converted(tensor, output.Type);
            else throw new InvalidOptionException($"{name}: the network has no input or output '{array}'; inputs are {string.Join(", ", network.Inputs.Select(i => i.Name))}");
        }
        return new(name, inputs, outputs);
    }

    // An array of one axis more than the input holds a set per index; one of as many axes holds one per index, or per fixed batch, of the
    // first where the input takes no more: of vectors and matrices whose first axis is open, that axis may be a length.
    private static IEnumerable<Func<(string Name, RuntimeValue Value)>> OfArray(string path, string name, Value input)
    {
        using var file = File.OpenRead(path);
        var start = new byte[Math.Min(file.Length, NpyHeader.MaxBytes)];
        file.ReadExactly(start);
        var header = NpyHeader.Parse(start, name);
        var shape = (input.Type as TensorType)?.Shape;
        int[] dims = header.Dims;
        int? batch = shape is null || dims.Length == 0 ? null
            : dims.Length == shape.Rank + 1 ? 1
            : dims.Length == shape.Rank && (shape[0].Constant ?? (shape.Rank > 2 ? 1 : null)) is { } size && size > 0 && dims[0] > size && dims[0] % size == 0 ? (int)size : null;
        if (batch is not { } rows) return [() => (name, Converted(NpyFile.Read(File.ReadAllBytes(path), name), input.Type))];
        if (header.FortranOrder) throw new InvalidOptionException($"{name}: the array is in Fortran order; save it with numpy.ascontiguousarray to read sets from it");
        int[] set = dims.Length > shape!.Rank ? dims[1..] : [rows, .. dims[1..]];
        long bytes = (long)Tensor.CountOf(set) * header.Type.Size;
        if (header.DataOffset + bytes * (dims[0] / rows) != file.Length) throw new StrataFormatException($"{name}: {header.Type.Descriptor}[{string.Join(", ", dims)}] needs {bytes * (dims[0] / rows)} bytes of data, the file has {file.Length - header.DataOffset}");
        return Enumerable.Range(0, dims[0] / rows).Select(i => (Func<(string, RuntimeValue)>)(() => ($"{name}[{i}]", Converted(Part(i), input.Type))));

        Tensor Part(int index)
        {
            byte[] own = (header with { Dims = set }).ToBytes(), content = new byte[own.Length + bytes];
            own.CopyTo(content, 0);
            using var source = File.OpenRead(path);
            source.Seek(header.DataOffset + index * bytes, SeekOrigin.Begin);
            source.ReadExactly(content.AsSpan(own.Length));
            return NpyFile.Read(content, $"{name}[{index}]");
        }
    }

    // NumPy's floats are of 64 bits, and its integers too, unless asked otherwise.
    private static Tensor Converted(Tensor tensor, NetworkType type)
    {
        if (type is not TensorType { ElementType: var wanted } || wanted == tensor.ElementType) return tensor;
        if (wanted.IsFloat() && tensor.ElementType.IsFloat()) return Tensor.FromDoubles(wanted, tensor.Dims.AsSpan(), tensor.ToDoubles());
        if (!wanted.IsInteger() || !tensor.ElementType.IsInteger()) return tensor;
        var converted = Tensor.FromInt64s(wanted, tensor.Dims.AsSpan(), tensor.ToInt64s());
        return converted.ToInt64s().AsSpan().SequenceEqual(tensor.ToInt64s()) ? converted : tensor;
    }

    private static Value OnlyInput(string name, Network network) => network.Inputs is [var only] ? only
        : throw new InvalidOptionException($"{name} holds one value, the network has inputs {string.Join(", ", network.Inputs.Select(i => i.Name))}; record .npz files with an array for each");

    private static Func<RecordedSet> Single(Network network, Func<(string Name, RuntimeValue Value)> load) => () =>
    {
        var (name, value) = load();
        return new(name, [value], new RuntimeValue?[network.Outputs.Length]);
    };
}
