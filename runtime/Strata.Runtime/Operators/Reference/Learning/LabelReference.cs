using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates the operators on labels and maps.</summary>
internal static class LabelReference
{
    public static Tensor Evaluate(LabelEncoder op, ReferenceContext context)
    {
        var data = context[0];
        Tensor keys = op.Keys!.Materialize(), values = op.Values!.Materialize();
        if (data.ElementType != keys.ElementType) throw ReferenceContext.Fail($"the operand is {data.ElementType.Name()}, the keys are {keys.ElementType.Name()}");
        var rest = op.Default?.Materialize() ?? (values.ElementType == ElementType.String ? Tensor.FromStrings([1], "_Unused") : Tensor.Zeros(values.ElementType, 1));
        var places = new Dictionary<object, int>();
        object[] keyed = Identities(keys), wanted = Identities(data);
        for (int i = 0; i < keyed.Length; i++) places[keyed[i]] = i;
        int[] positions = Array.ConvertAll(wanted, key => places.GetValueOrDefault(key, values.Count));
        return Slabs.Gather(Slabs.Chain(values, rest), data.Dims.AsSpan(), positions);
    }

    // Equal elements have equal identities; NaN equals NaN, and so do the two zeros.
    private static object[] Identities(Tensor tensor) => tensor.ElementType == ElementType.String ? [.. tensor.Strings]
        : tensor.ElementType.IsFloat() ? [.. tensor.ToDoubles().Select(x => (object)(x + 0.0))]
        : [.. tensor.ToInt64s().Select(x => (object)x)];

    public static SequenceValue Evaluate(ZipMap op, ReferenceContext context)
    {
        var scores = context[0];
        var labels = op.Labels;
        if (scores.Rank is not (1 or 2) || scores.Dims[^1] != labels.Count) throw ReferenceContext.Fail($"scores {scores} do not fit {labels.Count} labels");
        int rows = scores.Rank == 1 ? 1 : scores.Dims[0];
        var values = scores.ToDoubles();
        return new([.. Enumerable.Range(0, rows).Select(r => new MapValue(labels, [.. Enumerable.Range(0, labels.Count).Select(i => Tensor.Scalar((float)values[r * labels.Count + i]))]))]);
    }

    public static Tensor Evaluate(DictVectorizer op, ReferenceContext context)
    {
        var map = Map(context);
        object[] vocabulary = op.Strings.IsEmpty ? [.. op.Int64s.Select(x => (object)x)] : [.. op.Strings];
        object[] keys = Identities(map.Keys);
        var zero = Tensor.Zeros(ElementOf(context), 1);
        var parts = new Tensor[vocabulary.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            int at = Array.LastIndexOf(keys, vocabulary[i]);
            parts[i] = at < 0 ? zero : ((Tensor)map.Values[at]).Reshape(1);
        }
        return Slabs.Chain(parts).Reshape(1, parts.Length);
    }

    public static Tensor Evaluate(CastMap op, ReferenceContext context)
    {
        var map = Map(context);
        var keys = map.Keys.ToInt64s();
        int[] order = [.. Enumerable.Range(0, keys.Length).OrderBy(i => keys[i])];
        if (op.Sparse && keys.Any(k => k < 0 || k >= op.Length)) throw ReferenceContext.Fail($"a key lies outside [0, {op.Length})");
        var values = Array.ConvertAll(order, i => Convert((Tensor)map.Values[i], op.To));
        Tensor absent = Tensor.Zeros(op.To, 1), chain = Slabs.Chain([.. values, absent]);
        int[] positions = [.. Enumerable.Range(0, op.Sparse ? (int)op.Length : values.Length)];
        if (op.Sparse)
        {
            Array.Fill(positions, values.Length);
            for (int i = 0; i < order.Length; i++) positions[keys[order[i]]] = i;
        }
        return Slabs.Gather(chain, [1, positions.Length], positions);
    }

    private static Tensor Convert(Tensor value, ElementType type)
    {
        if (value.ElementType == type) return value.Reshape(1);
        return ((Tensor)ReferenceEvaluations.Evaluate(new Cast { To = type }, [value])).Reshape(1);
    }

    private static MapValue Map(ReferenceContext context) => context.Value(0) as MapValue ?? throw ReferenceContext.Fail("input 0 must be a map");

    private static ElementType ElementOf(ReferenceContext context) => context.OutputType(0) is Networks.TensorType type ? type.ElementType : ElementType.Float32;
}
