using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft FusedConv: a convolution, a tensor to add, and an activation with its parameters.</summary>
internal static class FusedConvLowering
{
    public static void Lower(NodeLowering node)
    {
        var result = node.Emit(node.Read(new Conv()), node[0], node[1], node.Optional(2));
        if (node.Optional(3) is { } residual) result = node.Emit(new Add(), result, residual);
        node.Bind(0, Activate(node, result));
    }

    /// <summary>Applies the activation that the attributes <c>activation</c> and <c>activation_params</c> name.</summary>
    public static Value Activate(NodeLowering node, Value x)
    {
        string name = node.Attributes.Text("activation", "");
        var parameters = node.Attributes.Floats("activation_params", []);
        return name switch
        {
            "" => x,
            "Relu" => node.Emit(new Relu(), x),
            "Sigmoid" => node.Emit(new Sigmoid(), x),
            "Tanh" => node.Emit(new Tanh(), x),
            "LeakyRelu" => node.Emit(new LeakyRelu { Alpha = Parameter(0, 0.01f) }, x),
            "HardSigmoid" => node.Emit(new HardSigmoid { Alpha = Parameter(0, 0.2f), Beta = Parameter(1, 0.5f) }, x),
            "Clip" => node.Emit(new Clip(), x, Scalar(Parameter(0, float.MinValue)), Scalar(Parameter(1, float.MaxValue))),
            _ => throw NodeLowering.Unsupported($"activation '{name}'; supported are Relu, Sigmoid, Tanh, LeakyRelu, HardSigmoid, Clip"),
        };

        float Parameter(int index, float otherwise) => index < parameters.Length ? parameters[index] : otherwise;

        Value Scalar(float value) => node.Constant(Tensor.FromDoubles(((TensorType)x.Type).ElementType, [], [value]));
    }
}
