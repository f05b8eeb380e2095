using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>The operators of <c>ai.onnx.ml</c> that simpler core operators express.</summary>
internal static class LearningLowering
{
    public static void ArrayFeatureExtractor(NodeLowering node)
    {
        Value data = node[0], indices = node.Emit(new Reshape(), node[1], node.Ints(-1));
        if (data.TensorType.Rank == 1) data = node.Emit(new Unsqueeze(), data, node.Ints(0));
        node.Result(new Gather { Axis = -1 }, data, indices);
    }

    public static void Binarizer(NodeLowering node)
    {
        var threshold = node.Constant(Tensor.Scalar((double)node.Attributes.Float("threshold", 0)));
        var above = node.Emit(new Greater(), node.Emit(new Cast { To = ElementType.Float64 }, node[0]), threshold);
        node.Result(new Cast { To = node[0].TensorType.ElementType }, above);
    }

    public static void Scaler(NodeLowering node)
    {
        Value x = Float(node, node[0]);
        if (node.Attributes.Floats("offset", []) is { IsEmpty: false } offset) x = node.Emit(new Sub(), x, Floats(node, offset));
        if (node.Attributes.Floats("scale", []) is { IsEmpty: false } scale) x = node.Emit(new Mul(), x, Floats(node, scale));
        node.Result(new Identity(), x);
    }

    public static void Normalizer(NodeLowering node)
    {
        string norm = node.Attributes.Text("norm", "MAX");
        Value x = Float(node, node[0]), axes = node.Ints(-1);
        Value divisor = norm switch
        {
            "MAX" => node.Emit(new ReduceMax(), x, axes),
            "L1" => node.Emit(new ReduceL1(), x, axes),
            "L2" => node.Emit(new ReduceL2(), x, axes),
            _ => throw new InvalidNetworkException($"attribute norm is '{norm}'; allowed are MAX, L1, L2"),
        };
        Value none = node.Emit(new Equal(), divisor, node.Constant(Tensor.Scalar(0f)));
        node.Result(new Div(), x, node.Emit(new Where(), none, node.Constant(Tensor.Scalar(1f)), divisor));
    }

    public static void Imputer(NodeLowering node)
    {
        var x = node[0];
        var type = x.TensorType.ElementType;
        var floats = node.Attributes.Floats("imputed_value_floats", []);
        var integers = node.Attributes.Ints("imputed_value_int64s", []);
        float missing = node.Attributes.Float("replaced_value_float", 0);
        long missingInteger = node.Attributes.Int("replaced_value_int64", 0);
        if (type.IsFloat() ? floats.IsEmpty : integers.IsEmpty) throw new InvalidNetworkException($"imputed values for {type.Name()} must be given");
        Value values, found;
        if (type.IsFloat())
        {
            values = node.Constant(Tensor.FromDoubles(type, [floats.Length], [.. floats.Select(v => (double)v)]));
            found = float.IsNaN(missing) ? node.Emit(new IsNaN(), x) : node.Emit(new Equal(), x, node.Constant(Tensor.FromDoubles(type, [], [missing])));
        }
        else
        {
            values = node.Constant(Tensor.FromInt64s(type, [integers.Length], integers.AsSpan()));
            found = node.Emit(new Equal(), x, node.Constant(Tensor.FromInt64s(type, [], [missingInteger])));
        }
        node.Result(new Where(), found, values, x);
    }

    public static void FeatureVectorizer(NodeLowering node)
    {
        var extents = node.Attributes.Ints("inputdimensions", []);
        if (extents.Length != node.Inputs.Length) throw new InvalidNetworkException($"inputdimensions has {extents.Length} values for {node.Inputs.Length} inputs");
        var parts = new Value?[extents.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            Value part = Matrix(node, Float(node, node[i]));
            // What an input lacks is zero, what it has too much is cut.
            if (part.TensorType.Shape?[1].Is(extents[i]) != true)
                part = node.Emit(new Slice(), node.Emit(new Pad(), part, node.Ints(0, 0, 0, extents[i])), node.Ints(0), node.Ints(extents[i]), node.Ints(1));
            parts[i] = part;
        }
        node.Result(new Concat { Axis = 1 }, parts);
    }

    public static void OneHotEncoder(NodeLowering node)
    {
        var integers = node.Attributes.Ints("cats_int64s", []);
        var strings = node.Attributes.Texts("cats_strings", []);
        if (node.Attributes.Int("zeros", 1) == 0) throw NodeLowering.Unsupported("zeros = 0, which makes unknown categories an error, is not supported");
        if (integers.IsEmpty == strings.IsEmpty) throw new InvalidNetworkException("either cats_int64s or cats_strings must be given");
        Value x = node[0], categories;
        if (integers.IsEmpty) categories = node.Constant(Tensor.FromStrings([strings.Length], [.. strings]));
        else
        {
            categories = node.Ints(integers.AsSpan());
            x = node.Emit(new Cast { To = ElementType.Int64 }, x);
        }
        node.Result(new Cast { To = ElementType.Float32 }, node.Emit(new Equal(), node.Emit(new Unsqueeze(), x, node.Ints(-1)), categories));
    }

    public static void CategoryMapper(NodeLowering node)
    {
        var integers = node.Attributes.Ints("cats_int64s", []);
        var strings = node.Attributes.Texts("cats_strings", []);
        Tensor ints = Tensor.Vector(integers.AsSpan()), texts = Tensor.FromStrings([strings.Length], [.. strings]);
        Tensor number = Tensor.Vector(node.Attributes.Int("default_int64", -1)), text = Tensor.FromStrings([1], node.Attributes.Text("default_string", "_Unused"));
        bool toNumbers = node[0].TensorType.ElementType == ElementType.String;
        node.Result(toNumbers ? Encoder(texts, ints, number) : Encoder(ints, texts, text), node[0]);
    }

    /// <summary>Version 1 maps between strings and their places in a list.</summary>
    public static void LabelEncoderOfPlaces(NodeLowering node)
    {
        var strings = node.Attributes.Texts("classes_strings", []);
        Tensor texts = Tensor.FromStrings([strings.Length], [.. strings]), places = Tensor.Vector<long>([.. Enumerable.Range(0, strings.Length).Select(i => (long)i)]);
        Tensor number = Tensor.Vector(node.Attributes.Int("default_int64", -1)), text = Tensor.FromStrings([1], node.Attributes.Text("default_string", "_Unused"));
        bool toNumbers = node[0].TensorType.ElementType == ElementType.String;
        node.Result(toNumbers ? Encoder(texts, places, number) : Encoder(places, texts, text), node[0]);
    }

    public static void LabelEncoder(NodeLowering node)
    {
        var read = node.Attributes;
        var keys = read.Tensor("keys_tensor", null) ?? List(read, "keys") ?? throw new InvalidNetworkException("keys must be given");
        var values = read.Tensor("values_tensor", null) ?? List(read, "values") ?? throw new InvalidNetworkException("values must be given");
        string text = read.Text("default_string", "_Unused");
        long number = read.Int("default_int64", -1);
        float real = read.Float("default_float", -0.0f);
        var rest = read.Tensor("default_tensor", null) ?? Constant.Of(values.Type.ElementType switch
        {
            ElementType.String => Tensor.FromStrings([1], text),
            var type when type.IsFloat() => Tensor.FromDoubles(type, [1], [real]),
            var type => Tensor.FromInt64s(type, [1], [number]),
        });
        node.Result(new LabelEncoder { Keys = keys, Values = values, Default = rest }, node[0]);
    }

    public static void LinearRegressor(NodeLowering node)
    {
        var coefficients = Floats(node, node.Attributes.Floats("coefficients", []));
        var intercepts = node.Attributes.Floats("intercepts", []);
        long targets = node.Attributes.Int("targets", 1);
        var weights = node.Emit(new Reshape(), coefficients, node.Ints(targets, -1));
        var scores = node.Emit(new Gemm { TransB = true }, Matrix(node, Float(node, node[0])), weights, intercepts.IsEmpty ? null : Floats(node, intercepts));
        node.Result(node.Read(new ScoreTransform()), scores);
    }

    public static void LinearClassifier(NodeLowering node)
    {
        node.Attributes.Ignore("multi_class");
        var integers = node.Attributes.Ints("classlabels_ints", []);
        var strings = node.Attributes.Texts("classlabels_strings", []);
        var coefficients = node.Attributes.Floats("coefficients", []);
        var intercepts = node.Attributes.Floats("intercepts", []);
        var transform = node.Read(new ScoreTransform());
        Tensor labels = strings.IsEmpty ? Tensor.Vector(integers.AsSpan()) : Tensor.FromStrings([strings.Length], [.. strings]);
        int classes = intercepts.IsEmpty ? labels.Count : intercepts.Length;
        if (classes < 1 || coefficients.Length % classes != 0 || labels.Count != classes && !(classes == 1 && labels.Count == 2))
            throw new InvalidNetworkException($"{coefficients.Length} coefficients and {intercepts.Length} intercepts do not fit {labels.Count} labels");

        var weights = node.Constant(Tensor.From<float>([classes, coefficients.Length / classes], coefficients.AsSpan()));
        Value scores = node.Emit(new Gemm { TransB = true }, Matrix(node, Float(node, node[0])), weights, intercepts.IsEmpty ? null : Floats(node, intercepts));
        if (classes == 1 && labels.Count == 2) scores = node.Emit(new Concat { Axis = 1 }, node.Emit(new Neg(), scores), scores);
        if (labels.Count == 1) throw NodeLowering.Unsupported("a classifier with one label is not supported");
        if (node.Wants(0)) node.Bind(0, node.Emit(new Gather(), node.Constant(labels), node.Emit(new ArgMax { Axis = 1, KeepDims = false }, scores)));
        if (node.Wants(1)) node.Bind(1, node.Emit(transform, scores));
    }

    /// <summary>How often a node is visited says nothing about results.</summary>
    public static Action<NodeLowering> Trees(Operator prototype) => node =>
    {
        node.Attributes.Ignore("nodes_hitrates", "nodes_hitrates_as_tensor");
        node.Result(node.Read(prototype), node[0]);
    };

    private static Constant? List(OnnxAttributeReader read, string name) =>
        read.Has($"{name}_strings") ? Of(read.Texts($"{name}_strings", []))
        : read.Has($"{name}_int64s") ? Constant.Of(Tensor.Vector(read.Ints($"{name}_int64s", []).AsSpan()))
        : read.Has($"{name}_floats") ? Constant.Of(Tensor.Vector(read.Floats($"{name}_floats", []).AsSpan())) : null;

    private static Constant Of(ImmutableArray<string> strings) => Constant.Of(Tensor.FromStrings([strings.Length], [.. strings]));

    private static LabelEncoder Encoder(Tensor keys, Tensor values, Tensor rest) => new() { Keys = Constant.Of(keys), Values = Constant.Of(values), Default = Constant.Of(rest) };

    private static Value Float(NodeLowering node, Value x) => x.TensorType.ElementType == ElementType.Float32 ? x : node.Emit(new Cast { To = ElementType.Float32 }, x);

    private static Value Floats(NodeLowering node, ImmutableArray<float> values) => node.Constant(Tensor.Vector(values.AsSpan()));

    // A vector counts as one row.
    private static Value Matrix(NodeLowering node, Value x) => x.TensorType.Rank == 1 ? node.Emit(new Unsqueeze(), x, node.Ints(0)) : x;
}
