using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates a nested network on its inputs; given by whoever runs the network.</summary>
public delegate IReadOnlyList<RuntimeValue?> BodyEvaluator(Network body, IReadOnlyList<RuntimeValue?> inputs);

/// <summary>What a reference evaluation sees: concrete inputs, the wanted outputs, and a way to run bodies.</summary>
public sealed class ReferenceContext(IReadOnlyList<RuntimeValue?> inputs, IReadOnlyList<NetworkType?> outputTypes, BodyEvaluator runBody)
{
    /// <summary>Number of inputs, omitted ones included.</summary>
    public int InputCount => inputs.Count;

    /// <summary>Number of outputs the layer has.</summary>
    public int OutputCount => outputTypes.Count;

    /// <summary>True when the input is present.</summary>
    public bool Has(int index) => index < inputs.Count && inputs[index] is not null;

    /// <summary>An input of any kind.</summary>
    public RuntimeValue Value(int index) => Optional(index) ?? throw new InvalidInputException($"input {index} is missing");

    /// <summary>An input of any kind, or null when omitted.</summary>
    public RuntimeValue? Optional(int index) => index < inputs.Count ? inputs[index] : null;

    /// <summary>A required tensor input.</summary>
    public Tensor this[int index] => Value(index) as Tensor ?? throw new InvalidInputException($"input {index} must be a tensor");

    /// <summary>A tensor input, or null when omitted.</summary>
    public Tensor? Tensor(int index) => Has(index) ? this[index] : null;

    /// <summary>A required tensor input of one element.</summary>
    public Tensor One(int index) => this[index] is { Count: 1 } tensor ? tensor : throw new InvalidInputException($"input {index} must have one element, is {this[index]}");

    /// <summary>The static type of an output; null when nobody wants the output.</summary>
    public NetworkType? OutputType(int index) => index < outputTypes.Count ? outputTypes[index] : null;

    /// <summary>True when somebody uses the output.</summary>
    public bool Wants(int index) => OutputType(index) is not null;

    /// <summary>Runs a nested network; counts as a step and observes cancellation.</summary>
    public IReadOnlyList<RuntimeValue?> Run(Network body, IReadOnlyList<RuntimeValue?> bodyInputs) => runBody(body, bodyInputs);

    /// <summary>The error for inputs that the operator cannot take; the caller adds the layer.</summary>
    public static InvalidInputException Fail(string sentence) => new(sentence);
}
