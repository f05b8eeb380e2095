using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>The least version of ONNX's operator set that expresses something; runtimes refuse versions newer than they are.</summary>
internal static class OperatorSets
{
    /// <summary>The version in which the operator of a row means what the layer computes.</summary>
    public static int Needed(Layer layer, OnnxOperator row) => layer.Operator switch
    {
        // Newer versions of these add element types and attributes, and otherwise mean the same.
        NumberRange { StashType: 1 } when Types(layer).All(t => t is ElementType.Float32 or ElementType.Float64 or ElementType.Int16 or ElementType.Int32 or ElementType.Int64) => 11,
        Cast { RoundMode: PowerRounding.Up } when Types(layer).All(t => t.Bits() is 0 or >= 8 && t != ElementType.Float8E8M0) => 19,
        QuantizeLinear { Precision: null } or DequantizeLinear when Types(layer).All(t => Needed(t) <= 21) => 21,
        _ => row.Since,
    };

    /// <summary>The version that knows a type.</summary>
    public static int Needed(NetworkType type) => type switch
    {
        TensorType tensor => Needed(tensor.ElementType),
        SequenceType sequence => Needed(sequence.Element),
        OptionalType optional => Needed(optional.Element),
        MapType map => Needed(map.Value),
        _ => 1,
    };

    private static int Needed(ElementType type) => type switch
    {
        ElementType.Float8E4M3FN or ElementType.Float8E4M3FNUZ or ElementType.Float8E5M2 or ElementType.Float8E5M2FNUZ => 19,
        ElementType.UInt4 or ElementType.Int4 => 21,
        ElementType.BFloat16 => 22, // in most operators; few took it before
        ElementType.Float4E2M1 => 23,
        ElementType.Float8E8M0 => 24,
        ElementType.UInt2 or ElementType.Int2 => 25,
        _ => 1,
    };

    private static IEnumerable<ElementType> Types(Layer layer) => layer.Inputs.Concat(layer.Outputs).Select(v => v?.Type).OfType<TensorType>().Select(t => t.ElementType);
}
