using Strata.Compiler.Frontend.Onnx.Lowering;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Operators;
using AttributeType = Strata.Compiler.Frontend.Onnx.Proto.AttributeProto.Types.AttributeType;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// Forms that operators had before ours, for layers that an import of these gives: axes and lengths as an attribute, where they are
/// a constant that bears the name that the import gives it; softmax over everything from an axis on, which is the last.
/// </summary>
internal static class OlderForms
{
    /// <summary>A node in an older form, and the version from which on it has that; it keeps it until ours comes. Null where there is none.</summary>
    public static (NodeProto Node, int Version)? Of(Layer layer, OnnxOperator row, NodeProto node)
    {
        if (row.Domain.Length > 0) return null;
        var older = node.Clone();
        bool has = layer.Operator switch
        {
            Squeeze or Unsqueeze or Reduction { NoopWithEmptyAxes: false } => TakeIn(layer, older, "axes"),
            Split => TakeIn(layer, older, "split"),
            Softmax or LogSoftmax or Hardmax => SetLastAxis(layer, (AlongAxis)layer.Operator, older),
            _ => false,
        };
        int ours = OperatorTable.FirstDirect(layer.Operator);
        var form = has ? OperatorVersion.Of(row.Name).FirstOrDefault(v => v.Version < ours && v.HasFormOf(older) && v.TakesTypesOf(layer)) : null;
        return form is null ? null : (older, form.Version);
    }

    private static bool TakeIn(Layer layer, NodeProto node, string attribute)
    {
        if (layer.Inputs.Length > 1 && layer.Inputs[1] is { } operand)
        {
            if (operand.Constant is not { Count: <= Limits.InlineElements } constant || constant.Count == 0 || operand.Name != NodeLowering.ConstantName(node.Output[0])) return false;
            node.Attribute.Add(new AttributeProto { Name = attribute, Type = AttributeType.Ints, Ints = { constant.Materialize().ToInt64s() } });
        }
        while (node.Input.Count > 1) node.Input.RemoveAt(1);
        return true;
    }

    private static bool SetLastAxis(Layer layer, AlongAxis along, NodeProto node)
    {
        if (layer.Inputs[0]!.TensorType.Rank is not (> 0 and var rank) || along.Axis != rank - 1) return false;
        for (int i = node.Attribute.Count - 1; i >= 0; i--)
        {
            if (node.Attribute[i].Name == "axis") node.Attribute.RemoveAt(i);
        }
        node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeType.Int, I = rank - 1 });
        return true;
    }
}
