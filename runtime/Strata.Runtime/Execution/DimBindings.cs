using Strata.Networks;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>The values of dimension symbols in one run, found from the inputs; contradictions are errors naming both inputs.</summary>
internal sealed class DimBindings
{
    private readonly Dictionary<string, (long Value, string Source)> values = new(StringComparer.Ordinal);

    /// <summary>The value of a symbol, or null.</summary>
    public long? this[string symbol] => values.TryGetValue(symbol, out var bound) ? bound.Value : null;

    /// <summary>Checks inputs against the network's declaration and binds its symbols.</summary>
    /// <exception cref="InvalidInputException">A type, rank or dimension contradicts the declaration or another input.</exception>
    public static DimBindings Bind(Network network, IReadOnlyList<RuntimeValue?> inputs)
    {
        if (inputs.Count != network.Inputs.Length) throw new InvalidInputException($"the network takes {network.Inputs.Length} inputs, {inputs.Count} are given");
        var bindings = new DimBindings();
        for (int i = 0; i < inputs.Count; i++)
        {
            string name = network.Inputs[i].Name;
            bindings.BindSymbols(name, network.Inputs[i].Type, inputs[i] ?? throw new InvalidInputException($"input '{name}' is missing"));
        }
        for (int i = 0; i < inputs.Count; i++)
        {
            if (network.Inputs[i].Type is TensorType { Shape: { } shape } && inputs[i] is Tensor tensor) bindings.Check(network.Inputs[i].Name, shape, tensor);
        }
        foreach (var constraint in network.Constraints)
        {
            if (constraint.Left.Evaluate(s => bindings[s]) is { } left && constraint.Right.Evaluate(s => bindings[s]) is { } right && left != right)
                throw new InvalidInputException($"{constraint.Reason}: {constraint.Left} = {left}, {constraint.Right} = {right}");
        }
        return bindings;
    }

    private void BindSymbols(string name, NetworkType type, RuntimeValue value)
    {
        if (type is not TensorType declared)
        {
            bool fits = (type, value) is (SequenceType, SequenceValue) or (OptionalType, _) or (MapType, MapValue);
            if (!fits) throw new InvalidInputException($"input '{name}' must be {type}");
            return;
        }
        if (value is not Tensor tensor || tensor.ElementType != declared.ElementType || declared.Rank is { } rank && rank != tensor.Rank)
            throw new InvalidInputException($"input '{name}' must be {declared}, is {value}");
        if (declared.Shape is null) return;
        for (int d = 0; d < tensor.Rank; d++)
        {
            if (declared.Shape[d].SymbolName is not { } symbol) continue;
            if (!values.TryGetValue(symbol, out var bound)) values[symbol] = (tensor.Dims[d], name);
            else if (bound.Value != tensor.Dims[d])
                throw new InvalidInputException($"dimension '{symbol}' is {bound.Value} in input '{bound.Source}' and {tensor.Dims[d]} in input '{name}'");
        }
    }

    private void Check(string name, Shape shape, Tensor tensor)
    {
        for (int d = 0; d < tensor.Rank; d++)
        {
            if (shape[d].Evaluate(s => this[s]) is { } expected && expected != tensor.Dims[d])
                throw new InvalidInputException($"input '{name}': dimension {d} must be {shape[d]}{(shape[d].Constant is null ? $" = {expected}" : "")}, is {tensor.Dims[d]}");
        }
    }
}
