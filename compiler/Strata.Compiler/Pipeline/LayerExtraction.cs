using Strata.Networks;

namespace Strata.Compiler.Pipeline;

/// <summary>Takes a single layer out of a network as a network of its own.</summary>
public static class LayerExtraction
{
    /// <summary>
    /// The network that computes one layer: the layer's operands that are computed elsewhere become inputs, its constants
    /// and results keep their names.
    /// </summary>
    public static Network Extract(Network network, Layer layer)
    {
        var builder = new NetworkBuilder(layer.Name.Length > 0 ? layer.Name : $"{network.Name}.{layer.Id}");
        var values = new Dictionary<Value, Value>(ReferenceEqualityComparer.Instance);
        foreach (var operand in layer.Inputs.OfType<Value>())
        {
            if (!values.ContainsKey(operand)) values[operand] = operand.Constant is { } constant ? builder.Constant(constant, operand.Name) : builder.Input(operand.Name, operand.Type);
        }
        var specs = layer.Outputs.Select(o => o is null ? (OutputSpec?)null : new OutputSpec(o.Name, o.Type)).ToArray();
        var copy = builder.Add(layer.Operator, [.. layer.Inputs.Select(i => i is null ? null : values[i])], specs, layer.Name);
        foreach (var output in copy.Outputs.OfType<Value>()) builder.Output(output.Name, output);
        return builder.Build();
    }

    /// <summary>Finds a layer by its number or its name; layers whose name is taken twice are found by number only.</summary>
    /// <exception cref="InvalidOptionException">There is no such layer, or several.</exception>
    public static Layer Find(Network network, string numberOrName)
    {
        var named = network.Layers.Where(l => l.Name == numberOrName).Take(2).ToArray();
        if (named.Length == 1) return named[0];
        if (int.TryParse(numberOrName, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int id) && id < network.Layers.Length) return network.Layers[id];
        if (named.Length > 1) throw new InvalidOptionException($"several layers are called '{numberOrName}'; give the number of one, such as {named[0].Id}");
        // A layer is also known by what it computes.
        if (network.Layers.FirstOrDefault(l => l.Outputs.Any(o => o?.Name == numberOrName)) is { } producer) return producer;
        throw new InvalidOptionException($"there is no layer '{numberOrName}'; layers are numbered 0 to {network.Layers.Length - 1}, 'strata inspect' lists their names");
    }
}
