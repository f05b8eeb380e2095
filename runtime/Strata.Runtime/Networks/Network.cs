using System.Collections.Immutable;
using Strata.Networks.Text;

namespace Strata.Networks;

/// <summary>An edge of a network: a network input, a constant, or an output of a layer.</summary>
public sealed class Value
{
    internal Value(string name, NetworkType type, Constant? constant = null) => (Name, Type, Constant) = (name, type, constant);

    /// <summary>The name, unique within its network.</summary>
    public string Name { get; }

    /// <summary>The type.</summary>
    public NetworkType Type { get; internal set; }

    /// <summary>The constant, when the value is one.</summary>
    public Constant? Constant { get; }

    /// <summary>The layer that computes the value, or null for inputs and constants.</summary>
    public Layer? Producer { get; internal set; }

    /// <summary>The type as a tensor type.</summary>
    /// <exception cref="InvalidNetworkException">The value is not a tensor.</exception>
    public TensorType TensorType => Type as TensorType ?? throw new InvalidNetworkException($"'{Name}' is {Type}, a tensor is needed");

    /// <inheritdoc/>
    public override string ToString() => $"%{TextQuoting.BareOrQuoted(Name)} : {Type}";
}

/// <summary>One operation of a network. Inputs and outputs may be null where the operator allows omission.</summary>
public sealed class Layer
{
    internal Layer(int id, string name, Operator op, ImmutableArray<Value?> inputs, ImmutableArray<Value?> outputs)
    {
        (Id, Name, Operator, Inputs, Outputs) = (id, name, op, inputs, outputs);
        foreach (var output in outputs) output?.Producer = this;
    }

    /// <summary>Position in execution order.</summary>
    public int Id { get; }

    /// <summary>The name, for people; may be empty, need not be unique.</summary>
    public string Name { get; }

    /// <summary>What the layer computes.</summary>
    public Operator Operator { get; }

    /// <summary>The operands; null for an omitted one.</summary>
    public ImmutableArray<Value?> Inputs { get; }

    /// <summary>The results; null for one that nobody wants.</summary>
    public ImmutableArray<Value?> Outputs { get; }
}

/// <summary>A result of a network under the name by which callers ask for it.</summary>
public readonly record struct NetworkOutput(string Name, Value Value);

/// <summary>Two dimensions that must agree in every run, and why.</summary>
public sealed record DimConstraint(Dim Left, Dim Right, string Reason);

/// <summary>
/// A neural network in static single assignment form: layers in execution order, each value defined once before its use.
/// Immutable once built (see <see cref="NetworkBuilder"/>).
/// </summary>
public sealed class Network
{
    internal Network(string name, ImmutableArray<Value> inputs, ImmutableArray<Value> constants, ImmutableArray<Layer> layers,
        ImmutableArray<NetworkOutput> outputs, ImmutableArray<DimConstraint> constraints, ImmutableSortedDictionary<string, string> metadata)
        => (Name, Inputs, Constants, Layers, Outputs, Constraints, Metadata) = (name, inputs, constants, layers, outputs, constraints, metadata);

    /// <summary>A network without anything: the attribute default of operators that have a body.</summary>
    public static Network Empty { get; } = new("", [], [], [], [], [], ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <summary>The name, for people.</summary>
    public string Name { get; }

    /// <summary>The inputs, in calling order.</summary>
    public ImmutableArray<Value> Inputs { get; }

    /// <summary>The values that are constants, in order of first use.</summary>
    public ImmutableArray<Value> Constants { get; }

    /// <summary>The layers in execution order.</summary>
    public ImmutableArray<Layer> Layers { get; }

    /// <summary>The outputs, in calling order.</summary>
    public ImmutableArray<NetworkOutput> Outputs { get; }

    /// <summary>Equalities between dimensions that could not be proved and are checked at run time.</summary>
    public ImmutableArray<DimConstraint> Constraints { get; }

    /// <summary>Free-form facts about the model (producer, licence, labels), by key.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; }

    /// <summary>The same network with other facts about the model.</summary>
    public Network WithMetadata(ImmutableSortedDictionary<string, string> metadata) => new(Name, Inputs, Constants, Layers, Outputs, Constraints, metadata);

    /// <summary>The same layers with other outputs: values that the network defines.</summary>
    public Network WithOutputs(ImmutableArray<NetworkOutput> outputs) => new(Name, Inputs, Constants, Layers, outputs, Constraints, Metadata);

    /// <summary>Layers here and in all nested networks.</summary>
    public int TotalLayerCount => Layers.Length + Layers.Sum(l => l.Operator.Bodies.Sum(b => b.TotalLayerCount));
}
