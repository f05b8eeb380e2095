using System.Collections.Immutable;
using Strata.Compiler.Fidelity;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Models;

/// <summary>Inputs of a run: from files, or random where the user allows it.</summary>
internal static class RunInputs
{
    /// <summary>Reads <c>NAME=FILE</c>, <c>FILE.npz</c>, or, for a network with one input, <c>FILE</c>.</summary>
    public static Dictionary<string, RuntimeValue> Read(Network network, IEnumerable<string> arguments, Terminal terminal)
    {
        var given = new Dictionary<string, RuntimeValue>(StringComparer.Ordinal);
        foreach (string argument in arguments)
        {
            // Names of values may hold '=', so the longest name that fits counts.
            if (network.Inputs.Where(i => argument.StartsWith(i.Name + "=", StringComparison.Ordinal)).MaxBy(i => i.Name.Length) is { } input)
                Add(input.Name, ValueFile.Read(argument[(input.Name.Length + 1)..], input.Type, terminal));
            else if (argument.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) && !argument.Contains('='))
            {
                foreach (var (name, tensor) in ValueFile.ReadArchive(argument))
                {
                    if (network.Inputs.All(i => i.Name != name)) throw new UsageException($"{argument}: the network has no input '{name}'; it has {Names(network)}");
                    Add(name, tensor);
                }
            }
            else if (network.Inputs is [var only] && !argument.Contains('=')) Add(only.Name, ValueFile.Read(argument, only.Type, terminal));
            else throw new UsageException($"--input '{argument}': write NAME=FILE or FILE.npz, with NAME one of {Names(network)}");
        }
        return given;

        void Add(string name, RuntimeValue value)
        {
            if (!given.TryAdd(name, value)) throw new UsageException($"input '{name}' is given twice");
        }
    }

    /// <summary>
    /// Runs something on all inputs, in order; those not given are random. Symbolic dimensions come from the inputs given, then from
    /// <paramref name="dims"/>; for those left open, the first size that the run takes is noted.
    /// </summary>
    /// <param name="network">The network that has the inputs.</param>
    /// <param name="given">The inputs given, by name.</param>
    /// <param name="random">Whether others may be random.</param>
    /// <param name="seed">The seed of random ones.</param>
    /// <param name="dims">Values for symbolic dimensions.</param>
    /// <param name="remedy">What the user can do where random values do not suit the model.</param>
    /// <param name="terminal">Where notes go.</param>
    /// <param name="run">What to run; called again where it refuses the inputs.</param>
    /// <exception cref="UsageException">An input is not given, and none may be random.</exception>
    /// <exception cref="InvalidInputException">The run refuses the inputs.</exception>
    public static T Run<T>(Network network, IReadOnlyDictionary<string, RuntimeValue> given, bool random, ulong seed, ImmutableDictionary<string, long> dims, string remedy, Terminal terminal, Func<RuntimeValue[], T> run)
    {
        foreach (var input in network.Inputs)
        {
            if (!random && !given.ContainsKey(input.Name))
                throw new UsageException($"input '{input.Name}' : {input.Type} is not given; add --input {input.Name}=FILE, or --random for random inputs");
            if (input.Type is TensorType { Shape: { } shape } && given.GetValueOrDefault(input.Name) is Tensor tensor && shape.Rank == tensor.Rank) dims = Bind(input.Name, shape, tensor, dims);
        }
        if (given.Count == network.Inputs.Length) return run([.. network.Inputs.Select(input => given[input.Name])]);
        try
        {
            var (result, taken) = OpenDimensions.Fit(network, dims, OpenDimensions.ForRunning, all =>
            {
                var values = RandomInputs.Create(network, seed, all, given.Keys.ToHashSet(StringComparer.Ordinal));
                return run([.. network.Inputs.Select((input, i) => given.GetValueOrDefault(input.Name) ?? values[i]!)]);
            });
            if (taken.Count > 0) terminal.Note($"symbolic dimensions of random inputs: {string.Join(", ", taken.Select(t => $"{t.Name}={t.Size}"))} (choose with --dim)");
            return result;
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"{error.Message} (the inputs were random, which does not suit every model: {remedy})", error);
        }
    }

    /// <summary>What to do about random inputs where others can be given.</summary>
    public const string Remedy = "set dimensions with --dim, or give inputs with --input";

    /// <summary>What to do about them where recorded ones can be given.</summary>
    public const string RecordedRemedy = "set dimensions with --dim, or give recorded inputs with --data DIR";

    private static ImmutableDictionary<string, long> Bind(string input, Shape shape, Tensor tensor, ImmutableDictionary<string, long> dims)
    {
        for (int d = 0; d < shape.Rank; d++)
        {
            if (shape[d].SymbolName is not { } symbol) continue;
            if (!dims.TryGetValue(symbol, out long fixedTo)) dims = dims.Add(symbol, tensor.Dims[d]);
            else if (fixedTo != tensor.Dims[d]) throw new InvalidInputException($"input '{input}': dimension {d} ('{symbol}') is {tensor.Dims[d]}, elsewhere it is {fixedTo}");
        }
        return dims;
    }

    private static string Names(Network network) => string.Join(", ", network.Inputs.Select(i => i.Name));
}
