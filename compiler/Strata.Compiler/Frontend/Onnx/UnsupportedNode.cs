namespace Strata.Compiler.Frontend.Onnx;

/// <summary>A node that the importer cannot turn into layers.</summary>
/// <param name="Node">Its name, or that of its first output.</param>
/// <param name="Operator">Its operator, with the domain where it is not ONNX's.</param>
/// <param name="Opset">The operator set version in force for its domain.</param>
/// <param name="Reason">What is not supported, and what is.</param>
internal sealed record UnsupportedNode(string Node, string Operator, int? Opset, string Reason)
{
    public override string ToString() => $"'{Node}' ({Operator}){(Opset is null ? "" : $", operator set {Opset}")}: {Reason}";
}
