using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Benchmarks;

/// <summary>A chain that gives each pass work in every block: for measuring how the work of passes grows, by time and by counts.</summary>
internal static class PassChain
{
    private const int LayersPerBlock = 20;

    /// <summary>A chain of at least so many layers over x <c>[N, 4, 8, 8]</c>.</summary>
    public static Network Build(int layers)
    {
        var random = new Random(1);
        var builder = new NetworkBuilder("chain");
        var value = builder.Input("x", new TensorType(ElementType.Float32, Shape.Create(Dim.Symbol("N"), 4, 8, 8)));
        Value root = Scalar(MathF.Sqrt(2)), one = Scalar(1), half = Scalar(0.5f);
        while (builder.Layers.Count < layers) value = Block(value);
        builder.Output("y", value);
        return builder.Build();

        // Convolution with its normalisation, a GELU in five layers, transposes and reshapes that come to nothing, a computed shape, copies.
        Value Block(Value x)
        {
            int first = builder.Layers.Count;
            x = builder.Add(new Conv { Window = new() { Pads = [1, 1, 1, 1] } }, x, Draw(-0.5f, 4, 4, 3, 3));
            x = builder.Add(new BatchNormalization(), x, Draw(0.5f, 4), Draw(0, 4), Draw(0, 4), Draw(0.5f, 4));
            var inner = builder.Add(new Erf(), builder.Add(new Div(), x, root));
            x = builder.Add(new Mul(), builder.Add(new Mul(), x, builder.Add(new Add(), inner, one)), half);
            x = builder.Add(new Transpose { Perm = [0, 3, 1, 2] }, builder.Add(new Transpose { Perm = [0, 2, 3, 1] }, x));
            var extents = builder.Add(new ShapeOf(), x);
            var batch = builder.Add(new Gather(), extents, Ints(0));
            x = builder.Add(new Reshape(), x, builder.Add(new Concat(), batch, Ints(256)));
            x = builder.Add(new Reshape(), x, extents);
            x = builder.Add(new Cast { To = ElementType.Float32 }, builder.Add(new Identity(), x));
            x = builder.Add(new Add(), builder.Add(new Relu(), x), builder.Add(new Relu(), x));
            while (builder.Layers.Count < first + LayersPerBlock) x = builder.Add(new Tanh(), x);
            return x;
        }

        Value Scalar(float x) => builder.Constant(Tensor.Scalar(x));

        Value Ints(long x) => builder.Constant(Tensor.Vector(x));

        Value Draw(float least, params int[] dims)
        {
            var values = new float[Tensor.CountOf(dims)];
            for (int i = 0; i < values.Length; i++) values[i] = least + random.NextSingle();
            return builder.Constant(Tensor.From<float>(dims, values));
        }
    }
}
