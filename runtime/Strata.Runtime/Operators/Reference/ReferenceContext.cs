using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates a nested network on its inputs; given by whoever runs the network.</summary>
public delegate IReadOnlyList<RuntimeValue?> BodyEvaluator(Network body, IReadOnlyList<RuntimeValue?> inputs);

/// <summary>What a reference evaluation sees: concrete inputs, the wanted outputs, a way to run bodies, and the bounds it must keep to.</summary>
/// <param name="inputs">The operands; null for an omitted one.</param>
/// <param name="outputTypes">The static types of the outputs; null for one that nobody wants.</param>
/// <param name="runBody">Evaluates a nested network.</param>
/// <param name="reserve">Told of working memory before it is allocated; throws when it is too much.</param>
/// <param name="cancel">Ends a long evaluation.</param>
public sealed class ReferenceContext(IReadOnlyList<RuntimeValue?> inputs, IReadOnlyList<NetworkType?> outputTypes, BodyEvaluator runBody, Action<long>? reserve = null, CancellationToken cancel = default)
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

    /// <summary>Ends the evaluation when the run is cancelled. Called by every loop that may go on for longer than its operands and results are large.</summary>
    public void Observe() => cancel.ThrowIfCancellationRequested();

    /// <summary>Claims working memory out of proportion to operands and results before it is allocated; it counts until the evaluation ends.</summary>
    /// <exception cref="ResourceLimitException">The run may not use so much.</exception>
    public void Reserve(long bytes) => reserve?.Invoke(bytes);

    /// <summary>Does independent pieces of work on all processors, until the run is cancelled.</summary>
    public void ForEach(int count, Action<int> piece)
    {
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancel }, i => piece(i));
        piece = null!; // threads keep the closure that they ran last, which must not keep the weights
    }

    /// <summary>The error for inputs that the operator cannot take; the caller adds the layer.</summary>
    public static InvalidInputException Fail(string sentence) => new(sentence);
}
