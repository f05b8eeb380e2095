using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>Two tensors of one numeric type, broadcast against each other, to one of the same type.</summary>
public abstract record Arithmetic : Operator
{
    /// <inheritdoc/>
    public sealed override void Infer(InferenceContext context)
    {
        context.InputsBetween(2, 2);
        TensorType a = context.Input(0), b = context.Input(1);
        if (a.ElementType != b.ElementType) throw context.Fail($"element types differ: {a.ElementType.Name()} and {b.ElementType.Name()}");
        context.Allow(0, "numeric", static t => t.Kind() is not (ElementKind.Bool or ElementKind.String));
        context.Output(0, a.ElementType, context.Broadcast(a.Shape, b.Shape));
        if (context.Contents(0) is { } x && context.Contents(1) is { } y && Combine(x, y) is { } contents) context.OutputContents(0, contents);
    }

    /// <summary>The operation on dimensions, or null where it has none.</summary>
    protected virtual Dim? OnDims(Dim a, Dim b) => null;

    private ImmutableArray<Dim>? Combine(ImmutableArray<Dim> x, ImmutableArray<Dim> y)
    {
        if (x.Length != y.Length && x.Length != 1 && y.Length != 1) return null;
        var result = ImmutableArray.CreateBuilder<Dim>();
        for (int i = 0; i < (x.Length == 1 ? y.Length : x.Length); i++)
        {
            if (OnDims(x[x.Length == 1 ? 0 : i], y[y.Length == 1 ? 0 : i]) is not { } dim) return null;
            result.Add(dim);
        }
        return result.ToImmutable();
    }
}

/// <summary><c>a + b</c>.</summary>
public sealed record Add : Arithmetic
{
    /// <inheritdoc/>
    protected override Dim? OnDims(Dim a, Dim b) => a + b;
}
