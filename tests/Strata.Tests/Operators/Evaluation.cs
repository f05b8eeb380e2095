using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Runs one operator by itself, and checks that what comes out has the type that its shape rule gives.</summary>
internal static class Evaluation
{
    /// <summary>The first output.</summary>
    public static Tensor Run(Operator op, params Tensor?[] inputs) => RunMany(op, 1, inputs)[0];

    /// <summary>All outputs.</summary>
    public static Tensor[] RunMany(Operator op, int outputs, params Tensor?[] inputs)
    {
        var builder = new NetworkBuilder("test");
        var operands = inputs.Select((t, i) => t is null ? null : builder.Input($"x{i}", TensorType.Of(t))).ToArray();
        var specs = Enumerable.Range(0, outputs).Select(i => (OutputSpec?)new OutputSpec($"y{i}")).ToArray();
        var layer = builder.Add(op, operands, specs, "layer");
        foreach (var value in layer.Outputs) builder.Output(value!.Name, value);
        var network = builder.Build();
        var results = new Interpreter(network).Run([.. inputs.OfType<Tensor>()]).Cast<Tensor>().ToArray();
        foreach (var (result, value) in results.Zip(layer.Outputs))
        {
            var type = (TensorType)value!.Type;
            Assert.Equal(type.ElementType, result.ElementType);
            Assert.Equal(type.Rank, result.Rank);
            for (int d = 0; d < result.Rank; d++) Assert.Equal(type.Shape![d].Constant ?? result.Dims[d], result.Dims[d]);
        }
        return results;
    }

    /// <summary>The type of the first output for operands of given types, in the text form.</summary>
    public static string Infer(Operator op, params NetworkType?[] inputs)
    {
        var builder = new NetworkBuilder("test");
        return builder.Add(op, inputs.Select((t, i) => t is null ? null : builder.Input($"x{i}", t)).ToArray()).Type.ToString();
    }

    /// <summary>The sentence with which an operator refuses its operands.</summary>
    public static string Refusal(Operator op, params NetworkType?[] inputs) => Assert.Throws<InvalidNetworkException>(() => Infer(op, inputs)).Message;

    /// <summary>A tensor type whose dimensions are numbers or symbols; null dimensions leave the rank unknown.</summary>
    public static TensorType Type(ElementType type, params object[]? dims) =>
        new(type, dims is null ? null : Shape.Create([.. dims.Select(d => d is string symbol ? Dim.Symbol(symbol) : Dim.Of(Convert.ToInt64(d, null)))]));

    public static TensorType F32(params object[]? dims) => Type(ElementType.Float32, dims);

    /// <summary>A tensor of any type from numbers that it can say exactly.</summary>
    public static Tensor Of(ElementType type, int[] dims, params double[] values) => Tensor.FromDoubles(type, dims, values);

    /// <summary>A vector of any type.</summary>
    public static Tensor Of(ElementType type, params double[] values) => Tensor.FromDoubles(type, [values.Length], values);

    public static Tensor Floats(params float[] values) => Tensor.Vector<float>(values);
}
