using System.Buffers.Binary;
using Strata.Tensors;

namespace Strata.Models.Building;

/// <summary>Layers of networks over sequences, in the form that PyTorch's exporter gives them.</summary>
internal static class SequenceLayers
{
    /// <summary>A table of embeddings <c>[count, size]</c>.</summary>
    public static string Embedding(this GraphBuilder g, int count, int size, double deviation) =>
        g.Parameter("weight", [count, size], Fills.Weights(deviation));

    /// <summary><c>[…, inputs] → […, outputs]</c>: a matrix product, then a bias.</summary>
    public static string Linear(this GraphBuilder g, string x, int inputs, int outputs, double gain = 1)
    {
        string y = g.Node("MatMul", [x, g.Parameter("weight", [inputs, outputs], Fills.Weights(gain / Math.Sqrt(inputs)))]);
        return g.Node("Add", [g.Parameter("bias", [outputs], Fills.Normal(0, 0.05)), y]);
    }

    /// <summary>Layer normalisation over the last dimension, as one operator (opset 17 and later).</summary>
    public static string LayerNorm(this GraphBuilder g, string x, int size, float epsilon) =>
        g.Node("LayerNormalization", [x, g.Scale(size), g.Shift(size)], ("axis", -1), ("epsilon", epsilon));

    /// <summary>The same, as exporters before opset 17 write it.</summary>
    public static string LayerNormDecomposed(this GraphBuilder g, string x, int size, float epsilon)
    {
        string centred = g.Node("Sub", [x, g.Node("ReduceMean", [x], ("axes", new[] { -1 }))]);
        string variance = g.Node("ReduceMean", [g.Node("Pow", [centred, g.Scalar(2f)])], ("axes", new[] { -1 }));
        string deviation = g.Node("Sqrt", [g.Node("Add", [variance, g.Scalar(epsilon)])]);
        string normal = g.Node("Div", [centred, deviation]);
        return g.Node("Add", [g.Node("Mul", [normal, g.Scale(size)]), g.Shift(size)]);
    }

    /// <summary><c>x · ½ (1 + erf(x / √2))</c>.</summary>
    public static string GeluByErf(this GraphBuilder g, string x)
    {
        string erf = g.Node("Erf", [g.Node("Div", [x, g.Scalar(1.4142135f)])]);
        return g.Node("Mul", [g.Node("Mul", [x, g.Node("Add", [erf, g.Scalar(1f)])]), g.Scalar(0.5f)]);
    }

    /// <summary><c>½ x · (1 + tanh(√(2/π) · (x + 0.044715 x³)))</c>.</summary>
    public static string GeluByTanh(this GraphBuilder g, string x)
    {
        string cubic = g.Node("Mul", [g.Node("Pow", [x, g.Scalar(3f)]), g.Scalar(0.044715f)]);
        string tanh = g.Node("Tanh", [g.Node("Mul", [g.Node("Add", [x, cubic]), g.Scalar(0.7978846f)])]);
        return g.Node("Mul", [g.Node("Mul", [x, g.Scalar(0.5f)]), g.Node("Add", [tanh, g.Scalar(1f)])]);
    }

    /// <summary>One extent of a value, as a scalar.</summary>
    public static string DimOf(this GraphBuilder g, string x, int axis) =>
        g.Node("Gather", [g.Node("Shape", [x]), g.Scalar((long)axis)], ("axis", 0));

    /// <summary>A shape, of numbers and of scalar values given by name.</summary>
    public static string ShapeFrom(this GraphBuilder g, params ReadOnlySpan<ModelDim> dims)
    {
        List<string> parts = [];
        foreach (var dim in dims) parts.Add(dim.Symbol is null ? g.Constant(dim.Value) : g.Unsqueeze(dim.Symbol, 0));
        return g.Node("Concat", parts, ("axis", 0));
    }

    public static string Reshape(this GraphBuilder g, string x, params ReadOnlySpan<ModelDim> dims) => g.Node("Reshape", [x, g.ShapeFrom(dims)]);

    public static string Transpose(this GraphBuilder g, string x, params int[] permutation) => g.Node("Transpose", [x], ("perm", permutation));

    public static string Unsqueeze(this GraphBuilder g, string x, long axis) => g.Node("Unsqueeze", [x, g.Constant(axis)]);

    /// <summary>The half-open range of one dimension; the bounds are 1-D values.</summary>
    public static string Slice(this GraphBuilder g, string x, string start, string end, int axis) =>
        g.Node("Slice", [x, start, end, g.Constant(axis), g.Constant(1)]);

    /// <summary><c>[N, S, heads · size] → [N, heads, S, size]</c>, the sizes read from the value itself.</summary>
    public static string SplitHeads(this GraphBuilder g, string x, int heads, int size) =>
        g.Transpose(g.Reshape(x, g.DimOf(x, 0), g.DimOf(x, 1), heads, size), 0, 2, 1, 3);

    /// <summary><c>[N, heads, S, size] → [N, S, heads · size]</c>.</summary>
    public static string MergeHeads(this GraphBuilder g, string x, int heads, int size)
    {
        x = g.Transpose(x, 0, 2, 1, 3);
        return g.Reshape(x, g.DimOf(x, 0), g.DimOf(x, 1), heads * size);
    }

    /// <summary>The numbers 0, 1, … as an i64 initializer <c>[1, count]</c>.</summary>
    public static string Positions(this GraphBuilder g, string name, int count) => g.Initializer(name, ElementType.Int64, [1, count], (_, bytes) =>
    {
        for (int i = 0; i < count; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes[(8 * i)..], i);
    });

    private static string Scale(this GraphBuilder g, int size) => g.Parameter("weight", [size], Fills.Uniform(0.8, 1.2));

    private static string Shift(this GraphBuilder g, int size) => g.Parameter("bias", [size], Fills.Normal(0, 0.1));
}
