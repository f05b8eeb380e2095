using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary><c>alpha · a' · b' + beta · c</c> with a' <c>[M, K]</c>, b' <c>[K, N]</c> (a and b or their transposes) and an optional c that broadcasts to <c>[M, N]</c>.</summary>
public sealed record Gemm : Operator
{
    /// <summary>Factor of the product.</summary>
    public float Alpha { get; init; } = 1;

    /// <summary>Factor of c.</summary>
    public float Beta { get; init; } = 1;

    /// <summary>a is given as <c>[K, M]</c>.</summary>
    public bool TransA { get; init; }

    /// <summary>b is given as <c>[N, K]</c>.</summary>
    public bool TransB { get; init; }

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Alpha = walker.Float("alpha", Alpha),
        Beta = walker.Float("beta", Beta),
        TransA = walker.Flag("transA", TransA),
        TransB = walker.Flag("transB", TransB),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 3);
        context.Allow(0, "floating point or integer", static t => t.IsFloat() || t.IsInteger());
        var type = context.Input(0).ElementType;
        for (int i = 1; i < context.InputCount; i++)
        {
            if (context.Has(i)) context.Allow(i, type.Name(), t => t == type);
        }
        var (m, ka) = Matrix(context, 0, TransA);
        var (kb, n) = Matrix(context, 1, TransB);
        context.Same(ka, kb, "the inner dimensions of a and b must agree");
        var shape = Shape.Create(m, n);
        if (context.Has(2) && context.Input(2).Shape is { } c)
        {
            if (c.Rank > 2) throw context.Fail($"c must broadcast to {shape}, is {c}");
            for (int i = 1; i <= c.Rank; i++)
            {
                Dim given = c[c.Rank - i], wanted = shape[2 - i];
                if (given.Is(1) || given.Equals(wanted)) continue;
                if (given.Constant is not null && wanted.Constant is not null) throw context.Fail($"c must broadcast to {shape}, is {c}");
                if (wanted.Is(1)) context.Same(given, wanted, "c must broadcast to the product");
            }
        }
        context.Output(0, type, shape);
    }

    private static (Dim Rows, Dim Columns) Matrix(InferenceContext context, int index, bool transposed)
    {
        if (context.Input(index).Shape is not { } shape) return (context.Fresh(), context.Fresh());
        if (shape.Rank != 2) throw context.Fail($"input {index} must be a matrix, is {shape}");
        return transposed ? (shape[1], shape[0]) : (shape[0], shape[1]);
    }
}
