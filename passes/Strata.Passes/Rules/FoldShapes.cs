using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>Shape → Gather → Concat</c> and the like → a constant, where the elements are known though the operands are computed; and
/// targets of Reshape, Expand and Slice that are known in symbols → constant ones: 0 for a copied dimension and −1 for an
/// inferred one in a Reshape, 1 for a dimension that Expand leaves, and the greatest integer for the end of a Slice that is
/// the extent.
/// </summary>
public sealed class FoldShapes : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "fold-shapes";

    /// <inheritdoc/>
    public override string Summary => "compute what shapes alone decide";

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        var contents = new Lazy<NetworkContents>(() => new(context.Network));
        foreach (var layer in context.Network.Layers)
        {
            if (!context.IsLive(layer) || !Purity.IsPure(layer.Operator)) continue;
            if ((Known(layer, context, contents) ?? Target(layer, context, contents)) is { } patch) yield return patch;
        }
    }

    private NetworkPatch? Known(Layer layer, RewriteContext context, Lazy<NetworkContents> contents)
    {
        if (layer.Outputs is not [{ Type: TensorType { ElementType: ElementType.Int64 or ElementType.Int32 or ElementType.Bool } type } output]) return null;
        if (type.Shape?.Constant is not { } dims || contents.Value.NumbersOf(output) is not { } numbers || numbers.Length != dims.Aggregate(1L, static (a, b) => a * b)) return null;
        if (type.ElementType == ElementType.Int32 && numbers.Any(n => n is < int.MinValue or > int.MaxValue)) return null;
        var tensor = type.ElementType switch
        {
            ElementType.Int64 => Tensor.From<long>(dims, numbers),
            ElementType.Int32 => Tensor.From<int>(dims, [.. numbers.Select(n => (int)n)]),
            _ => Tensor.From<bool>(dims, [.. numbers.Select(n => n != 0)]),
        };
        if (!Knowledge.CanReplace(type, TensorType.Of(tensor))) return null;
        var patch = context.NewPatch(Name);
        patch.Replace(output, patch.Constant(Constant.Of(tensor), output.Name));
        return patch;
    }

    private NetworkPatch? Target(Layer layer, RewriteContext context, Lazy<NetworkContents> contents)
    {
        int operand = layer.Operator switch { Reshape or Expand => 1, Slice => 2, _ => 0 };
        if (operand == 0 || layer.Inputs[operand]!.Constant is not null || layer.Outputs is not [{ } output]) return null;
        if (contents.Value.Of(layer.Inputs[operand]) is not { } known) return null;
        var patch = context.NewPatch(Name);
        if (layer.Operator is Reshape)
        {
            if (ReshapeTarget.Reshape(patch, layer.Inputs[0]!, output, layer.Name) is not { } reshaped) return null;
            patch.Replace(output, reshaped);
            return patch;
        }
        if (layer.Inputs[0]!.TensorType.Shape is not { } shape) return null;
        if ((layer.Operator is Expand ? Expansion(shape, known) : Ends(shape, known, layer)) is not { } target) return null;
        var constant = patch.Constant(Constant.Of(Tensor.Vector<long>(target)), layer.Inputs[operand]!.Name);
        if (layer.Inputs[operand]!.TensorType.ElementType != ElementType.Int64) return null;
        Value?[] operands = [.. layer.Inputs.Select((value, i) => i == operand ? constant : value is null ? null : patch.Tap(value))];
        patch.Replace(output, patch.Add(layer.Operator, operands, [new OutputSpec(output.Name, output.Type)], layer.Name).Outputs[0]!);
        return patch;
    }

    private static long[]? Expansion(Shape shape, ImmutableArray<Dim> target)
    {
        var result = new long[target.Length];
        for (int i = 0; i < result.Length; i++)
        {
            int d = shape.Rank - target.Length + i;
            if (target[i].Constant is { } number) result[i] = number;
            else if (d >= 0 && shape[d].Equals(target[i])) result[i] = 1;
            else return null;
        }
        return result;
    }

    // Without axes the bounds are those of the first dimensions. All operands of bounds have one type.
    private static long[]? Ends(Shape shape, ImmutableArray<Dim> ends, Layer layer)
    {
        var axes = layer.Inputs.Length > 3 && layer.Inputs[3] is { } given ? Match.Ints(given) : [.. Enumerable.Range(0, ends.Length).Select(i => (long)i)];
        if (axes?.Length != ends.Length || layer.Inputs.Length > 4 && layer.Inputs[4] is { } steps && Match.Ints(steps)?.All(s => s > 0) != true) return null;
        var result = new long[ends.Length];
        for (int i = 0; i < result.Length; i++)
        {
            long axis = axes[i] < 0 ? axes[i] + shape.Rank : axes[i];
            if (ends[i].Constant is { } number) result[i] = number;
            else if (axis >= 0 && axis < shape.Rank && shape[(int)axis].Equals(ends[i])) result[i] = long.MaxValue;
            else return null;
        }
        return result;
    }
}
