using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Compiler.Fidelity;

/// <summary>
/// Sizes for symbolic dimensions that the caller leaves open. Sizes and indices must fit together, so that random inputs
/// of one size do not suit every model: several are tried.
/// </summary>
public static class OpenDimensions
{
    /// <summary>What is tried where a difference should show: several of everything first.</summary>
    public static IReadOnlyList<long> ForMeasuring { get; } = [2, 1, 16, 64, 224];

    /// <summary>What is tried where a model is just run: one of everything first.</summary>
    public static IReadOnlyList<long> ForRunning { get; } = [1, 2, 16, 64, 224];

    /// <summary>What is tried where data should look like data: sequences and pictures of some length.</summary>
    public static IReadOnlyList<long> ForCalibrating { get; } = [64, 128, 224, 16, 2, 1];

    // Where no size suits: lengths of signals are long, and batches need not be.
    private const long Longest = 1024;

    /// <summary>Runs something with the first sizes that it takes.</summary>
    /// <param name="network">The network whose inputs are random.</param>
    /// <param name="dims">The values of dimensions that are not open.</param>
    /// <param name="sizes">The sizes to try, in order, for all open dimensions alike.</param>
    /// <param name="run">Runs with values for all dimensions.</param>
    /// <param name="largestBatch">The largest size of a dimension that is the first of inputs only.</param>
    /// <returns>What it gave, and the sizes of the open dimensions.</returns>
    /// <exception cref="InvalidInputException">No sizes suit; it is the error of the first.</exception>
    public static (T Result, IReadOnlyList<(string Name, long Size)> Taken) Fit<T>(Network network, ImmutableDictionary<string, long> dims, IReadOnlyList<long> sizes, Func<ImmutableDictionary<string, long>, T> run, long largestBatch = long.MaxValue)
    {
        string[] open = [.. RandomInputs.Symbols(network).Where(s => !dims.ContainsKey(s))];
        if (open.Length == 0) return (run(dims), []);
        var leading = Leading(network);
        InvalidInputException? first = null;
        foreach (var (size, batch) in sizes.Select(s => (s, Math.Min(s, largestBatch))).Append((Longest, 1)))
        {
            (string Name, long Size)[] taken = [.. open.Select(name => (name, leading.Contains(name) ? batch : size))];
            try
            {
                return (run(dims.SetItems(taken.Select(t => KeyValuePair.Create(t.Name, t.Size)))), taken);
            }
            catch (InvalidInputException error)
            {
                first ??= error;
            }
        }
        throw new InvalidInputException($"{first!.Message} ({string.Join(", ", open)} taken as {sizes[0]}; {string.Join(", ", sizes.Skip(1).Append(Longest))} do not suit either)", first);
    }

    // Symbols that are the first dimension of inputs and none of the others.
    private static HashSet<string> Leading(Network network)
    {
        Shape[] shapes = [.. network.Inputs.Select(i => (i.Type as TensorType)?.Shape).OfType<Shape>()];
        var leading = shapes.SelectMany(s => s.Take(1)).SelectMany(d => d.Symbols).ToHashSet(StringComparer.Ordinal);
        leading.ExceptWith(shapes.SelectMany(s => s.Skip(1)).SelectMany(d => d.Symbols));
        return leading;
    }
}
