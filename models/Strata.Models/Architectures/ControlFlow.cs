using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>
/// A recurrent refinement whose path depends on the input: an If with a Loop in one branch, then a Loop of unknown
/// length with carried values, scan outputs and an If in its body. Bodies use values of the graphs around them.
/// </summary>
internal static class ControlFlow
{
    private const int Features = 12;
    private const int Classes = 4;

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        int hidden = size == ModelSize.Small ? 24 : 512;
        var model = new ModelBuilder("control", "If and Loop, nested", size, 21, weights) { SampleDims = { ["batch"] = 2 } };
        var g = model.Graph;

        string x = g.Input("features", ElementType.Float32, ["batch", Features], Samples.Normal);
        string steps = g.Input("steps", ElementType.Int64, [], Samples.Constant(6));
        string h = g["encode"].Node("Tanh", [g["encode"].Gemm(x, Features, hidden)]);
        string z = Prepare(g, h, hidden);
        var (state, total, deltas, trace) = Refine(g, h, z, steps, hidden);

        g.Output("scores", g["head"].Gemm(state, hidden, Classes), ElementType.Float32, "batch", Classes);
        g.Output("total_change", total, ElementType.Float32);
        g.Output("changes", deltas, ElementType.Float32, "iterations");
        g.Output("trace", trace, ElementType.Float32, "iterations", "batch");
        return model;
    }

    /// <summary>Where the mean is positive, a layer of the branch's own weights; elsewhere two rounds of a loop.</summary>
    private static string Prepare(GraphBuilder g, string h, int hidden)
    {
        var then = g.Body("then_branch");
        string scaled = then["prepare"].Gemm(h, hidden, hidden);
        then.Output("prepared", then.Relu(scaled), ElementType.Float32, "batch", hidden);

        var body = g["else_branch"].Body("body");
        body.Input("iteration", ElementType.Int64, []);
        string go = body.Input("condition", ElementType.Bool, []);
        string carried = body.Input("carried", ElementType.Float32, ["batch", hidden]);
        string next = body.Node("Sub", [h, body.Node("Mul", [carried, body.Node("Sigmoid", [carried])])]);
        body.Output("condition", body.Node("Identity", [go]), ElementType.Bool);
        body.Output("carried", next, ElementType.Float32, "batch", hidden);

        var otherwise = g.Body("else_branch");
        string looped = otherwise.Node("Loop", [otherwise.Scalar(2L), "", h], ("body", body));
        otherwise.Output("prepared", looped, ElementType.Float32, "batch", hidden);

        string positive = g.Node("Greater", [g.Node("ReduceMean", [h], ("keepdims", 0)), g.Scalar(0f)]);
        return g.Node("If", [positive], ("then_branch", then), ("else_branch", otherwise));
    }

    /// <summary>Repeats until a step changes little or <paramref name="steps"/> are done.</summary>
    private static (string State, string Total, string Deltas, string Trace) Refine(GraphBuilder g, string h, string z, string steps, int hidden)
    {
        string recurrent = g["refine"].Parameter("weight", [hidden, hidden], Fills.Weights(1 / Math.Sqrt(hidden)));

        var body = g["refine"].Body("body");
        body.Input("iteration", ElementType.Int64, []);
        body.Input("condition", ElementType.Bool, []);
        string state = body.Input("state", ElementType.Float32, ["batch", hidden]);
        string total = body.Input("total", ElementType.Float32, []);

        string proposal = body.Node("Tanh", [body.Node("Add", [body.Node("MatMul", [state, recurrent]), h])]);
        string delta = body.Node("ReduceMean", [body.Node("Abs", [body.Node("Sub", [proposal, state])])], ("keepdims", 0));

        var take = body.Body("then_branch");
        take.Output("state", take.Node("Identity", [proposal]), ElementType.Float32, "batch", hidden);
        var blend = body.Body("else_branch");
        string mean = blend.Node("Mul", [blend.Node("Add", [proposal, state]), blend.Scalar(0.5f)]);
        blend.Output("state", blend.Node("Add", [mean, blend.Node("Mul", [h, blend.Scalar(0.01f)])]), ElementType.Float32, "batch", hidden);
        string large = body.Node("Greater", [delta, body.Scalar(0.3f)]);
        string next = body.Node("If", [large], ("then_branch", take), ("else_branch", blend));

        string sum = body.Node("Add", [total, delta]);
        string change = body.Node("Identity", [delta]);
        string means = body.Node("ReduceMean", [next, body.Constant(1)], ("keepdims", 0));

        body.Output("condition", body.Node("Greater", [delta, body.Scalar(0.001f)]), ElementType.Bool);
        body.Output("state", next, ElementType.Float32, "batch", hidden);
        body.Output("total", sum, ElementType.Float32);
        body.Output("change", change, ElementType.Float32);
        body.Output("row_means", means, ElementType.Float32, "batch");

        string[] results = g["refine"].Node("Loop", 4, [steps, g.Scalar(true), z, g.Scalar(0f)], ("body", body));
        return (results[0], results[1], results[2], results[3]);
    }
}
