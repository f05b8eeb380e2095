using Strata.Networks;
using Strata.Networks.Text;

namespace Strata.Compiler.Fidelity;

/// <summary>
/// Which layer of one network is which of another, whatever they are called: layers that compute the same first, then those
/// with the same weights, the same users, the same name, the same place. Each criterion is a key, and layers of equal key are
/// paired in order; every pair tells more of the values around it to the keys after it. Linear in the number of layers.
/// </summary>
internal sealed class LayerPairing
{
    private readonly Network first, second;
    private readonly Dictionary<Layer, Layer> secondOf = new(ReferenceEqualityComparer.Instance), firstOf = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, Value> counterparts = new(ReferenceEqualityComparer.Instance); // of the second network's values
    private readonly Dictionary<Value, int> numbers = new(ReferenceEqualityComparer.Instance); // of the first network's values
    private readonly Dictionary<Layer, string> signatures = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, List<(Layer? User, int Index)>> uses = new(ReferenceEqualityComparer.Instance); // of both; network outputs by the first's index

    public LayerPairing(Network first, Network second)
    {
        (this.first, this.second) = (first, second);
        foreach (var value in Values(first)) numbers[value] = numbers.Count;
        foreach (var (x, y) in PortPairing.Pair([.. first.Inputs.Select(i => i.Name)], [.. second.Inputs.Select(i => i.Name)]))
        {
            if (x is { } i && y is { } k) counterparts[second.Inputs[k]] = first.Inputs[i];
        }
        var outputs = PortPairing.Pair([.. first.Outputs.Select(o => o.Name)], [.. second.Outputs.Select(o => o.Name)]);
        FindUses(first, i => i);
        FindUses(second, i => outputs.First(p => p.Second == i).First ?? -1);

        PairBy(Computation);
        PairBy(Weights);
        PairBy(Computation);
        PairBy(Users, isBackward: true);
        PairBy(Computation);
        PairBy(NameAndOperator);
        PairBy(Computation);
        PairBy(Users, isBackward: true);
        PairBy(Place);
        PairBy(Name);
        PairLeftoverValues();
    }

    /// <summary>The layer of the second network that is this one of the first, or null.</summary>
    public Layer? SecondOf(Layer layer) => secondOf.GetValueOrDefault(layer);

    /// <summary>The layer of the first network that is this one of the second, or null.</summary>
    public Layer? FirstOf(Layer layer) => firstOf.GetValueOrDefault(layer);

    /// <summary>True when both are omitted, constants of one type and content, or computed by counterparts.</summary>
    public bool AreSame(Value? x, Value? y) =>
        x is null || y is null ? x is null && y is null
        : x.Constant is { } c && y.Constant is { } d ? x.Type.Equals(y.Type) && NetworkComparer.SameContent(c, d)
        : counterparts.GetValueOrDefault(y) == x;

    private void FindUses(Network network, Func<int, int> firstIndex)
    {
        foreach (var layer in network.Layers)
        {
            for (int i = 0; i < layer.Inputs.Length; i++) Add(layer.Inputs[i], layer, i);
        }
        for (int i = 0; i < network.Outputs.Length; i++) Add(network.Outputs[i].Value, null, firstIndex(i));

        void Add(Value? value, Layer? user, int index)
        {
            if (value is null) return;
            if (!uses.TryGetValue(value, out var known)) uses[value] = known = [];
            known.Add((user, index));
        }
    }

    private void PairBy(Func<Layer, bool, string?> keyOf, bool isBackward = false)
    {
        var open = new Dictionary<string, Queue<Layer>>(StringComparer.Ordinal);
        foreach (var layer in Unpaired(first, secondOf))
        {
            if (keyOf(layer, false) is not { } key) continue;
            if (!open.TryGetValue(key, out var queue)) open[key] = queue = new();
            queue.Enqueue(layer);
        }
        foreach (var layer in Unpaired(second, firstOf))
        {
            if (keyOf(layer, true) is { } key && open.TryGetValue(key, out var queue) && queue.TryDequeue(out var match)) Pair(match, layer);
        }

        IEnumerable<Layer> Unpaired(Network network, Dictionary<Layer, Layer> paired)
        {
            var layers = network.Layers.Where(l => !paired.ContainsKey(l));
            return isBackward ? layers.Reverse() : layers;
        }
    }

    private void Pair(Layer x, Layer y)
    {
        (secondOf[x], firstOf[y]) = (y, x);
        foreach (var (p, q) in x.Outputs.Zip(y.Outputs))
        {
            if (p is not null && q is not null) counterparts.TryAdd(q, p);
        }
    }

    // A value that another kind of layer computes now is still the value of that name.
    private void PairLeftoverValues()
    {
        var taken = counterparts.Values.ToHashSet<Value>(ReferenceEqualityComparer.Instance);
        var open = Values(first).Where(v => v.Constant is null && !taken.Contains(v)).ToDictionary(v => v.Name, StringComparer.Ordinal);
        foreach (var value in Values(second).Where(v => v.Constant is null && !counterparts.ContainsKey(v)))
        {
            if (open.TryGetValue(value.Name, out var match)) counterparts[value] = match;
        }
    }

    private string? Computation(Layer layer, bool isSecond) => Operands(layer, isSecond, ContentOf) is { } operands ? $"{Signature(layer)}({operands})" : null;

    private string? Place(Layer layer, bool isSecond) => Operands(layer, isSecond, _ => "constant") is { } operands ? $"{layer.Operator}({operands})" : null;

    private string? Weights(Layer layer, bool isSecond)
    {
        var constants = layer.Inputs.OfType<Value>().Where(v => v.Constant is not null).ToArray();
        return constants.Any(c => c.Constant!.Count > Limits.InlineElements) ? $"{Signature(layer)}({string.Join(", ", constants.Select(ContentOf))})" : null;
    }

    // Null while a user has no counterpart.
    private string? Users(Layer layer, bool isSecond)
    {
        var sites = layer.Outputs.Select(o => o is null ? [] : uses.GetValueOrDefault(o, []).Select(Site).Order(StringComparer.Ordinal).ToArray()).ToArray();
        return sites.All(s => s.Length == 0) || sites.Any(s => s.Contains(null)) ? null : $"{Signature(layer)} {string.Join("; ", sites.Select(s => string.Join(", ", s)))}";

        string? Site((Layer? User, int Index) use) => use.User is not { } user ? use.Index < 0 ? null : $"output {use.Index}"
            : !isSecond ? $"{user.Id}.{use.Index}" : firstOf.TryGetValue(user, out var known) ? $"{known.Id}.{use.Index}" : null;
    }

    private static string? NameAndOperator(Layer layer, bool isSecond) => Name(layer, isSecond) is { } name ? $"{layer.Operator} {name}" : null;

    private static string? Name(Layer layer, bool isSecond) => layer.Name.Length > 0 ? layer.Name : layer.Outputs.FirstOrDefault(o => o is not null)?.Name;

    // Null while an operand has no counterpart.
    private string? Operands(Layer layer, bool isSecond, Func<Value, string> constant)
    {
        var operands = layer.Inputs.Select(v => v is null ? "_" : v.Constant is not null ? constant(v) : Number(v)).ToArray();
        return operands.Contains(null) ? null : string.Join(", ", operands);

        string? Number(Value value) => !isSecond ? $"{numbers[value]}" : counterparts.TryGetValue(value, out var known) ? $"{numbers[known]}" : null;
    }

    // Bodies count by their number of layers here; their own differences are found once layers are paired.
    private string Signature(Layer layer)
    {
        if (signatures.TryGetValue(layer, out string? known)) return known;
        var attributes = AttributePrinter.Print(layer.Operator, body => $"network of {body.TotalLayerCount}");
        return signatures[layer] = $"{layer.Operator} {string.Join(", ", attributes.Select(a => $"{a.Name} = {a.Text}"))}";
    }

    private static string ContentOf(Value value) => $"{value.Type} {value.Constant!.Hash}";

    private static IEnumerable<Value> Values(Network network) => network.Inputs.Concat(network.Constants).Concat(network.Layers.SelectMany(l => l.Outputs).OfType<Value>());
}
