using Strata.Networks;
using Strata.Tensors;

namespace Strata.Tests.Properties;

/// <summary>Holds the static type of every value against what a run gives it: kinds, element types, ranks, the formula of each dimension.</summary>
internal sealed class TypeCheck
{
    private readonly Dictionary<string, long> symbols = new(StringComparer.Ordinal);

    public TypeCheck(Network network, IReadOnlyList<RuntimeValue?> inputs)
    {
        foreach (var (input, value) in network.Inputs.Zip(inputs)) Bind(input.Type, value!);
        foreach (var (input, value) in network.Inputs.Zip(inputs)) Check($"input '{input.Name}'", input.Type, value!);
    }

    /// <summary>The first contradiction, or null.</summary>
    public string? Problem { get; private set; }

    public void Observe(Layer layer, IReadOnlyList<RuntimeValue?> results)
    {
        // What is known only at run time is known from here on.
        for (int i = 0; i < layer.Outputs.Length; i++)
        {
            if (layer.Outputs[i] is { } output) Bind(output.Type, results[i]!);
        }
        for (int i = 0; i < layer.Outputs.Length; i++)
        {
            if (layer.Outputs[i] is { } output) Check($"layer {layer.Id} ({layer.Operator}), output {i} '{output.Name}'", output.Type, results[i]!);
        }
    }

    private void Bind(NetworkType type, RuntimeValue value)
    {
        if (type is not TensorType { Shape: { } shape } || value is not Tensor tensor || shape.Rank != tensor.Rank) return;
        for (int d = 0; d < shape.Rank; d++)
        {
            if (shape[d].SymbolName is { } symbol) symbols.TryAdd(symbol, tensor.Dims[d]);
        }
    }

    private void Check(string where, NetworkType type, RuntimeValue value)
    {
        if (Problem is null && !Fits(type, value)) Problem = $"{where} is declared {type} and is {value}, where {string.Join(", ", symbols.Select(s => $"{s.Key} = {s.Value}"))}";
    }

    private bool Fits(NetworkType type, RuntimeValue value) => (type, value) switch
    {
        (TensorType t, Tensor v) => t.ElementType == v.ElementType && (t.Shape is not { } shape || shape.Rank == v.Rank && Enumerable.Range(0, v.Rank).All(d => Known(shape[d]) is not { } size || size == v.Dims[d])),
        // Elements of one sequence may differ where their type has a symbol of its own.
        (SequenceType t, SequenceValue v) => v.Items.All(item => Fits(t.Element, item)),
        (OptionalType t, OptionalValue v) => v.Content is null || Fits(t.Element, v.Content),
        (OptionalType t, _) => Fits(t.Element, value),
        (MapType t, MapValue v) => t.Key == v.Keys.ElementType,
        _ => false,
    };

    private long? Known(Dim dim) => dim.Evaluate(s => symbols.TryGetValue(s, out long value) ? value : null);
}
