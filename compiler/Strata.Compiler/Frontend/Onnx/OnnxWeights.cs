using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>A weight tensor of a model as a matrix of f32, a row for each output channel.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Rows">Output channels.</param>
/// <param name="Columns">Weights of each.</param>
/// <param name="Taps">Taps of a convolution's filters, which are neighbours in a row; 1 for other tensors.</param>
/// <param name="Values">Row by row.</param>
public sealed record WeightMatrix(string Name, int Rows, int Columns, int Taps, float[] Values)
{
    /// <summary>Dimensions of the tensor with the outputs first.</summary>
    public int[] Dims => Taps > 1 ? [Rows, Columns / Taps, Taps] : [Rows, Columns];
}

/// <summary>
/// Finds what is worth quantising in a model: tensors of f32 and f16, rank 2 or more, <see cref="LeastElements"/> or more, that are
/// initializers or Constant nodes of the graph or of a nested one, unless more than half of their elements are zeros.
/// </summary>
public static class OnnxWeights
{
    /// <summary>Smaller tensors are no weights worth quantising.</summary>
    public const int LeastElements = 1000;

    /// <summary>The weight matrices of a model in the order of its graphs.</summary>
    /// <exception cref="StrataFormatException">A tensor is malformed.</exception>
    public static IReadOnlyList<WeightMatrix> Matrices(OnnxModel model)
    {
        var matrices = new List<WeightMatrix>();
        Add(model, model.Proto.Graph, matrices);
        return matrices;
    }

    private static void Add(OnnxModel model, GraphProto graph, List<WeightMatrix> matrices)
    {
        // The first use says which axis is that of the outputs.
        var uses = new Dictionary<string, (NodeProto Node, int Operand)>(StringComparer.Ordinal);
        foreach (var node in graph.Node)
        {
            for (int k = 0; k < node.Input.Count; k++) uses.TryAdd(node.Input[k], (node, k));
        }
        foreach (var tensor in graph.Initializer) Add(tensor, tensor.Name);
        foreach (var node in graph.Node)
        {
            foreach (var attribute in node.Attribute)
            {
                if (node.OpType == "Constant" && attribute.T is { } tensor && node.Output.Count > 0) Add(tensor, node.Output[0]);
                if (attribute.G is { } nested) OnnxWeights.Add(model, nested, matrices);
                foreach (var each in attribute.Graphs) OnnxWeights.Add(model, each, matrices);
            }
        }

        void Add(TensorProto proto, string name)
        {
            var type = OnnxTensors.TypeOf(proto);
            int[] dims = type.Shape!.Constant!;
            if (type.ElementType is not (ElementType.Float32 or ElementType.Float16) || dims.Length < 2) return;
            var constant = model.Constant(proto);
            if (constant.Count < LeastElements) return;
            float[] values = Array.ConvertAll(constant.Materialize().ToDoubles(), v => (float)v);
            if (2L * values.Count(v => v == 0) > values.Length) return;
            matrices.Add(uses.TryGetValue(name, out var use) ? Arrange(name, dims, values, use.Node, use.Operand) : Plain(name, dims, values));
        }
    }

    private static WeightMatrix Arrange(string name, int[] dims, float[] values, NodeProto node, int operand)
    {
        long Attribute(string attribute, long otherwise) => node.Attribute.FirstOrDefault(a => a.Name == attribute)?.I ?? otherwise;
        int last = dims[^1];
        switch (node.OpType, operand)
        {
            case ("Conv", 1): return Of(name, dims[0], values, values.Length / dims[0] / dims[1]);
            // [inputs, outputs of a group, taps]: the rows of each group are its outputs.
            case ("ConvTranspose", 1):
                int groups = (int)Math.Clamp(Attribute("group", 1), 1, dims[0]);
                if (dims[0] % groups != 0 || dims[1] == 0) break;
                return Of(name, groups * dims[1], Exchange(values, groups, dims[0] / groups, dims[1], values.Length / dims[0] / dims[1]), values.Length / dims[0] / dims[1]);
            case ("Gemm", 1) when Attribute("transB", 0) == 0:
            case ("MatMul", 1):
                return Of(name, values.Length / dims[^2], Exchange(values, values.Length / dims[^2] / last, dims[^2], last, 1));
            // [directions, gates · hidden, inputs]
            case ("LSTM" or "GRU" or "RNN", 1 or 2): return Of(name, values.Length / last, values);
        }
        return Plain(name, dims, values);
    }

    private static WeightMatrix Plain(string name, int[] dims, float[] values) => Of(name, dims[0], values);

    private static WeightMatrix Of(string name, int rows, float[] values, int taps = 1) => new(name, rows, values.Length / rows, taps, values);

    // [n, a, b, inner] becomes [n, b, a, inner].
    private static float[] Exchange(float[] values, int n, int a, int b, int inner)
    {
        var result = new float[values.Length];
        int at = 0;
        for (int block = 0; block < n; block++)
        {
            for (int j = 0; j < b; j++)
            {
                for (int i = 0; i < a; i++, at += inner) values.AsSpan(((block * a + i) * b + j) * inner, inner).CopyTo(result.AsSpan(at));
            }
        }
        return result;
    }
}
