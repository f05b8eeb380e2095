using Strata.Networks;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Applies operators to operands of given types and looks at what the shape rules and evaluations say.</summary>
internal sealed class ShapeProbe
{
    public NetworkBuilder Builder { get; } = new("probe");

    /// <summary>A value of a type in the text form of dimensions, such as <c>N, 2*S + 1</c>; null for an unknown rank.</summary>
    public Value Of(ElementType type, string? dims) => Builder.Input(Builder.UniqueName("x"), new TensorType(type, dims is null ? null : Shape.Create(Parse(dims))));

    public Value F32(string? dims) => Of(ElementType.Float32, dims);

    public Value I64(string? dims) => Of(ElementType.Int64, dims);

    public Value Ints(params long[] values) => Builder.Constant(Tensor.Vector<long>(values));

    /// <summary>The type of the first output.</summary>
    public string Type(Operator op, params Value?[] operands) => Builder.Add(op, operands).Type.ToString();

    /// <summary>The types of all outputs.</summary>
    public string[] Types(Operator op, int outputs, params Value?[] operands)
    {
        var specs = new OutputSpec?[outputs];
        Array.Fill(specs, new OutputSpec(""));
        return [.. Builder.Add(op, operands, specs, "").Outputs.Select(o => o!.Type.ToString())];
    }

    /// <summary>The sentence with which the shape rule refuses.</summary>
    public string Refusal(Operator op, params Value?[] operands) => Assert.Throws<InvalidNetworkException>(() => Builder.Add(op, operands)).Message;

    /// <summary>Evaluates an operator on tensors.</summary>
    public static IReadOnlyList<RuntimeValue?> Run(Operator op, int outputs, params RuntimeValue?[] operands)
    {
        var types = new NetworkType?[outputs];
        Array.Fill(types, new TensorType(ElementType.Float32, null));
        return ReferenceEvaluations.Find(op)!(op, new ReferenceContext(operands, types, (_, _) => throw new InvalidOperationException()));
    }

    /// <summary>Evaluates an operator with one output.</summary>
    public static Tensor Run(Operator op, params RuntimeValue?[] operands) => (Tensor)Run(op, 1, operands)[0]!;

    private static Dim[] Parse(string dims) => dims.Length == 0 ? [] : [.. dims.Split(',').Select(d => Dim.Parse(d.Trim()))];
}
