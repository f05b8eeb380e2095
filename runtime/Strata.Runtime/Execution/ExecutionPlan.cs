using System.Collections.Immutable;
using Strata.Kernels;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>What a plan counts on: the type of a value, its elements where they are fixed, and where it lies.</summary>
/// <param name="Type">The type; tensors have constant dimensions.</param>
/// <param name="Content">The elements, when every run of the plan has the same.</param>
/// <param name="IsAddressed">True when the value has an address, false when it is an object only.</param>
/// <param name="IsOfCaller">True when its memory is a network input's, which the caller may change between runs.</param>
internal sealed record ValueFact(NetworkType Type, Tensor? Content, bool IsAddressed, bool IsOfCaller);

/// <summary>Where an address comes from.</summary>
internal enum AddressBase
{
    /// <summary>The arena of the plan.</summary>
    Arena,
    /// <summary>Another value.</summary>
    Value,
    /// <summary>Memory that lives as long as the plan.</summary>
    Fixed,
}

/// <summary>The address that a value has while a plan runs: an offset in bytes from its base (from value <paramref name="Root"/>).</summary>
internal readonly record struct AddressRule(int Value, AddressBase Base, int Root, long Offset);

/// <summary>One step of a plan, which computes some layers, in order.</summary>
internal abstract record PlanStep(ImmutableArray<Layer> Layers)
{
    /// <summary>What computes the layers; null for a reference evaluation and where nothing is computed.</summary>
    public virtual string? KernelName => null;

    /// <summary>Values whose objects nobody needs after the step.</summary>
    public int[] Releases { get; set; } = [];
}

/// <summary>Runs a kernel on the values at <paramref name="Tensors"/> (−1: none), in the order of <see cref="KernelBuffers"/>.</summary>
internal sealed record KernelStep(ImmutableArray<Layer> Layers, KernelRow Row, IKernel Kernel, double Cost, ImmutableArray<int> Tensors) : PlanStep(Layers)
{
    /// <inheritdoc/>
    public override string KernelName => Row.Name;

    /// <summary>Parts of each phase.</summary>
    public int[] Parts { get; } = [.. Enumerable.Range(0, Kernel.Phases).Select(Kernel.Parts)];

    /// <summary>Where in the arena <see cref="IKernel.SharedBytes"/> lie.</summary>
    public long SharedOffset { get; set; }
}

/// <summary>Runs a layer on values as objects.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Inputs">Values; −1 for an omitted one.</param>
/// <param name="Outputs">Values; −1 for an unwanted one.</param>
/// <param name="Addressed">For each output whether its elements are also wanted at its address.</param>
internal abstract record ObjectStep(Layer Layer, ImmutableArray<int> Inputs, ImmutableArray<int> Outputs, bool[] Addressed) : PlanStep([Layer]);

/// <summary>Runs a layer by its reference evaluation.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Inputs">Values; −1 for an omitted one.</param>
/// <param name="Outputs">Values; −1 for an unwanted one.</param>
/// <param name="Addressed">For each output whether its elements are also wanted at its address.</param>
/// <param name="Reason">Why there is no kernel.</param>
internal sealed record ReferenceStep(Layer Layer, ImmutableArray<int> Inputs, ImmutableArray<int> Outputs, bool[] Addressed, string Reason) : ObjectStep(Layer, Inputs, Outputs, Addressed);

/// <summary>Runs the bodies of a layer, each by plans of its own.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Inputs">Values; −1 for an omitted one.</param>
/// <param name="Outputs">Values; −1 for an unwanted one.</param>
/// <param name="Addressed">For each output whether its elements are also wanted at its address.</param>
internal sealed record BodyStep(Layer Layer, ImmutableArray<int> Inputs, ImmutableArray<int> Outputs, bool[] Addressed) : ObjectStep(Layer, Inputs, Outputs, Addressed)
{
    /// <inheritdoc/>
    public override string KernelName => "bodies";
}

/// <summary>Copies elements to another address: from an address, or from the object of a value that has none.</summary>
internal sealed record CopyStep(int From, int To, long Bytes) : PlanStep([]);

/// <summary>An output of the network: the value that holds it.</summary>
internal readonly record struct PlanOutput(int Value, bool IsAddressed);

/// <summary>
/// The end of a plan before the end of the network: what follows depends on dimensions or on elements that only the run knows.
/// The rest is planned, and kept, per what they turn out to be.
/// </summary>
internal sealed class PlanBoundary(int nextLayer, IReadOnlyDictionary<Value, ValueFact> facts, ImmutableArray<Value> dimsOf, ImmutableArray<Value> contentsOf)
{
    private int contentPlans;

    /// <summary>Layers whose operands decide shapes are run by reference once as many plans were made for different elements.</summary>
    private const int MostContentPlans = 8;

    /// <summary>The first layer that is not planned.</summary>
    public int NextLayer => nextLayer;

    /// <summary>What is known of the values that the rest needs.</summary>
    public IReadOnlyDictionary<Value, ValueFact> Facts => facts;

    /// <summary>Values whose dimensions the run tells.</summary>
    public ImmutableArray<Value> DimsOf => dimsOf;

    /// <summary>Values whose elements decide shapes.</summary>
    public ImmutableArray<Value> ContentsOf => contentsOf;

    /// <summary>False once elements proved to change too often to plan for each.</summary>
    public bool PlansForContents => !contentsOf.IsEmpty && Volatile.Read(ref contentPlans) < MostContentPlans;

    /// <summary>Plans of the rest.</summary>
    public PlanCache Next { get; } = new();

    /// <summary>Counts a plan made for elements.</summary>
    public void CountContentPlan() => Interlocked.Increment(ref contentPlans);
}

/// <summary>
/// Everything that can be decided about a part of a network before it runs, for one class of shapes: kernels and what is
/// fused into them, where values lie, what is computed beforehand. Immutable; shared by the sessions of a model.
/// </summary>
internal sealed class ExecutionPlan
{
    /// <summary>The steps in order.</summary>
    public required ImmutableArray<PlanStep> Steps { get; init; }

    /// <summary>Addresses of values, in an order in which each base precedes what is based on it.</summary>
    public required AddressRule[] Addresses { get; init; }

    /// <summary>Dimensions and element types of the values that have addresses, by value.</summary>
    public required KernelOperand?[] Tensors { get; init; }

    /// <summary>Values whose elements are fixed, which reference evaluations or callers read.</summary>
    public required (int Value, Tensor Content)[] Constants { get; init; }

    /// <summary>Values of the plan: those of the network, then its own.</summary>
    public required int ValueCount { get; init; }

    /// <summary>Bytes of the arena.</summary>
    public required long ArenaBytes { get; init; }

    /// <summary>The layer whose results take most of the arena; null when it is empty.</summary>
    public required Layer? Largest { get; init; }

    /// <summary>Bytes of scratch per thread.</summary>
    public required long ScratchBytes { get; init; }

    /// <summary>The outputs of the network; empty before the last part of it.</summary>
    public required PlanOutput[] Outputs { get; init; }

    /// <summary>Layers that were computed while planning.</summary>
    public required int FoldedLayers { get; init; }

    /// <summary>What follows, or null at the end of the network.</summary>
    public required PlanBoundary? Boundary { get; init; }
}
