using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Passes;

/// <summary>What the operators' rules know of the elements of small integer tensors in a network.</summary>
internal sealed class NetworkContents
{
    private readonly NetworkBuilder builder;
    private readonly Dictionary<Value, Value> map = new(ReferenceEqualityComparer.Instance);

    public NetworkContents(Network network)
    {
        builder = new NetworkBuilder(network.Name, RewriteContext.SymbolsOf(network));
        foreach (var input in network.Inputs) map[input] = builder.Input(input.Name, input.Type);
        foreach (var constant in network.Constants) map[constant] = builder.Constant(constant.Constant!, constant.Name);
        foreach (var layer in network.Layers) Add(layer);
    }

    /// <summary>The elements as dimensions, in row-major order, where known.</summary>
    public ImmutableArray<Dim>? Of(Value? value) => value is null ? null : builder.ContentsOf(map[value]);

    /// <summary>The elements where all are numbers.</summary>
    public long[]? NumbersOf(Value? value) => Of(value) is { } contents && contents.All(d => d.Constant is not null) ? [.. contents.Select(d => d.Constant!.Value)] : null;

    private void Add(Layer layer)
    {
        Value?[] operands = [.. layer.Inputs.Select(i => i is null ? null : map[i])];
        var specs = layer.Outputs.Select(o => o is null ? (OutputSpec?)null : new OutputSpec(o.Name, o.Type)).ToArray();
        Layer added;
        try
        {
            added = builder.Refine(layer.Operator, operands, specs, layer.Name);
        }
        catch (InvalidNetworkException)
        {
            // A layer that can only fail says nothing of its results.
            added = builder.Add(layer.Operator, operands, specs, layer.Name);
        }
        foreach (var (old, output) in layer.Outputs.Zip(added.Outputs))
        {
            if (old is not null) map[old] = output!;
        }
    }
}
