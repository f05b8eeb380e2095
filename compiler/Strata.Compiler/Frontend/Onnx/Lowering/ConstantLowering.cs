using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>Constant: the node's one value attribute becomes a constant of the network.</summary>
internal static class ConstantLowering
{
    public static void Lower(NodeLowering node)
    {
        var read = node.Attributes;
        Constant constant =
            read.Tensor("value", null)
            ?? (read.OptionalFloat("value_float", null) is { } number ? Of(Tensor.Scalar(number)) : null)
            ?? (read.OptionalInt("value_int", null) is { } integer ? Of(Tensor.Scalar(integer)) : null)
            ?? (read.Has("value_floats") ? Of(Tensor.Vector(read.Floats("value_floats", []).AsSpan())) : null)
            ?? (read.Has("value_ints") ? Of(Tensor.Vector(read.Ints("value_ints", []).AsSpan())) : null)
            ?? (read.Has("value_string") ? Of(Tensor.FromStrings([], read.Text("value_string", ""))) : null)
            ?? (read.Has("value_strings") ? Strings(read.Texts("value_strings", [])) : null)
            ?? (read.SparseTensor("sparse_value") is { } sparse ? Of(sparse) : null)
            ?? throw new InvalidNetworkException("a Constant needs one of value, value_float(s), value_int(s), value_string(s), sparse_value");
        node.Bind(0, node.Scope.Builder.Constant(constant, node.OutputName(0)));
    }

    private static Constant Of(Tensor tensor) => Constant.Of(tensor);

    private static Constant Strings(ImmutableArray<string> values) => Of(Tensor.FromStrings([values.Length], [.. values]));
}
