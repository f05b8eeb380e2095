using System.Collections.Immutable;
using Strata.Kernels;
using Strata.Networks;
using Strata.Operators;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>
/// A layer with concrete types; dynamic when the dimensions of a result are known only after it has run. Null stands for
/// omitted operands, unwanted results, and what is no tensor.
/// </summary>
internal sealed record WalkedLayer(Layer Layer, KernelOperand?[] Inputs, KernelOperand?[] Outputs, bool IsDynamic)
{
    /// <summary>True when everything that the layer takes and gives is a tensor with an address.</summary>
    public bool IsAddressable { get; } = !IsDynamic && Layer.Inputs.Zip(Inputs).Concat(Layer.Outputs.Zip(Outputs))
        .All(p => p.First is null || p.Second is { Type: not ElementType.String });
}

/// <summary>
/// Follows a network layer by layer with concrete input shapes: gives each layer concrete types, computes beforehand what
/// does not depend on the inputs' elements, and stops where only the run can tell how large a result is.
/// </summary>
internal sealed class NetworkWalk
{
    // Results that are computed while planning, for each class of shapes anew, have at most so many elements.
    private const int MostFoldedElements = 1 << 16;

    // Operators of which small operands decide the shape of the result.
    private static readonly HashSet<Type> ReadContents =
    [
        typeof(Reshape), typeof(Expand), typeof(Tile), typeof(Slice), typeof(Pad), typeof(NumberRange), typeof(ConstantOfShape), typeof(Resize), typeof(Split),
        typeof(Squeeze), typeof(Unsqueeze), typeof(OneHot), typeof(TopK), typeof(CenterCropPad), typeof(CropAndResize), typeof(MaxUnpool), typeof(Col2Im), typeof(AffineGrid),
        typeof(ReduceMax), typeof(ReduceMean), typeof(ReduceMin), typeof(ReduceProd), typeof(ReduceSum), typeof(ReduceL1), typeof(ReduceL2),
        typeof(ReduceLogSum), typeof(ReduceLogSumExp), typeof(ReduceSumSquare), typeof(Dft), typeof(Stft),
    ];

    private readonly NetworkPlans owner;
    private readonly TypeInference inference = new();
    private readonly Dictionary<Value, Value> concrete = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, Tensor> contents = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Value> weights = new(ReferenceEqualityComparer.Instance);
    private readonly List<WalkedLayer> layers = [];

    private NetworkWalk(NetworkPlans owner) => this.owner = owner;

    /// <summary>The layers that remain to be run, in order.</summary>
    public IReadOnlyList<WalkedLayer> Layers => layers;

    /// <summary>Layers that were computed.</summary>
    public int FoldedLayers { get; private set; }

    /// <summary>The first layer that was not reached.</summary>
    public int NextLayer { get; private set; }

    /// <summary>Values whose dimensions must be known to go on.</summary>
    public ImmutableArray<Value> DimsOf { get; private set; } = [];

    /// <summary>Values whose elements must be known to go on.</summary>
    public ImmutableArray<Value> ContentsOf { get; private set; } = [];

    /// <summary>The elements of a value where every run has the same; null for network constants, which have a handle.</summary>
    public Tensor? ContentOf(Value value) => contents.GetValueOrDefault(value);

    /// <summary>The concrete type of a value.</summary>
    public NetworkType TypeOf(Value value) => Concrete(value).Type;

    /// <summary>A value as kernels are made for it; null for what is no tensor of known dimensions.</summary>
    public KernelOperand? OperandOf(Value? value) => Operand(value);

    /// <summary>Walks from a layer on.</summary>
    /// <param name="owner">The network's plans.</param>
    /// <param name="first">The layer to start with.</param>
    /// <param name="facts">Types, and elements where fixed, of the values defined before it.</param>
    /// <param name="plansForContents">False when the first layer is to be run whatever its operands hold.</param>
    /// <exception cref="InvalidInputException">The shapes break a layer's rules.</exception>
    public static NetworkWalk Follow(NetworkPlans owner, int first, IReadOnlyDictionary<Value, ValueFact> facts, bool plansForContents)
    {
        var walk = new NetworkWalk(owner);
        foreach (var (value, fact) in facts) walk.Define(value, fact.Type, fact.Content);
        int next = first;
        while (next < owner.Network.Layers.Length && walk.Follow(owner.Network.Layers[next], plansForContents || next > first)) next++;
        walk.NextLayer = walk.ContentsOf.IsEmpty ? Math.Min(next + 1, owner.Network.Layers.Length) : next;
        return walk;
    }

    // False where the walk ends: before the layer when it needs elements, else after it.
    private bool Follow(Layer layer, bool plansForContents)
    {
        ImmutableArray<Value?> inputs = [.. layer.Inputs.Select(v => v is null ? null : Concrete(v))];
        var context = new InferenceContext(inference, inputs, layer.Outputs.Length);
        try
        {
            layer.Operator.Infer(context);
        }
        catch (InvalidNetworkException error)
        {
            throw new InvalidInputException($"layer '{layer.Name}' ({layer.Operator}): {error.Message}", error);
        }
        bool dynamic = Enumerable.Range(0, layer.Outputs.Length).Any(i => layer.Outputs[i] is not null && context.OutputType(i) is TensorType { Shape: null or { Constant: null } });
        if (dynamic && plansForContents && ReadContents.Contains(layer.Operator.GetType()))
        {
            ContentsOf = [.. layer.Inputs.Where(v => v is not null && IsUnknownAndSmall(v)).Select(v => v!).Distinct()];
            if (!ContentsOf.IsEmpty) return false;
        }
        if (!dynamic && Fold(layer, inputs, context)) return true;

        for (int i = 0; i < layer.Outputs.Length; i++)
        {
            if (layer.Outputs[i] is not { } output) continue;
            Define(output, context.OutputType(i), null);
            if (!dynamic) inference.SetContents(Concrete(output), context.OutputContent(i));
        }
        layers.Add(new(layer, [.. layer.Inputs.Select(Operand)], dynamic ? new KernelOperand?[layer.Outputs.Length] : [.. layer.Outputs.Select(Operand)], dynamic));
        if (dynamic) DimsOf = [.. layer.Outputs.Where(o => o is not null).Select(o => o!)];
        return !dynamic;
    }

    private bool IsUnknownAndSmall(Value value) =>
        Concrete(value) is { Constant: null, Type: TensorType { ElementType: not ElementType.String, Shape: { Constant: { } dims } } } && Tensor.CountOf(dims) <= Limits.InlineElements;

    private Value Concrete(Value value) => value.Constant is null ? concrete[value] : value;

    private void Define(Value value, NetworkType type, Tensor? content)
    {
        if (content is not null) contents[value] = content;
        concrete[value] = new Value(value.Name, type, content is null ? null : owner.HandleOf(content));
    }

    private KernelOperand? Operand(Value? value) => value is not null && Concrete(value) is { Type: TensorType { Shape: { Constant: { } dims } } type } known
        ? new KernelOperand(type.ElementType, dims, known.Constant)
        : null;

    private bool Fold(Layer layer, ImmutableArray<Value?> inputs, InferenceContext context)
    {
        var outputs = Computed(layer, inputs, context);
        if (outputs is null) return false;
        for (int i = 0; i < layer.Outputs.Length; i++)
        {
            if (layer.Outputs[i] is { } output) Define(output, context.OutputType(i), outputs[i]);
        }
        FoldedLayers++;
        return true;
    }

    // The results of a layer when they follow from shapes and constants, and there is a point in knowing them now.
    private Tensor?[]? Computed(Layer layer, ImmutableArray<Value?> inputs, InferenceContext context)
    {
        if (layer.Operator is RandomDraw or Dropout || !layer.Operator.Bodies.IsEmpty) return null;
        if (inputs.Any(v => v is { Constant: null })) return ByContents(layer, context);
        for (int i = 0; i < layer.Outputs.Length; i++)
        {
            if (layer.Outputs[i] is not null && context.OutputType(i) is not TensorType) return null;
        }
        bool ofWeights = layer.Inputs.All(v => v is null || v.Constant is not null || weights.Contains(v));
        if (ofWeights) weights.UnionWith(layer.Outputs.Where(o => o is not null)!);
        else if (Enumerable.Range(0, layer.Outputs.Length).Any(i => layer.Outputs[i] is not null && Tensor.CountOf(((TensorType)context.OutputType(i)).Shape!.Constant) > MostFoldedElements)) return null;
        return owner.Compute(layer, [.. inputs.Select(v => v?.Constant)], ofWeights);
    }

    private static Tensor?[]? ByContents(Layer layer, InferenceContext context)
    {
        var results = new Tensor?[layer.Outputs.Length];
        for (int i = 0; i < results.Length; i++)
        {
            if (layer.Outputs[i] is null) continue;
            if (context.OutputContent(i) is not { } dims || context.OutputType(i) is not TensorType { Shape: { } shape } type || dims.Any(d => d.Constant is null)) return null;
            if (shape.Count.Constant != dims.Length) return null;
            results[i] = Tensor.FromInt64s(type.ElementType, shape.Constant, [.. dims.Select(d => d.Constant!.Value)]);
        }
        return results;
    }
}
