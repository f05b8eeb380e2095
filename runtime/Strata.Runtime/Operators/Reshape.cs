using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// The same elements under the dimensions that the second operand (i64, rank 1) gives: −1 is inferred from the number of
/// elements, 0 copies the input's dimension unless <see cref="AllowZero"/>.
/// </summary>
public sealed record Reshape : Operator
{
    /// <summary>True when 0 in the target means an empty dimension.</summary>
    public bool AllowZero { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with { AllowZero = walker.Flag("allowzero", AllowZero) };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        context.Allow(1, "i64", static t => t == ElementType.Int64);
        var data = context.Input(0);
        context.Output(0, data.ElementType, Target(context, data.Shape));
        context.OutputContents(0, context.Elements(0));
    }

    private Shape? Target(InferenceContext context, Shape? input)
    {
        if (context.Contents(1) is not { } target)
            return context.Input(1).Shape is { Rank: 1 } length && length[0].Constant is { } rank and <= Limits.Rank ? context.FreshShape((int)rank) : null;

        var dims = new Dim[target.Length];
        int inferred = -1;
        for (int i = 0; i < dims.Length; i++)
        {
            if (target[i].Is(-1))
            {
                if (inferred >= 0) throw context.Fail($"dimensions {inferred} and {i} of the target are both −1");
                inferred = i;
                dims[i] = Dim.One;
            }
            else if (target[i].Is(0) && !AllowZero)
            {
                if (i >= input?.Rank) throw context.Fail($"dimension {i} of the target copies a dimension that the input {input} does not have");
                dims[i] = input?[i] ?? context.Fresh();
            }
            else if (target[i].Constant < -1) throw context.Fail($"dimension {i} of the target is {target[i]}; allowed are −1 and up");
            else dims[i] = target[i];
        }
        if (AllowZero && inferred >= 0 && target.Any(d => d.Is(0))) throw context.Fail("with allowzero a target cannot hold both −1 and 0");
        if (input is null)
        {
            if (inferred >= 0) dims[inferred] = context.Fresh();
            return Shape.Create(dims);
        }

        // What occurs on both sides cancels, also where a product of sums would not divide.
        var left = input.ToList();
        var right = dims.Where((_, i) => i != inferred).Where(d => !left.Remove(d)).ToList();
        Dim count = Product(left), known = Product(right);
        if (inferred < 0)
        {
            // Without elements on both sides, the other dimensions are free.
            bool empty = input.Any(d => d.Is(0)) && dims.Any(d => d.Is(0));
            if (!empty) context.Same(count, known, $"a reshape of {input} to {Shape.Create(dims)} must keep the number of elements");
        }
        else if (known.Is(0)) dims[inferred] = context.Fresh();
        else if (count.Constant is { } c && known.Constant is { } k && c % k != 0) throw context.Fail($"{input} cannot take dimensions of which the known ones hold {k} of {c} elements");
        else dims[inferred] = Dim.FloorDiv(count, known);
        return Shape.Create(dims);
    }

    private static Dim Product(IEnumerable<Dim> dims) => dims.Aggregate(Dim.One, static (a, b) => a * b);

    /// <summary>The concrete dimensions for a concrete input.</summary>
    internal int[] Resolve(ReadOnlySpan<int> input, ReadOnlySpan<long> target)
    {
        var dims = new int[target.Length];
        int inferred = -1;
        for (int i = 0; i < dims.Length; i++)
        {
            if (target[i] < -1 || target[i] > int.MaxValue) throw new InvalidInputException($"dimension {i} of the target is {target[i]}; allowed are −1 to {int.MaxValue}");
            if (target[i] == 0 && !AllowZero && i >= input.Length) throw new InvalidInputException($"dimension {i} of the target copies a dimension that the input [{Tensor.Format(input)}] does not have");
            if (target[i] == -1)
            {
                if (inferred >= 0) throw new InvalidInputException($"dimensions {inferred} and {i} of the target are both −1");
                inferred = i;
            }
            dims[i] = target[i] == -1 ? 1 : target[i] == 0 && !AllowZero ? input[i] : (int)target[i];
        }
        if (inferred < 0) return dims;
        // Dimensions that both sides have cancel, so that an empty one does not hide the inferred one.
        var left = input.ToArray().ToList();
        int known = Tensor.CountOf(dims.Where((_, i) => i != inferred).Where(d => !left.Remove(d)).ToArray());
        int count = Tensor.CountOf(left.ToArray());
        if (known == 0 ? count != 0 : count % known != 0) throw new InvalidInputException($"cannot reshape [{Tensor.Format(input)}] to [{string.Join(", ", target.ToArray())}]");
        dims[inferred] = known == 0 ? 0 : count / known;
        return dims;
    }
}
