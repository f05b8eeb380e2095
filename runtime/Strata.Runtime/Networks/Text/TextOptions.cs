namespace Strata.Networks.Text;

/// <summary>How <see cref="NetworkPrinter"/> prints.</summary>
public sealed record PrintOptions
{
    /// <summary>Adds a comment with minimum, maximum and mean to constants that do not stand inline; materialises them.</summary>
    public bool Statistics { get; init; } = true;
}

/// <summary>How <see cref="NetworkParser"/> parses.</summary>
public sealed record ParseOptions
{
    /// <summary>The side store: finds the constants that stand as <c>@hash</c>.</summary>
    public Func<ContentHash, Constant?>? Constants { get; init; }

    /// <summary>
    /// When set, constants that the side store lacks get values drawn from this seed and the hash, instead of failing:
    /// for tests that need a network of some shape but not its weights.
    /// </summary>
    public ulong? FillSeed { get; init; }
}

/// <summary>A side store for the text form: the constants of a network that do not stand inline, by hash.</summary>
public sealed class ConstantStore
{
    private readonly Dictionary<ContentHash, Constant> constants = [];

    /// <summary>Collects from a network, everything nested in it, and the quantisations of its types.</summary>
    public static ConstantStore Of(Network network)
    {
        var store = new ConstantStore();
        store.Add(network);
        return store;
    }

    /// <summary>Finds a constant: usable as <see cref="ParseOptions.Constants"/>.</summary>
    public Constant? Find(ContentHash hash) => constants.GetValueOrDefault(hash);

    private void Add(Network network)
    {
        foreach (var input in network.Inputs) Add(input.Type);
        foreach (var value in network.Constants)
        {
            Add(value.Type);
            Add(value.Constant!);
        }
        var collector = new Collector(this);
        foreach (var layer in network.Layers)
        {
            foreach (var output in layer.Outputs) if (output is not null) Add(output.Type);
            layer.Operator.Walk(collector);
        }
    }

    private void Add(Constant constant)
    {
        if (constant.Count > Limits.InlineElements) constants.TryAdd(constant.Hash, constant);
        Add(constant.Type);
    }

    private void Add(NetworkType type)
    {
        switch (type)
        {
            case TensorType { Quantization: { } quantization }:
                Add(quantization.Scale);
                if (quantization.ZeroPoint is { } zeroPoint) Add(zeroPoint);
                break;
            case SequenceType sequence: Add(sequence.Element); break;
            case OptionalType optional: Add(optional.Element); break;
            case MapType map: Add(map.Value); break;
        }
    }

    private sealed class Collector(ConstantStore store) : AttributeWalker
    {
        public override Constant? Tensor(string name, Constant? value, int since = 1)
        {
            if (value is not null) store.Add(value);
            return value;
        }

        public override Network Network(string name, Network value, int since = 1)
        {
            store.Add(value);
            return value;
        }

        public override NetworkType? ValueType(string name, NetworkType? value, int since = 1)
        {
            if (value is not null) store.Add(value);
            return value;
        }
    }
}
