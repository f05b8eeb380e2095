using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Strata.Tensors;

namespace Strata.Networks;

/// <summary>
/// What the shape rule of one layer sees: input types, constants, and, for small integer tensors, the symbolic contents
/// that carry shapes through <c>Shape → Gather → Concat → Reshape</c> chains. Collects output types.
/// </summary>
public sealed class InferenceContext
{
    private readonly TypeInference inference;
    private readonly ImmutableArray<Value?> inputs;
    private readonly NetworkType?[] outputTypes;
    private readonly ImmutableArray<Dim>?[] outputContents;

    internal InferenceContext(TypeInference inference, ImmutableArray<Value?> inputs, int outputCount)
    {
        (this.inference, this.inputs) = (inference, inputs);
        (outputTypes, outputContents) = (new NetworkType?[outputCount], new ImmutableArray<Dim>?[outputCount]);
    }

    /// <summary>Number of inputs, omitted ones included.</summary>
    public int InputCount => inputs.Length;

    /// <summary>Number of outputs the layer has, unwanted ones included.</summary>
    public int OutputCount => outputTypes.Length;

    /// <summary>True when the input is present.</summary>
    public bool Has(int index) => index < inputs.Length && inputs[index] is not null;

    /// <summary>The type of a required input.</summary>
    public NetworkType Type(int index) => Has(index) ? inputs[index]!.Type : throw Fail($"input {index} is missing");

    /// <summary>The type of a required tensor input.</summary>
    public TensorType Input(int index) => Type(index) as TensorType ?? throw Fail($"input {index} must be a tensor, is {Type(index)}");

    /// <summary>The constant behind an input, or null.</summary>
    public Constant? Constant(int index) => Has(index) ? inputs[index]!.Constant : null;

    /// <summary>The elements of a constant integer input of at most <see cref="Limits.InlineElements"/> elements, or null.</summary>
    public long[]? ConstantInts(int index)
    {
        if (Contents(index) is not { } contents) return null;
        var result = new long[contents.Length];
        for (int i = 0; i < result.Length; i++)
        {
            if (contents[i].Constant is not { } value) return null;
            result[i] = value;
        }
        return result;
    }

    /// <summary>The elements of a small integer tensor (rank 0 or 1) as dimensions, where known.</summary>
    public ImmutableArray<Dim>? Contents(int index) => Has(index) && inputs[index]!.Type is TensorType { Rank: <= 1 } ? Elements(index) : null;

    /// <summary>The elements, in row-major order, of a small integer tensor of any rank whose shape is constant, as dimensions, where known.</summary>
    public ImmutableArray<Dim>? Elements(int index) => Has(index) ? inference.ContentsOf(inputs[index]!) : null;

    /// <summary>Sets the type of an output.</summary>
    public void Output(int index, NetworkType type)
    {
        if (index < outputTypes.Length) outputTypes[index] = type;
    }

    /// <summary>Sets the type of an output from element type and shape.</summary>
    public void Output(int index, ElementType type, Shape? shape) => Output(index, new TensorType(type, shape));

    /// <summary>States the elements of an integer output, in row-major order.</summary>
    public void OutputContents(int index, ImmutableArray<Dim>? contents)
    {
        if (index < outputContents.Length && contents is { Length: <= Limits.InlineElements }) outputContents[index] = contents;
    }

    /// <summary>A new symbol for a dimension known only at run time.</summary>
    public Dim Fresh() => inference.Fresh();

    /// <summary>A shape of the given rank with fresh dimensions.</summary>
    public Shape FreshShape(int rank)
    {
        var dims = new Dim[rank];
        for (int i = 0; i < rank; i++) dims[i] = Fresh();
        return Shape.Create(dims);
    }

    /// <summary>Demands that two dimensions agree: proved, or recorded as a constraint checked in each run. Returns the better known one.</summary>
    public Dim Same(Dim a, Dim b, string reason) => inference.Same(a, b, reason, this);

    /// <summary>The shape to which two shapes broadcast by ONNX's (NumPy's) rule; null when either is unranked.</summary>
    public Shape? Broadcast(Shape? a, Shape? b)
    {
        if (a is null || b is null) return null;
        var dims = new Dim[Math.Max(a.Rank, b.Rank)];
        for (int i = 1; i <= dims.Length; i++)
        {
            Dim x = i <= a.Rank ? a[a.Rank - i] : Dim.One, y = i <= b.Rank ? b[b.Rank - i] : Dim.One;
            if (x.Equals(y) || y.Is(1)) dims[^i] = x;
            else if (x.Is(1)) dims[^i] = y;
            else if (x.Constant is not null && y.Constant is not null) throw Fail($"shapes {a} and {b} do not broadcast: {x} against {y}");
            else if (x.Constant is not null) dims[^i] = x; // the other is 1 or the same, else the run fails
            else if (y.Constant is not null) dims[^i] = y;
            else dims[^i] = Fresh();
        }
        return Shape.Create(dims);
    }

    /// <summary>An axis in [−rank, rank) as one in [0, rank).</summary>
    public int Axis(long axis, int rank)
    {
        if (axis < -rank || axis >= Math.Max(rank, 1)) throw Fail($"axis {axis} lies outside [{-rank}, {rank - 1}]");
        return (int)(axis < 0 ? axis + rank : axis);
    }

    /// <summary>Refuses an element type that is not among the allowed ones.</summary>
    public void Allow(int index, string what, Func<ElementType, bool> allowed)
    {
        var type = Input(index).ElementType;
        if (!allowed(type)) throw Fail($"input {index} must be {what}, is {type.Name()}");
    }

    /// <summary>Refuses a different number of inputs.</summary>
    public void InputsBetween(int least, int most)
    {
        int required = 0;
        while (required < least && Has(required)) required++;
        if (required < least) throw Fail($"input {required} is missing; {least} are required");
        if (InputCount > most) throw Fail($"{InputCount} inputs given, at most {most} allowed");
    }

    /// <summary>The error for a broken rule; the caller adds where.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Reads as a statement of the context.")]
    public InvalidNetworkException Fail(string sentence) => new(sentence);

    internal NetworkType OutputType(int index) => outputTypes[index] ?? throw Fail($"the shape rule gave no type for output {index}");

    internal ImmutableArray<Dim>? OutputContent(int index) => outputContents[index];
}
