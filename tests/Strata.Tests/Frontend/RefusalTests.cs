using Strata.Compiler.Frontend.Onnx;
using Strata.Tensors;

namespace Strata.Tests.Frontend;

/// <summary>Each refusal names the node, its operator and operator set, the value at hand, and what is allowed or what to do.</summary>
public class RefusalTests
{
    private static readonly Tensor X = Tensor.Zeros(ElementType.Float32, [1, 2, 3, 3]), W = Tensor.Zeros(ElementType.Float32, [2, 2, 1, 1]);

    private static readonly Dictionary<string, (SingleNode Node, Tensor?[] Operands, string[] Says)> Cases = new()
    {
        ["groups that do not fit"] = (new("Conv", 11) { Attributes = [("group", 3)] }, [X, W], ["group is 3", "2 against 6"]),
        ["an unknown attribute"] = (new("Conv", 11) { Attributes = [("groups", 3)] }, [X, W], ["groups", "allowed are auto_pad, dilations, group, kernel_shape, pads, strides"]),
        ["an attribute of another type"] = (new("Conv", 11) { Attributes = [("group", 1f)] }, [X, W], ["group must be of type Int, is Float"]),
        ["an element type"] = (new("Relu", 14), [Tensor.FromStrings([1], "a")], ["input 0 must be floating point or integer, is str"]),
        ["a choice"] = (new("Resize", 13) { Attributes = [("mode", "lanczos")] }, [X, null, Tensor.Vector(1f, 1, 2, 2)], ["mode is 'lanczos'", "allowed are nearest, linear, cubic"]),
        ["a number of a type"] = (new("Cast", 13) { Attributes = [("to", 99)] }, [X], ["attribute to", "99", "allowed are 1 to 26"]),
        ["an operator set before its time"] = (new("Gelu", 13), [X], ["from operator set 20 on", "convert the model"]),
        ["a training operator"] = (new("Adam", 1, "ai.onnx.preview.training"), [X], ["trains a network", "export the model for inference"]),
        ["a loop around a decoder"] = (new("BeamSearch", 1, "com.microsoft"), [X], ["text generation", "export the decoder"]),
        ["a feature of a fused operator"] = (new("MatMulNBits", 1, "com.microsoft") { Attributes = [("K", 16), ("N", 2), ("block_size", 16), ("weight_prepacked", 2)] }, [X], ["weight_prepacked 2", "allowed is 0"]),
        ["an operand too many"] = (new("MatMul", 13), [X, X, X], ["3 inputs given, at most 2 allowed"]),
        ["a missing operand"] = (new("GatherND", 11), [X], ["input 1 is missing; 2 are required"]),
        ["an operator set of the future"] = (new("Conv", 99), [X, W], ["operator set 99 is newer than 28"]),
        ["an unknown domain"] = (new("Whirl", 1, "com.example"), [X], ["domain 'com.example'", "known are ai.onnx, ai.onnx.ml"]),
        ["a name in another case"] = (new("matmul", 13), [X, X], ["there is MatMul"]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void SaysWhereWhatAndWhatIsAllowed(string name)
    {
        var (node, operands, says) = Cases[name];
        using var model = OnnxModel.Parse(node.Build(operands), "model.onnx");
        var error = Assert.ThrowsAny<StrataException>(() => OnnxImporter.Import(model));
        string label = node.Domain.Length == 0 ? node.Name : $"{node.Domain}.{node.Name}";
        Assert.StartsWith($"model.onnx: 'node' ({label}), operator set {node.Version}: ", error.Message, StringComparison.Ordinal);
        Assert.All(says, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        var finding = ModelCheck.Run(model)[0];
        Assert.All(says, part => Assert.Contains(part, $"{finding.Message}; {finding.Advice}", StringComparison.OrdinalIgnoreCase));
    }
}
