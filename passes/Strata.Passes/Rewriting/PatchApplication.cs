using Strata.Networks;

namespace Strata.Passes;

/// <summary>Rebuilds a network with patches applied, in time linear in its layers.</summary>
internal sealed class PatchApplication
{
    private readonly Network network;
    private readonly NetworkBuilder builder;
    private readonly Dictionary<Value, Value> map = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, (NetworkPatch Patch, Value New)> replaced = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Layer, List<NetworkPatch>> before = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, Layer> firstUsers = new(ReferenceEqualityComparer.Instance); // of replaced constants
    private readonly Dictionary<Value, string> names = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Layer> removed = new(ReferenceEqualityComparer.Instance);
    private readonly IReadOnlyDictionary<Layer, Operator> operators;

    private PatchApplication(Network network, IReadOnlyList<NetworkPatch> patches, IReadOnlyDictionary<Layer, Operator> operators)
    {
        (this.network, this.operators) = (network, operators);
        builder = new NetworkBuilder(network.Name) { Metadata = network.Metadata };
        foreach (var patch in patches)
        {
            foreach (var (old, with) in patch.Replacements) replaced[old] = (patch, with);
            removed.UnionWith(patch.Removed);
        }
        FindFirstUsers();
        foreach (var patch in patches)
        {
            foreach (var layer in patch.Replacements.Select(r => PlaceOf(r.Old)).OfType<Layer>().Distinct())
            {
                if (!before.TryGetValue(layer, out var list)) before[layer] = list = [];
                list.Add(patch);
            }
        }
        // The value of a patch that stands for another takes over its name.
        foreach (var (old, with) in patches.SelectMany(p => p.Replacements))
        {
            if (old.Constant is not null || old.Producer is { } producer && !IsKept(producer)) names.TryAdd(with, old.Name);
        }
        var constraints = new HashSet<DimConstraint>(network.Constraints);
        foreach (var constraint in network.Constraints) builder.Constrain(constraint);
        foreach (var constraint in patches.SelectMany(p => p.Layers.Count == 0 ? [] : p.Constraints))
        {
            if (constraints.Add(constraint)) builder.Constrain(constraint);
        }
    }

    /// <summary>The network with patches applied and the operators of some layers exchanged. Layers whose every output is replaced go.</summary>
    public static Network Apply(Network network, IReadOnlyList<NetworkPatch> patches, IReadOnlyDictionary<Layer, Operator>? operators = null) =>
        new PatchApplication(network, patches, operators ?? new Dictionary<Layer, Operator>()).Run();

    private Network Run()
    {
        foreach (var input in network.Inputs) map[input] = builder.Input(input.Name, input.Type);
        foreach (var layer in network.Layers)
        {
            foreach (var patch in before.GetValueOrDefault(layer) ?? []) AddLayers(patch, layer);
            if (IsKept(layer)) AddLayer(layer, null, operators.GetValueOrDefault(layer, layer.Operator), output => output.Name);
            foreach (var output in layer.Outputs)
            {
                if (output is not null && replaced.TryGetValue(output, out var with)) map[output] = Resolve(with.New, with.Patch);
            }
        }
        foreach (var output in network.Outputs)
        {
            // A constant that no layer uses is replaced at the end.
            if (output.Value.Constant is not null && replaced.TryGetValue(output.Value, out var with) && PlaceOf(output.Value) is null) AddLayers(with.Patch, null);
            builder.Output(output.Name, Resolve(output.Value, null));
        }
        return builder.Build();
    }

    // Before which layer what stands for a value is computed: the one that computed it; for a constant, the first that uses it.
    private Layer? PlaceOf(Value old) => old.Producer ?? firstUsers.GetValueOrDefault(old);

    private void FindFirstUsers()
    {
        if (replaced.Keys.All(v => v.Constant is null)) return;
        foreach (var layer in network.Layers)
        {
            foreach (var input in layer.Inputs)
            {
                if (input?.Constant is not null && replaced.ContainsKey(input)) firstUsers.TryAdd(input, layer);
            }
        }
    }

    // The layers of a patch that what stands for a layer's outputs needs, as far as they are not there yet.
    private void AddLayers(NetworkPatch patch, Layer? at)
    {
        var needed = new HashSet<Value>(patch.Replacements.Where(r => PlaceOf(r.Old) == at).Select(r => r.New), ReferenceEqualityComparer.Instance);
        var missing = new Stack<Layer>();
        foreach (var layer in patch.Layers.Reverse())
        {
            if (!layer.Outputs.Any(o => o is not null && needed.Contains(o)) || layer.Outputs.Any(o => o is not null && map.ContainsKey(o))) continue;
            needed.UnionWith(layer.Inputs.OfType<Value>());
            missing.Push(layer);
        }
        foreach (var layer in missing) AddLayer(layer, patch, layer.Operator, output => names.GetValueOrDefault(output, output.Name));
    }

    private void AddLayer(Layer layer, NetworkPatch? patch, Operator op, Func<Value, string> nameOf)
    {
        var specs = layer.Outputs.Select(o => o is null ? (OutputSpec?)null : new OutputSpec(nameOf(o), o.Type)).ToArray();
        var added = builder.Add(op, [.. layer.Inputs.Select(i => i is null ? null : Resolve(i, patch))], specs, layer.Name);
        foreach (var (old, output) in layer.Outputs.Zip(added.Outputs))
        {
            if (old is not null) map[old] = output!;
        }
    }

    private bool IsKept(Layer layer) => !removed.Contains(layer) && (layer.Outputs.All(o => o is null) || layer.Outputs.Any(o => o is not null && !replaced.ContainsKey(o)));

    // What stands for a value of the network, or of a patch, in the new network.
    private Value Resolve(Value value, NetworkPatch? patch)
    {
        var start = value;
        while (!map.TryGetValue(value, out _))
        {
            if (patch?.OriginOf(value) is { } origin) (value, patch) = (origin, null);
            else if (replaced.TryGetValue(value, out var with) && value.Constant is not null) (value, patch) = (with.New, with.Patch);
            else if (value.Constant is { } constant) map[value] = builder.Constant(constant, value.Name);
            else throw new InvalidNetworkException($"network '{network.Name}': a patch uses '{value.Name}' before its definition, or after its layer was removed");
        }
        return map[start] = map[value];
    }
}
