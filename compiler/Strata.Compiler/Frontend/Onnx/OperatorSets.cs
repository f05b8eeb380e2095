using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>The least version of ONNX's operator set that expresses something; runtimes refuse versions newer than they are.</summary>
internal static class OperatorSets
{
    /// <summary>The oldest version that is written: from it on, axes and indices may count from the end.</summary>
    public const int Oldest = 11;

    /// <summary>The version from which the operator of a row expresses a layer, of which the node is all but complete.</summary>
    public static int Needed(Layer layer, OnnxOperator row, NodeProto node)
    {
        var versions = OperatorVersion.Of(row.Name).ToArray();
        if (row.Domain.Length > 0 || versions.Length == 0) return row.Since;
        int first = OperatorTable.FirstDirect(layer.Operator);
        var forms = versions.Skip(Math.Max(0, Array.FindLastIndex(versions, v => v.Version <= first))).Where(v => v.HasFormOf(node)).ToArray();
        // No version may take types that ours does; then readers that are as free decide.
        var form = forms.FirstOrDefault(v => v.TakesTypesOf(layer)) ?? forms.FirstOrDefault();
        return form is null ? row.Since : Math.Max(first, form.Version);
    }

    /// <summary>The version that knows a type.</summary>
    public static int Needed(NetworkType type) => type switch
    {
        TensorType tensor => Needed(tensor.ElementType),
        SequenceType sequence => Needed(sequence.Element),
        OptionalType optional => Math.Max(15, Needed(optional.Element)),
        MapType map => Needed(map.Value),
        _ => 1,
    };

    private static int Needed(ElementType type) => type switch
    {
        ElementType.BFloat16 => 13,
        ElementType.Float8E4M3FN or ElementType.Float8E4M3FNUZ or ElementType.Float8E5M2 or ElementType.Float8E5M2FNUZ => 19,
        ElementType.UInt4 or ElementType.Int4 => 21,
        ElementType.Float4E2M1 => 23,
        ElementType.Float8E8M0 => 24,
        ElementType.UInt2 or ElementType.Int2 => 25,
        _ => 1,
    };

    /// <summary>The IR version of an operator set: ONNX's table of releases (docs/Versioning).</summary>
    public static long IrVersion(int opset) => opset switch { <= 11 => 6, <= 14 => 7, <= 18 => 8, <= 20 => 9, <= 22 => 10, 23 => 11, 24 => 12, <= 27 => 13, _ => 14 };
}
