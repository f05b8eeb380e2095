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

    /// <summary>All inputs in order; those not given are random. Symbols come from the inputs given, then from <paramref name="dims"/>, else they are 1.</summary>
    public static RuntimeValue[] Complete(Network network, IReadOnlyDictionary<string, RuntimeValue> given, bool random, ulong seed, ImmutableDictionary<string, long> dims, Terminal terminal)
    {
        foreach (var input in network.Inputs)
        {
            if (!random && !given.ContainsKey(input.Name))
                throw new UsageException($"input '{input.Name}' : {input.Type} is not given; add --input {input.Name}=FILE, or --random for random inputs");
            if (input.Type is TensorType { Shape: { } shape } && given.GetValueOrDefault(input.Name) is Tensor tensor && shape.Rank == tensor.Rank) dims = Bind(input.Name, shape, tensor, dims);
        }
        if (given.Count < network.Inputs.Length)
        {
            string[] assumed = [.. RandomInputs.Symbols(network).Where(s => !dims.ContainsKey(s))];
            if (assumed.Length > 0) terminal.Note($"symbolic dimensions taken as 1 for random inputs: {string.Join(", ", assumed)} (choose with --dim {assumed[0]}=N)");
        }
        var values = RandomInputs.Create(network, seed, dims, given.Keys.ToHashSet(StringComparer.Ordinal));
        return [.. network.Inputs.Select((input, i) => given.GetValueOrDefault(input.Name) ?? values[i]!)];
    }

    /// <summary>The error of a run on random inputs, with what to do about it: random values do not suit every model.</summary>
    public static InvalidInputException Explain(InvalidInputException error, string remedy) =>
        new($"{error.Message} (the inputs were random, which does not suit every model: {remedy})", error);

    /// <summary>Runs something; where inputs are random, an error says so and what to do.</summary>
    public static T Explaining<T>(bool anyRandom, Func<T> run)
    {
        try
        {
            return run();
        }
        catch (InvalidInputException error) when (anyRandom)
        {
            throw Explain(error, "set dimensions with --dim, or give inputs with --input");
        }
    }

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
