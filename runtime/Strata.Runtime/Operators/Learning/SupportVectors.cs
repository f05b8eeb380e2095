using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>How a support vector machine compares two vectors.</summary>
public enum KernelFunction
{
    /// <summary>a·b.</summary>
    Linear,
    /// <summary>(γ a·b + c)ᵈ.</summary>
    Poly,
    /// <summary>e^(−γ|a−b|²).</summary>
    Rbf,
    /// <summary>tanh(γ a·b + c).</summary>
    Sigmoid,
}

/// <summary>A support vector machine on the rows of <c>[N, C]</c>; a vector is one row.</summary>
public abstract record SupportVectorMachine : Operator
{
    private static readonly ImmutableArray<string> KernelNames = ["LINEAR", "POLY", "RBF", "SIGMOID"];

    /// <summary>Factors of the kernel values, or of the features where there are no support vectors.</summary>
    public ImmutableArray<float> Coefficients { get; init; } = [];

    /// <summary>γ, c and d of the kernel; empty for zeros.</summary>
    public ImmutableArray<float> KernelParams { get; init; } = [];

    /// <summary>The kernel.</summary>
    public KernelFunction Kernel { get; init; }

    /// <summary>What becomes of the scores.</summary>
    public ScoreFunction PostTransform { get; init; }

    /// <summary>Offsets of the decision functions.</summary>
    public ImmutableArray<float> Rho { get; init; } = [];

    /// <summary>The support vectors, one after another.</summary>
    public ImmutableArray<float> SupportVectors { get; init; } = [];

    private protected SupportVectorMachine WalkCommon(AttributeWalker walker) => this with
    {
        Coefficients = walker.Floats("coefficients", Coefficients),
        KernelParams = walker.Floats("kernel_params", KernelParams),
        Kernel = (KernelFunction)walker.Choice("kernel_type", (int)Kernel, KernelNames),
        PostTransform = (ScoreFunction)walker.Choice("post_transform", (int)PostTransform, ScoreTransform.Names),
        Rho = walker.Floats("rho", Rho),
        SupportVectors = walker.Floats("support_vectors", SupportVectors),
    };

    private protected Dim CheckCommon(InferenceContext context)
    {
        context.InputsBetween(1, 1);
        context.Allow(0, "a real number", static t => t.IsFloat() || t.IsInteger());
        if (KernelParams.Length is not (0 or 3)) throw context.Fail($"kernel_params needs 3 values, has {KernelParams.Length}");
        if (Coefficients.IsEmpty || Rho.IsEmpty) throw context.Fail("coefficients and rho must be given");
        return Rows(context, context.Input(0).Shape);
    }

    /// <summary>The number of rows of an operand <c>[N, C]</c> or <c>[C]</c>.</summary>
    internal static Dim Rows(InferenceContext context, Shape? shape) => shape switch
    {
        null => context.Fresh(),
        { Rank: 1 } => 1,
        { Rank: 2 } => shape[0],
        _ => throw context.Fail($"the operand must have rank 1 or 2, is {shape}"),
    };
}

/// <summary>Regression, f32 <c>[N, 1]</c>; as one-class machine 1 for members and −1 for outliers.</summary>
public sealed record SvmRegressor : SupportVectorMachine
{
    /// <summary>Number of support vectors; 0 for a linear model.</summary>
    public long Supports { get; init; }

    /// <summary>True tells members from outliers.</summary>
    public bool OneClass { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (SvmRegressor)WalkCommon(walker) with
    {
        Supports = walker.Int("n_supports", Supports),
        OneClass = walker.Flag("one_class", OneClass),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        var rows = CheckCommon(context);
        if (Supports < 0 || Supports > 0 && (SupportVectors.Length % Supports != 0 || Coefficients.Length < Supports))
            throw context.Fail($"n_supports is {Supports}; {SupportVectors.Length} values of support vectors and {Coefficients.Length} coefficients are given");
        context.Output(0, ElementType.Float32, [rows, 1]);
    }
}

/// <summary>Classification: labels <c>[N]</c> and scores f32 <c>[N, E]</c>.</summary>
public sealed record SvmClassifier : SupportVectorMachine
{
    /// <summary>The labels as integers; empty when they are strings.</summary>
    public ImmutableArray<long> LabelInts { get; init; } = [];

    /// <summary>The labels as strings; empty when they are integers.</summary>
    public ImmutableArray<string> LabelStrings { get; init; } = [];

    /// <summary>Slopes of the sigmoids that turn scores into probabilities; empty for raw scores.</summary>
    public ImmutableArray<float> ProbA { get; init; } = [];

    /// <summary>Offsets of those sigmoids.</summary>
    public ImmutableArray<float> ProbB { get; init; } = [];

    /// <summary>Number of support vectors of each class; empty for linear models.</summary>
    public ImmutableArray<long> VectorsPerClass { get; init; } = [];

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => (SvmClassifier)WalkCommon(walker) with
    {
        LabelInts = walker.Ints("classlabels_ints", LabelInts),
        LabelStrings = walker.Texts("classlabels_strings", LabelStrings),
        ProbA = walker.Floats("prob_a", ProbA),
        ProbB = walker.Floats("prob_b", ProbB),
        VectorsPerClass = walker.Ints("vectors_per_class", VectorsPerClass),
    };

    /// <summary>Number of classes.</summary>
    internal int Classes => Math.Max(1, Math.Max(LabelInts.Length, LabelStrings.Length));

    /// <summary>True when there are support vectors.</summary>
    internal bool HasVectors => VectorsPerClass.Any(v => v > 0);

    /// <summary>Number of columns of the scores.</summary>
    internal int Columns
    {
        get
        {
            int scores = !HasVectors || ProbA.Length > 0 ? Classes : Classes * (Classes - 1) / 2;
            return scores == 1 && Rho.Length == 1 && Classes == 2 && PostTransform != ScoreFunction.Probit ? 2 : scores;
        }
    }

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        var rows = CheckCommon(context);
        if (!LabelInts.IsEmpty && !LabelStrings.IsEmpty) throw context.Fail("classlabels_ints and classlabels_strings exclude each other");
        if (ProbA.Length != ProbB.Length) throw context.Fail($"prob_a has {ProbA.Length} values, prob_b {ProbB.Length}");
        if (HasVectors)
        {
            long vectors = VectorsPerClass.Sum(), pairs = Classes * (Classes - 1L) / 2;
            if (VectorsPerClass.Length != Classes || VectorsPerClass.Any(v => v < 0) || vectors > SupportVectors.Length || SupportVectors.Length % vectors != 0 || Coefficients.Length != vectors * (Classes - 1) || Rho.Length < pairs || ProbA.Length > 0 && ProbA.Length < pairs)
                throw context.Fail($"{Classes} classes with {vectors} support vectors need {vectors * (Classes - 1)} coefficients and {pairs} offsets, have {Coefficients.Length} and {Rho.Length}");
        }
        else if (Coefficients.Length % Classes != 0) throw context.Fail($"{Coefficients.Length} coefficients do not divide among {Classes} classes");
        context.Output(0, LabelStrings.IsEmpty ? ElementType.Int64 : ElementType.String, [rows]);
        context.Output(1, ElementType.Float32, [rows, Columns]);
    }
}
