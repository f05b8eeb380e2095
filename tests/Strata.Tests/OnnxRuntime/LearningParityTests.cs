#if HAVE_ONNXRUNTIME
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
#endif
using Strata.Tests.Support;

namespace Strata.Tests.OnnxRuntime;

/// <summary>The operators of <c>ai.onnx.ml</c> against ONNX Runtime; few of them have recorded cases.</summary>
public class LearningParityTests
{
#if HAVE_ONNXRUNTIME
    private static readonly string[] Transforms = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"];

    // Null, with the difference as the message otherwise.
    private static void Agrees(string? difference) => Assert.True(difference is null, difference);

    private static NodeParity Node(string name, int version = 1) => new(name, "ai.onnx.ml", DomainVersion: version);

    [FactRequiring(TestSource.OnnxRuntime)]
    public void Features()
    {
        Agrees(Node("Scaler").F32(3, 4).Floats("offset", 1, 2, 3, 4).Floats("scale", 0.5f, 1, 2, 3).Difference());
        Agrees(Node("Scaler").I64([2, 2], 1, 2, 3, 4).Floats("offset", 1).Floats("scale", 0.5f).Difference());
        Agrees(Node("Binarizer").F32(3, 4).Set("threshold", 0.25f).Difference());
        foreach (string norm in new[] { "MAX", "L1", "L2" }) Agrees(Node("Normalizer").F32(3, 4).Set("norm", norm).Difference());
        Agrees(Node("Imputer").With(Tensor.From<float>([2, 2], [1, float.NaN, 3, float.NaN])).Floats("imputed_value_floats", 7, 8).Set("replaced_value_float", float.NaN).Difference());
        Agrees(Node("Imputer").I64([2, 2], 1, -1, -1, 4).Set("imputed_value_int64s", new long[] { 9 }).Set("replaced_value_int64", -1).Difference());
        Agrees(Node("FeatureVectorizer").F32(3, 2).F32(3, 1).Set("inputdimensions", 2, 1).Difference());
        Agrees(Node("ArrayFeatureExtractor").F32(3, 4).I64([2], 3, 1).Difference());
        Agrees(Node("ArrayFeatureExtractor").F32(4).I64([1], 2).Difference());
        Agrees(Node("OneHotEncoder").I64([4], 1, 5, 7, 1).Set("cats_int64s", 1, 7).Difference());
        Agrees(Node("OneHotEncoder").With(Tensor.FromStrings([2, 2], "a", "b", "c", "a")).Set("cats_strings", "a", "b").Difference());
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void Labels()
    {
        var words = Tensor.FromStrings([3], "a", "b", "z");
        Agrees(Node("CategoryMapper").With(words).Set("cats_strings", "a", "b").Set("cats_int64s", 3, 4).Set("default_int64", -7).Difference());
        Agrees(Node("CategoryMapper").I64([3], 3, 4, 5).Set("cats_strings", "a", "b").Set("cats_int64s", 3, 4).Difference());
        Agrees(Node("LabelEncoder", 2).With(words).Set("keys_strings", "a", "b").Floats("values_floats", 1.5f, 2.5f).Difference());
        Agrees(Node("LabelEncoder", 4).With(Tensor.Vector(1f, float.NaN, 3f)).Floats("keys_floats", 1, float.NaN).Set("values_int64s", 5, 6).Difference());
        Agrees(Node("LabelEncoder", 2).I64([2], 2, 9).Set("keys_int64s", 1, 2).Set("values_strings", "x", "y").Difference());
        Agrees(Node("LabelEncoder").With(words).Set("classes_strings", "b", "a").Difference());
        Agrees(Node("LabelEncoder").I64([3], 0, 1, 2).Set("classes_strings", "b", "a").Difference());
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void MapsComeAndGo()
    {
        var numbers = new MapValue(Tensor.Vector(1L, 3L, 4L), [Tensor.Scalar(0.5f), Tensor.Scalar(-2f), Tensor.Scalar(7f)]);
        var words = new MapValue(Tensor.FromStrings([2], "a", "c"), [Tensor.Scalar(4f), Tensor.Scalar(8f)]);
        Same(new CastMap(), ElementType.Int64, numbers);
        Same(new CastMap { Sparse = true, Length = 6 }, ElementType.Int64, numbers);
        Same(new CastMap { To = ElementType.Int64 }, ElementType.Int64, numbers);
        Same(new DictVectorizer { Int64s = [4, 9, 1] }, ElementType.Int64, numbers);
        Same(new DictVectorizer { Strings = ["a", "b", "c"] }, ElementType.String, words);
        Same(new ZipMap { Int64s = [3, 5] }, null, Tensor.From<float>([2, 2], [1, 2, 3, 4]));
        Same(new ZipMap { Strings = ["x", "y"] }, null, Tensor.From<float>([1, 2], [1, 2]));

        // An operand that is a map from the key type, or a tensor.
        static void Same(Operator op, ElementType? key, RuntimeValue operand)
        {
            var builder = new NetworkBuilder("map");
            NetworkType type = key is { } known ? new MapType(known, new TensorType(ElementType.Float32, Shape.Scalar)) : TensorType.Of((Tensor)operand);
            builder.Output("y", builder.Add(op, builder.Input("x", type)));
            var network = builder.Build();
            using var reference = new OnnxRuntimeReference(OnnxExporter.Export(network));
            Assert.Null(ValueComparison.Difference(new Interpreter(network).Run([operand])[0], reference.Run(network, [operand])[0], new Tolerance(0, 0, 1e-6)));
        }
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void LinearModels()
    {
        Agrees(Node("LinearRegressor").F32(5, 3).Floats("coefficients", 1, 2, 3, -1, 0.5f, 2).Floats("intercepts", 0.1f, -0.2f).Set("targets", 2).Difference());
        Agrees(Node("LinearRegressor").F32(5, 3).Floats("coefficients", 1, 2, 3).Difference());
        foreach (string transform in Transforms)
        {
            Agrees(Node("LinearClassifier").F32(6, 2).Floats("coefficients", 1, 2, -1, 0.5f, 2, -3).Floats("intercepts", 0.1f, -0.2f, 0.3f).Set("classlabels_ints", 4, 5, 6).Set("post_transform", transform).Difference("yz"));
            Agrees(Node("LinearClassifier").F32(6, 2).Floats("coefficients", 1, 2, -1, -2).Floats("intercepts", 0.1f, -0.1f).Set("classlabels_strings", "no", "yes").Set("post_transform", transform).Difference("yz"));
        }
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void SupportVectors()
    {
        foreach (string kernel in new[] { "LINEAR", "POLY", "RBF", "SIGMOID" })
        {
            NodeParity Common(string name) => Node(name).F32(5, 2).Set("kernel_type", kernel).Floats("kernel_params", 0.4f, 0.3f, 2)
                .Floats("support_vectors", 0.5f, -0.25f, 1, 0.75f, -1, 0.5f);
            Agrees(Common("SVMRegressor").Set("n_supports", 3).Floats("coefficients", 1, -0.5f, 0.75f).Floats("rho", 0.2f).Difference(tolerance: 1e-4));
            Agrees(Common("SVMRegressor").Set("n_supports", 3).Set("one_class", 1).Floats("coefficients", 1, -0.5f, 0.75f).Floats("rho", 0.2f).Difference());
            Agrees(Classes(Common("SVMClassifier")).Difference("yz", 1e-4));
            Agrees(Classes(Common("SVMClassifier")).Floats("prob_a", -1, -0.5f, -2).Floats("prob_b", 0.1f, 0, -0.2f).Difference("yz", 1e-3));
            Agrees(Pair(Common("SVMClassifier")).Difference("yz", 1e-4));
            Agrees(Pair(Common("SVMClassifier")).Floats("prob_a", -1).Floats("prob_b", 0.1f).Difference("yz", 1e-3));
        }
        Agrees(Node("SVMClassifier").F32(5, 2).Set("kernel_type", "LINEAR").Floats("kernel_params", 0, 0, 0).Floats("coefficients", 1, -0.5f, 0.75f, 2, -1, -1).Floats("rho", 0.1f, 0.1f, 0.1f).Set("classlabels_ints", 0, 1, 2).Difference("yz"));

        static NodeParity Classes(NodeParity node) => node.Set("classlabels_ints", 3, 5, 9).Set("vectors_per_class", 1, 1, 1).Floats("coefficients", 1, -0.5f, 0.75f, 0.25f, -1, 0.5f).Floats("rho", 0.2f, -0.1f, 0.05f);
        static NodeParity Pair(NodeParity node) => node.Set("classlabels_strings", "a", "b").Set("vectors_per_class", 2, 1).Floats("coefficients", 1, -0.5f, 0.75f).Floats("rho", 0.2f);
    }

    // Two trees: x0 ≤ 0.1 ? leaf 1 : (x1 > −0.2 ? leaf 3 : leaf 4), and x1 < 0.3 ? leaf 1 : leaf 2.
    private static NodeParity Trees(string name, string votes, params float[] weights) => Node(name).F32(40, 2)
        .Set("nodes_treeids", 0, 0, 0, 0, 0, 1, 1, 1).Set("nodes_nodeids", 0, 1, 2, 3, 4, 0, 1, 2).Set("nodes_featureids", 0, 0, 1, 0, 0, 1, 0, 0)
        .Set("nodes_modes", "BRANCH_LEQ", "LEAF", "BRANCH_GT", "LEAF", "LEAF", "BRANCH_LT", "LEAF", "LEAF").Floats("nodes_values", 0.1f, 0, -0.2f, 0, 0, 0.3f, 0, 0)
        .Set("nodes_truenodeids", 1, 0, 3, 0, 0, 1, 0, 0).Set("nodes_falsenodeids", 2, 0, 4, 0, 0, 2, 0, 0)
        .Set($"{votes}_treeids", 0, 0, 0, 1, 1).Set($"{votes}_nodeids", 1, 3, 4, 1, 2).Floats($"{votes}_weights", weights);

    [FactRequiring(TestSource.OnnxRuntime)]
    public void TreesRegress()
    {
        foreach (string aggregate in new[] { "SUM", "AVERAGE", "MIN", "MAX" })
        {
            Agrees(Trees("TreeEnsembleRegressor", "target", 1, -2, 3, 0.5f, -0.25f).Set("target_ids", 0, 0, 0, 0, 0).Set("n_targets", 1).Set("aggregate_function", aggregate).Difference());
            Agrees(Trees("TreeEnsembleRegressor", "target", 1, -2, 3, 0.5f, -0.25f).Set("target_ids", 0, 0, 0, 1, 1).Set("n_targets", 2).Set("aggregate_function", aggregate).Floats("base_values", 10, 20).Difference());
        }
    }

    [FactRequiring(TestSource.OnnxRuntime)]
    public void TreesClassify()
    {
        foreach (string transform in Transforms)
        {
            Agrees(Trees("TreeEnsembleClassifier", "class", 1, 0.5f, 0.25f, 0.75f, 0.5f).Set("class_ids", 0, 1, 2, 2, 1).Set("classlabels_int64s", 7, 8, 9).Set("post_transform", transform).Difference("yz"));
            Agrees(Trees("TreeEnsembleClassifier", "class", 1, -2, 3, 0.5f, -0.25f).Set("class_ids", 0, 0, 0, 0, 0).Set("classlabels_int64s", 0, 1).Set("post_transform", transform).Difference("yz"));
            Agrees(Trees("TreeEnsembleClassifier", "class", 0.1f, 0.2f, 0.3f, 0.1f, 0.45f).Set("class_ids", 0, 0, 0, 0, 0).Set("classlabels_strings", "a", "b").Set("post_transform", transform).Difference("yz"));
        }
    }
#else
    [FactRequiring(TestSource.OnnxRuntime)]
    public void Features() => TestData.Require(TestSource.OnnxRuntime);
#endif
}
