using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>If: both branches become closed networks that take the same captured values.</summary>
internal static class IfLowering
{
    public static void Lower(NodeLowering node)
    {
        ImportScope then = Import("then_branch"), otherwise = Import("else_branch");
        Value[] captured = [.. then.Captures.Concat(otherwise.Captures).Select(c => c.Outer).Distinct()];
        node.Result(new If { Then = Close(then), Else = Close(otherwise) }, [node[0], .. captured]);

        ImportScope Import(string attribute)
        {
            var graph = node.Attributes.Graph(attribute) ?? throw new InvalidNetworkException($"attribute {attribute} is missing");
            try
            {
                return Body(forgetsShapes: node.Scope.ForgetsShapes);
            }
            catch (InvalidNetworkException) when (!node.Scope.ForgetsShapes)
            {
                // A branch for other shapes than these is no reason to refuse the other one.
                return Body(forgetsShapes: true);
            }

            ImportScope Body(bool forgetsShapes)
            {
                var body = node.NewBody(attribute, forgetsShapes: forgetsShapes);
                node.ImportBody(body, graph);
                return body;
            }
        }

        Network Close(ImportScope body)
        {
            var inputs = captured.Select(c => body.CaptureInput(c)).ToArray();
            return body.Builder.Build(inputs);
        }
    }
}
