namespace Strata.Networks;

/// <summary>Checks that a network obeys the network model: definitions before uses, closed bodies, types that the operators' rules confirm.</summary>
public static class NetworkVerifier
{
    /// <summary>Throws at the first broken rule.</summary>
    /// <exception cref="InvalidNetworkException">Names the layer and the rule.</exception>
    /// <exception cref="ResourceLimitException">Bodies nest deeper than <see cref="Limits.NestingDepth"/>.</exception>
    public static void Verify(Network network) => Verify(network, depth: 0);

    private static void Verify(Network network, int depth)
    {
        if (depth > Limits.NestingDepth) throw new ResourceLimitException($"network '{network.Name}': bodies nest deeper than {Limits.NestingDepth}");
        var inference = new TypeInference();
        var defined = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in network.Inputs) Define(input);
        foreach (var output in network.Layers.SelectMany(l => l.Outputs)) inference.Reserve(output?.Type);
        foreach (var constant in network.Constants)
        {
            if (constant.Constant is null) throw Fail($"'{constant.Name}' is listed as a constant but has none");
            Define(constant);
        }

        for (int i = 0; i < network.Layers.Length; i++)
        {
            var layer = network.Layers[i];
            if (layer.Id != i) throw Fail($"{Describe(layer)} has id {layer.Id} at position {i}");
            foreach (var operand in layer.Inputs)
            {
                if (operand is not null && !defined.Contains(operand)) throw Fail($"{Describe(layer)} uses '{operand.Name}' before its definition");
            }
            CheckTypes(layer, inference);
            foreach (var output in layer.Outputs)
            {
                if (output is null) continue;
                if (output.Producer != layer) throw Fail($"{Describe(layer)}: '{output.Name}' names another layer as its producer");
                Define(output);
            }
            foreach (var body in layer.Operator.Bodies) Verify(body, depth + 1);
        }
        foreach (var output in network.Outputs)
        {
            if (!defined.Contains(output.Value)) throw Fail($"output '{output.Name}' refers to a value that the network does not define");
        }

        void Define(Value value)
        {
            if (!defined.Add(value) || !names.Add(value.Name)) throw Fail($"'{value.Name}' is defined twice");
            if (HasNegative(value.Type)) throw Fail($"'{value.Name}' is of type {value.Type}; a dimension is never negative");
            inference.Reserve(value.Type);
        }

        InvalidNetworkException Fail(string sentence) => new($"network '{network.Name}': {sentence}");
    }

    private static bool HasNegative(NetworkType type) => type switch
    {
        TensorType tensor => tensor.Shape is { } shape && shape.Any(static d => d.Constant < 0),
        SequenceType sequence => HasNegative(sequence.Element),
        OptionalType optional => HasNegative(optional.Element),
        MapType map => HasNegative(map.Value),
        _ => false,
    };

    private static string Describe(Layer layer) => $"layer {layer.Id} '{layer.Name}' ({layer.Operator})";

    private static void CheckTypes(Layer layer, TypeInference inference)
    {
        var context = new InferenceContext(inference, layer.Inputs, layer.Outputs.Length);
        try
        {
            layer.Operator.Infer(context);
        }
        catch (InvalidNetworkException error)
        {
            throw new InvalidNetworkException($"{Describe(layer)}: {error.Message}", error);
        }
        for (int i = 0; i < layer.Outputs.Length; i++)
        {
            if (layer.Outputs[i] is not { } output) continue;
            inference.SetContents(output, context.OutputContent(i));
            if (!Compatible(output.Type, context.OutputType(i)))
                throw new InvalidNetworkException($"{Describe(layer)}: output {i} is declared {output.Type}, its rule gives {context.OutputType(i)}");
        }
    }

    /// <summary>True unless two types contradict each other: unknown ranks and symbolic dimensions are compatible with anything.</summary>
    public static bool Compatible(NetworkType a, NetworkType b) => (a, b) switch
    {
        (TensorType x, TensorType y) => x.ElementType == y.ElementType && Compatible(x.Shape, y.Shape),
        (SequenceType x, SequenceType y) => Compatible(x.Element, y.Element),
        (OptionalType x, OptionalType y) => Compatible(x.Element, y.Element),
        (MapType x, MapType y) => x.Key == y.Key && Compatible(x.Value, y.Value),
        _ => false,
    };

    private static bool Compatible(Shape? a, Shape? b) => a is null || b is null
        || a.Rank == b.Rank && a.Zip(b).All(p => p.First.Constant is not { } x || p.Second.Constant is not { } y || x == y);
}
