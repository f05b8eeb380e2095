using System.Collections.Immutable;
using Strata.Tensors;

namespace Strata.Networks;

/// <summary>An output that a layer to be added shall have: a wished name, made unique, and its type when already known.</summary>
public readonly record struct OutputSpec(string Name, NetworkType? Type = null);

/// <summary>Builds a <see cref="Network"/> front to back, inferring types as layers are added.</summary>
public sealed class NetworkBuilder
{
    private readonly string name;
    private readonly TypeInference inference;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly HashSet<Value> known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> nextSuffix = new(StringComparer.Ordinal);
    private readonly ImmutableArray<Value>.Builder inputs = ImmutableArray.CreateBuilder<Value>();
    private readonly ImmutableArray<Layer>.Builder layers = ImmutableArray.CreateBuilder<Layer>();
    private readonly ImmutableArray<NetworkOutput>.Builder outputs = ImmutableArray.CreateBuilder<NetworkOutput>();

    /// <summary>Starts a network; one nested in the network that <paramref name="outer"/> builds shares its symbols.</summary>
    public NetworkBuilder(string name, NetworkBuilder? outer = null) => (this.name, inference) = (name, new TypeInference(outer?.inference));

    /// <summary>Free-form facts, by key.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; set; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The layers added so far.</summary>
    public IReadOnlyList<Layer> Layers => layers;

    /// <summary>Adds an input. The name must be new.</summary>
    public Value Input(string inputName, NetworkType type)
    {
        if (inputName.Length == 0) throw new InvalidNetworkException("an input needs a name");
        if (names.Contains(inputName)) throw new InvalidNetworkException($"two values are called '{inputName}'");
        var value = Define(inputName, type, null);
        inference.Reserve(type);
        inputs.Add(value);
        return value;
    }

    /// <summary>Adds an input of a nested network that stands for a value of the outer one, and keeps what is known of its contents.</summary>
    public Value Capture(string inputName, Value captured, NetworkBuilder outer)
    {
        var value = Input(UniqueName(inputName), captured.Type);
        inference.SetContents(value, outer.inference.ContentsOf(captured));
        return value;
    }

    /// <summary>Adds a constant; one that nothing uses is left out of the network.</summary>
    public Value Constant(Constant constant, string constantName = "constant") => Define(UniqueName(constantName), constant.Type, constant);

    /// <summary>Adds a constant from a tensor.</summary>
    public Value Constant(Tensor tensor, string constantName = "constant") => Constant(Networks.Constant.Of(tensor), constantName);

    /// <summary>Adds a layer with one output and returns it.</summary>
    public Value Add(Operator op, params ReadOnlySpan<Value?> operands) => Add(op, operands, [new OutputSpec("")], "").Outputs[0]!;

    /// <summary>Adds a layer; outputs whose specification has no type get it from the operator's shape rule.</summary>
    /// <exception cref="InvalidNetworkException">The operator's rules are broken; the message names the layer.</exception>
    public Layer Add(Operator op, ReadOnlySpan<Value?> operands, ReadOnlySpan<OutputSpec?> outputSpecs, string layerName)
    {
        foreach (var operand in operands)
        {
            if (operand is not null && !known.Contains(operand)) throw new InvalidNetworkException($"layer '{layerName}' ({op}) uses '{operand.Name}', which this network does not define");
        }
        int given = operands.Length;
        while (given > 0 && operands[given - 1] is null) given--;
        var inputValues = operands[..given].ToImmutableArray();

        // A layer without any typed output would break its operator's rules unseen.
        int wanted = 0, typed = 0;
        foreach (var spec in outputSpecs) (wanted, typed) = spec is null ? (wanted, typed) : (wanted + 1, spec.Value.Type is null ? typed : typed + 1);
        return Add(op, inputValues, outputSpecs, layerName, typed > 0 && typed == wanted ? null : Infer(op, inputValues, outputSpecs.Length, layerName));
    }

    /// <summary>
    /// Adds a layer whose output types are stated, and states them better where the operator's rule knows more of the operands
    /// at hand: a rank, a number for a symbol, a named symbol for one known only at run time. Constraints that this rests on
    /// are recorded where a run can check them.
    /// </summary>
    /// <inheritdoc cref="Add(Operator, ReadOnlySpan{Value}, ReadOnlySpan{OutputSpec?}, string)" path="/exception"/>
    public Layer Refine(Operator op, ReadOnlySpan<Value?> operands, ReadOnlySpan<OutputSpec?> outputSpecs, string layerName)
    {
        int constraints = inference.Constraints.Count;
        var context = Infer(op, operands.ToImmutableArray(), outputSpecs.Length, layerName);
        var refined = outputSpecs.ToArray();
        bool changed = false;
        for (int i = 0; i < refined.Length; i++)
        {
            if (refined[i] is not { Type: { } stated } spec) continue;
            var better = TypeRefinement.Refine(stated, context.OutputType(i));
            changed |= !better.Equals(stated);
            refined[i] = spec with { Type = better };
        }
        inference.Forget(constraints, c => changed && !c.Left.IsRunTime && !c.Right.IsRunTime);
        return Add(op, operands.ToImmutableArray(), refined, layerName, context);
    }

    private Layer Add(Operator op, ImmutableArray<Value?> operands, ReadOnlySpan<OutputSpec?> outputSpecs, string layerName, InferenceContext? context)
    {
        var results = ImmutableArray.CreateBuilder<Value?>(outputSpecs.Length);
        for (int i = 0; i < outputSpecs.Length; i++)
        {
            if (outputSpecs[i] is not { } spec)
            {
                results.Add(null);
                continue;
            }
            var type = spec.Type ?? context!.OutputType(i);
            inference.Reserve(type);
            var value = Define(UniqueName(spec.Name.Length > 0 ? spec.Name : op.ToString().ToLowerInvariant()), type, null);
            if (context is not null) inference.SetContents(value, context.OutputContent(i));
            results.Add(value);
        }
        var layer = new Layer(layers.Count, layerName, op, operands, results.MoveToImmutable());
        layers.Add(layer);
        return layer;
    }

    /// <summary>Names a value as an output.</summary>
    public void Output(string outputName, Value value)
    {
        if (!known.Contains(value)) throw new InvalidNetworkException($"output '{outputName}' refers to a value that this network does not define");
        outputs.Add(new(outputName, value));
    }

    /// <summary>Records an equality of dimensions to be checked in each run.</summary>
    public void Constrain(DimConstraint constraint)
    {
        inference.Reserve(constraint.Left);
        inference.Reserve(constraint.Right);
        inference.Constrain(constraint);
    }

    /// <summary>What the builder knows of the elements of a small integer tensor.</summary>
    public ImmutableArray<Dim>? ContentsOf(Value value) => inference.ContentsOf(value);

    /// <summary>Keeps fresh symbols distinct from those of a type that stands elsewhere.</summary>
    public void Reserve(NetworkType type) => inference.Reserve(type);

    /// <summary>A dimension symbol that no value uses yet.</summary>
    public Dim Fresh() => inference.Fresh();

    /// <summary>The finished network.</summary>
    public Network Build() => Build(inputs.ToArray());

    /// <summary>The finished network with its inputs in a given order.</summary>
    /// <exception cref="InvalidNetworkException">The order is not a permutation of the inputs.</exception>
    public Network Build(ReadOnlySpan<Value> inputOrder)
    {
        var ordered = inputOrder.ToImmutableArray();
        if (ordered.Length != inputs.Count || inputs.Except(ordered).Any()) throw new InvalidNetworkException($"network '{name}': the input order is not a permutation of its {inputs.Count} inputs");
        var used = layers.SelectMany(l => l.Inputs).Concat(outputs.Select(o => o.Value)).Where(v => v?.Constant is not null).Distinct();
        return new(name, ordered, [.. used!], layers.ToImmutable(), outputs.ToImmutable(), [.. inference.Constraints], Metadata.WithComparers(StringComparer.Ordinal));
    }

    /// <summary>A name that no value has yet: the wish, or the wish with a number.</summary>
    public string UniqueName(string wish)
    {
        if (!names.Contains(wish) && wish.Length > 0) return wish;
        int suffix = nextSuffix.GetValueOrDefault(wish, 1);
        while (names.Contains($"{wish}_{suffix}")) suffix++;
        nextSuffix[wish] = suffix + 1;
        return $"{wish}_{suffix}";
    }

    private InferenceContext Infer(Operator op, ImmutableArray<Value?> operands, int outputCount, string layerName)
    {
        var context = new InferenceContext(inference, operands, outputCount);
        try
        {
            op.Infer(context);
        }
        catch (InvalidNetworkException error)
        {
            string types = string.Join(", ", operands.Select(o => o?.Type.ToString() ?? "_"));
            throw new InvalidNetworkException($"{op} '{layerName}': {error.Message} (inputs: {types})", error);
        }
        return context;
    }

    private Value Define(string valueName, NetworkType type, Constant? constant)
    {
        if (known.Count >= Limits.Values) throw new ResourceLimitException($"a network has at most {Limits.Values} values");
        var value = new Value(valueName, type, constant);
        names.Add(valueName);
        known.Add(value);
        return value;
    }
}
