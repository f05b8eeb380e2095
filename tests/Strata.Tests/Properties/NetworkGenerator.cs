using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Tests.Properties;

/// <summary>A network and a value for each of its inputs.</summary>
internal sealed record RandomNetwork(int Seed, Network Network, IReadOnlyList<RuntimeValue?> Inputs);

/// <summary>
/// Builds a random network layer by layer, from a seed alone. Each layer is evaluated as it is added, so that the operands of
/// the next are chosen by what they really hold: types, shapes, elements.
/// </summary>
internal sealed partial class NetworkGenerator
{
    private const int MostElements = 256;

    private readonly Random random;
    private readonly NetworkBuilder builder;
    private readonly NetworkGenerator? outer;
    private readonly List<Value> values = [];
    private readonly Dictionary<Value, RuntimeValue> contents = new(ReferenceEqualityComparer.Instance);
    private readonly List<RuntimeValue> inputs = [];
    private readonly Dictionary<string, int> symbols = new(StringComparer.Ordinal);
    private readonly List<Value> bodyInputs = [];
    private readonly List<(Value Outer, Value Inner)> captures = [];

    private NetworkGenerator(Random random, NetworkBuilder builder, NetworkGenerator? outer) => (this.random, this.builder, this.outer) = (random, builder, outer);

    /// <summary>The values that the outer network must hand to a nested one, in the order of its captured inputs.</summary>
    public IReadOnlyList<Value> Captured => [.. captures.Select(c => c.Outer)];

    /// <summary>True inside a body.</summary>
    public bool IsNested => outer is not null;

    /// <summary>Draws a network of about <paramref name="layers"/> layers, each by one of the rows.</summary>
    public static RandomNetwork Create(int seed, int layers, IReadOnlyList<OperatorDraw> rows)
    {
        var random = new Random(seed);
        var builder = new NetworkBuilder($"random {seed}");
        if (seed % 3 == 0) builder.Metadata = builder.Metadata.Add("seed", $"{seed}");
        var generator = new NetworkGenerator(random, builder, null);
        for (int i = 0; i < layers; i++) rows[random.Next(rows.Count)].Draw(generator);
        generator.NameOutputs();
        return new(seed, builder.Build(), generator.inputs);
    }

    public bool Chance(double probability) => random.NextDouble() < probability;

    public int Next(int least, int most) => random.Next(least, most + 1);

    public T Choose<T>(params ReadOnlySpan<T> items) => items[random.Next(items.Length)];

    /// <summary>What a value holds.</summary>
    public Tensor At(Value value) => (Tensor)contents[value];

    public int[] DimsOf(Value value) => [.. At(value).Dims];

    public ElementType TypeOf(Value value) => At(value).ElementType;

    /// <summary>A tensor that there is already, or a new constant or input.</summary>
    public Value Pick(Func<Tensor, bool> fits, Func<Tensor> make)
    {
        if (Chance(0.7) && Known(v => v is Tensor t && t.Count <= MostElements && fits(t)) is { } known) return known;
        if (outer is not null && Chance(0.5) && outer.Known(v => v is Tensor t && t.Count <= MostElements && fits(t)) is { } captured) return Capture(captured);
        return Make(make());
    }

    /// <summary>A value of another kind than tensors, if there is one.</summary>
    public Value? Known(Func<RuntimeValue, bool> fits)
    {
        var found = values.Where(v => fits(contents[v])).ToArray();
        return found.Length == 0 ? null : found[random.Next(found.Length)];
    }

    /// <summary>A new constant, or a new input whose dimensions are perhaps symbols.</summary>
    public Value Make(Tensor tensor) => outer is not null || Chance(0.5) ? Constant(tensor) : Input(tensor);

    public Value Constant(Tensor tensor)
    {
        // Equal constants are shared, or not.
        if (Chance(0.5) && values.FirstOrDefault(v => v.Constant is not null && At(v).BitEquals(tensor)) is { } known) return known;
        return Keep(builder.Constant(tensor, Choose("c", "w", "constant")), tensor);
    }

    /// <summary>An i64 vector: nearly always a constant.</summary>
    public Value Ints(params ReadOnlySpan<long> elements) => Small(Tensor.Vector(elements));

    /// <summary>A small operand that shapes depend on: nearly always a constant.</summary>
    public Value Small(Tensor tensor) => Chance(0.85) || outer is not null ? Constant(tensor) : Input(tensor);

    public Value Input(Tensor tensor)
    {
        var dims = new Dim[tensor.Rank];
        for (int d = 0; d < dims.Length; d++) dims[d] = Symbolic(tensor.Dims[d]);
        inputs.Add(tensor);
        return Keep(builder.Input(builder.UniqueName(Choose("x", "input", "data:0")), new TensorType(tensor.ElementType, Chance(0.03) ? null : Shape.Create(dims))), tensor);
    }

    /// <summary>Adds a layer of one output and returns it.</summary>
    public Value Add(Operator op, params ReadOnlySpan<Value?> operands) => AddMany(op, 1, 1, operands)[0]!;

    /// <summary>Adds a layer; outputs from <paramref name="required"/> on are perhaps not wanted.</summary>
    public Value?[] AddMany(Operator op, int outputs, int required, params ReadOnlySpan<Value?> operands)
    {
        var specs = new OutputSpec?[outputs];
        for (int i = 0; i < outputs; i++) specs[i] = i < required || Chance(0.7) ? new OutputSpec(Chance(0.3) ? "y" : "") : null;
        while (specs is [.., null]) specs = specs[..^1];
        var layer = builder.Add(op, operands, specs, Choose("", "layer", "block/0"));
        RuntimeValue?[] given = [.. layer.Inputs.Select(v => v is null ? null : contents[v])];
        var context = new ReferenceContext(given, [.. layer.Outputs.Select(o => o?.Type)], (body, bodyInputs) => new Interpreter(body).Run(bodyInputs));
        var results = ReferenceEvaluations.Find(op)!(op, context);
        for (int i = 0; i < layer.Outputs.Length; i++)
        {
            if (layer.Outputs[i] is { } output) Keep(output, results[i]!);
        }
        return [.. layer.Outputs];
    }

    /// <summary>Starts a network nested in this one.</summary>
    public NetworkGenerator Body(string name) => new(random, new NetworkBuilder(name, builder), this);

    /// <summary>Adds an input of a body that is not captured: it holds <paramref name="content"/> in the run that the body is made by.</summary>
    public Value BodyInput(string name, NetworkType type, RuntimeValue content)
    {
        var value = Keep(builder.Input(builder.UniqueName(name), type), content);
        bodyInputs.Add(value);
        return value;
    }

    public Value Capture(Value value)
    {
        if (captures.FirstOrDefault(c => c.Outer == value) is { Inner: { } known }) return known;
        var inner = Keep(builder.Capture(value.Name, value, outer!.builder), outer.contents[value]);
        captures.Add((value, inner));
        return inner;
    }

    /// <summary>The finished body: its own inputs, then the captured ones in the given order.</summary>
    public Network BuildInOrder(Value[] captured, params ReadOnlySpan<Value> outputs)
    {
        for (int i = 0; i < outputs.Length; i++) builder.Output($"result{i}", outputs[i]);
        return builder.Build([.. bodyInputs, .. captured]);
    }

    private Value Keep(Value value, RuntimeValue content)
    {
        values.Add(value);
        contents[value] = content;
        return value;
    }

    // A dimension: a number, a symbol of this value, or a formula over one.
    private Dim Symbolic(int size)
    {
        if (Chance(0.6)) return size;
        var known = symbols.Where(s => s.Value == size).Select(s => s.Key).ToArray();
        if (known.Length > 0 && Chance(0.5)) return Dim.Symbol(known[random.Next(known.Length)]);
        foreach (var (name, value) in symbols)
        {
            if (Chance(0.3) && value > 0 && size >= value) return Dim.Symbol(name) + (size - value);
        }
        string symbol = $"s{symbols.Count}";
        symbols[symbol] = size;
        return Dim.Symbol(symbol);
    }

    private void NameOutputs()
    {
        var used = builder.Layers.SelectMany(l => l.Inputs).OfType<Value>().ToHashSet();
        int count = 0;
        foreach (var value in values)
        {
            bool ends = value.Producer is not null && !used.Contains(value);
            if (Chance(ends ? 0.9 : value.Producer is not null ? 0.1 : 0.03)) builder.Output($"out{count++}", value);
        }
        if (count == 0) builder.Output("out", values[^1]);
    }
}
