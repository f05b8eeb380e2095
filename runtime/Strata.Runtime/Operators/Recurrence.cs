using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>In which order a recurrence visits the sequence.</summary>
public enum RecurrenceDirection
{
    /// <summary>First to last.</summary>
    Forward,
    /// <summary>Last to first.</summary>
    Reverse,
    /// <summary>Both, with separate weights; results are stacked.</summary>
    Bidirectional,
}

/// <summary>
/// A one-layer recurrent network over x <c>[S, B, I]</c> with weights w <c>[D, G·H, I]</c>, r <c>[D, G·H, H]</c>, optional bias
/// <c>[D, 2·G·H]</c>, sequence lengths i32 <c>[B]</c> and initial states <c>[D, B, H]</c>, to y <c>[S, D, B, H]</c> and the
/// final states <c>[D, B, H]</c>. D is 1, or 2 when bidirectional; G is the number of gates. With layout 1 the batch comes
/// first: x <c>[B, S, I]</c>, y <c>[B, S, D, H]</c>, states <c>[B, D, H]</c>.
/// </summary>
public abstract record Recurrence : Operator
{
    private static readonly ImmutableArray<string> DirectionNames = ["forward", "reverse", "bidirectional"];

    /// <summary>Parameters of the activations that have an alpha, in order; missing ones have their defaults.</summary>
    public ImmutableArray<float> ActivationAlpha { get; init; } = [];

    /// <summary>Parameters of the activations that have a beta, in order; missing ones have their defaults.</summary>
    public ImmutableArray<float> ActivationBeta { get; init; } = [];

    /// <summary>Names of the activations, one list per direction; empty: the operator's usual ones.</summary>
    public ImmutableArray<string> Activations { get; init; } = [];

    /// <summary>Bound of the inputs of activations, or null.</summary>
    public float? Clip { get; init; }

    /// <summary>The order of visits.</summary>
    public RecurrenceDirection Direction { get; init; }

    /// <summary>H, or null: that of the weights.</summary>
    public long? HiddenSize { get; init; }

    /// <summary>1 when the batch dimension comes first.</summary>
    public long Layout { get; init; }

    /// <summary>G: blocks of H rows in the weights.</summary>
    public abstract int Gates { get; }

    /// <summary>The activations of one direction when none are named.</summary>
    public abstract ImmutableArray<string> DefaultActivations { get; }

    /// <summary>Number of states carried from step to step.</summary>
    public virtual int States => 1;

    /// <summary>D: 1 or 2.</summary>
    public int Directions => Direction == RecurrenceDirection.Bidirectional ? 2 : 1;

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        ActivationAlpha = walker.Floats("activation_alpha", ActivationAlpha),
        ActivationBeta = walker.Floats("activation_beta", ActivationBeta),
        Activations = walker.Texts("activations", Activations),
        Clip = walker.OptionalFloat("clip", Clip),
        Direction = (RecurrenceDirection)walker.Choice("direction", (int)Direction, DirectionNames),
        HiddenSize = walker.OptionalInt("hidden_size", HiddenSize),
        Layout = walker.Int("layout", Layout),
    };

    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(3, 5 + States + (States > 1 ? 1 : 0));
        context.Allow(0, "floating point", ElementTypes.IsFloat);
        CheckAttributes(context);
        var type = context.Input(0).ElementType;
        var x = Ranked(context, 0, 3, "the input");
        var (sequence, batch, features) = Layout == 0 ? (x[0], x[1], x[2]) : (x[1], x[0], x[2]);
        var r = Ranked(context, 2, 3, "the recurrence weights");
        Dim hidden = HiddenSize is { } declared ? context.Same(r[2], declared, "hidden_size must be the last dimension of the recurrence weights") : r[2];

        Expect(1, "the weights", Directions, hidden * Gates, features);
        Expect(2, "the recurrence weights", Directions, hidden * Gates, hidden);
        if (context.Has(3)) Expect(3, "the bias", Directions, hidden * (2 * Gates));
        if (context.Has(4))
        {
            context.Allow(4, "i32", static t => t == ElementType.Int32);
            ExpectShape(4, "the sequence lengths", batch);
        }
        var state = Layout == 0 ? Shape.Create(Directions, batch, hidden) : Shape.Create(batch, Directions, hidden);
        for (int s = 0; s < States; s++)
        {
            if (context.Has(5 + s)) Expect(5 + s, "an initial state", [.. state]);
        }
        if (States > 1 && context.Has(5 + States)) Expect(5 + States, "the peephole weights", Directions, hidden * 3);

        context.Output(0, type, Layout == 0 ? [sequence, Directions, batch, hidden] : [batch, sequence, Directions, hidden]);
        for (int s = 0; s < States; s++) context.Output(1 + s, type, state);

        void Expect(int index, string what, params Dim[] dims)
        {
            context.Allow(index, type.Name(), t => t == type);
            ExpectShape(index, what, dims);
        }

        void ExpectShape(int index, string what, params Dim[] dims)
        {
            var shape = Ranked(context, index, dims.Length, what);
            for (int d = 0; d < dims.Length; d++) context.Same(shape[d], dims[d], $"{what} (input {index}) must have shape {Shape.Create(dims)}");
        }
    }

    private static Shape Ranked(InferenceContext context, int index, int rank, string what)
    {
        var shape = context.Input(index).Shape ?? context.FreshShape(rank);
        return shape.Rank == rank ? shape : throw context.Fail($"{what} (input {index}) must have rank {rank}, is {shape}");
    }

    private void CheckAttributes(InferenceContext context)
    {
        if (Layout is not (0 or 1)) throw context.Fail($"layout is {Layout}, allowed are 0 and 1");
        if (HiddenSize is < 1) throw context.Fail($"hidden_size must be positive, is {HiddenSize}");
        if (Clip is { } clip && !(clip >= 0)) throw context.Fail($"clip must not be negative, is {clip}");
        int expected = Directions * DefaultActivations.Length;
        if (!Activations.IsEmpty && Activations.Length != expected) throw context.Fail($"activations needs {expected} names, has {Activations.Length}");
        foreach (string name in Activations)
        {
            if (RecurrenceActivation.Find(name) is null) throw context.Fail($"activation '{name}' is unknown; allowed are {string.Join(", ", RecurrenceActivation.Names)}");
        }
    }
}

/// <summary>Gates z, r, h. <c>h' = (1 − z) · g(…) + z · h</c>.</summary>
public sealed record Gru : Recurrence
{
    /// <summary>The reset gate multiplies the product of state and weights (and its bias) instead of the state.</summary>
    public bool LinearBeforeReset { get; init; }

    /// <inheritdoc/>
    public override int Gates => 3;

    /// <inheritdoc/>
    public override ImmutableArray<string> DefaultActivations => ["Sigmoid", "Tanh"];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (Gru)base.Walk(walker) with { LinearBeforeReset = walker.Flag("linear_before_reset", LinearBeforeReset) };
}

/// <summary>
/// Gates i, o, f, c; states h and c. <c>c' = f · c + i · g(…)</c>, <c>h' = o · h(c')</c>. A last optional operand holds
/// peephole weights <c>[D, 3·H]</c> for i, o, f.
/// </summary>
public sealed record Lstm : Recurrence
{
    /// <summary>The forget gate is <c>1 − i</c>.</summary>
    public bool InputForget { get; init; }

    /// <inheritdoc/>
    public override int Gates => 4;

    /// <inheritdoc/>
    public override int States => 2;

    /// <inheritdoc/>
    public override ImmutableArray<string> DefaultActivations => ["Sigmoid", "Tanh", "Tanh"];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (Lstm)base.Walk(walker) with { InputForget = walker.Flag("input_forget", InputForget) };
}

/// <summary><c>h' = f(x · wᵀ + h · rᵀ + bias)</c>.</summary>
public sealed record Rnn : Recurrence
{
    /// <inheritdoc/>
    public override int Gates => 1;

    /// <inheritdoc/>
    public override ImmutableArray<string> DefaultActivations => ["Tanh"];
}
