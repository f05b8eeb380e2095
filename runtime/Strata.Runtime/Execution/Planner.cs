using System.Collections.Immutable;
using Strata.Kernels;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>Makes the plan of a network from a layer on: chooses kernels and what is fused into them, and decides where values lie.</summary>
internal sealed class Planner
{
    private readonly NetworkPlans owner;
    private readonly NetworkWalk walk;
    private readonly IReadOnlyDictionary<Value, ValueFact> facts;
    private readonly List<WalkedLayer> layers = [];
    private readonly Dictionary<Value, int> definedAt = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, List<int>> consumers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Value> lasting = new(ReferenceEqualityComparer.Instance); // needed after the plan's last step
    private readonly HashSet<int> absorbed = [];
    private readonly Dictionary<int, (QuantizedLayer Found, KernelRow Row)> quantized = []; // by the layer that multiplies
    private readonly Dictionary<int, PlannedLayer> joined = []; // transposed convolutions, by the layer that interleaves their parts
    private readonly PlanStorage storage;

    private Planner(NetworkPlans owner, NetworkWalk walk, IReadOnlyDictionary<Value, ValueFact> facts)
    {
        (this.owner, this.walk, this.facts) = (owner, walk, facts);
        storage = new(owner, walk, facts);
    }

    private Network Network => owner.Network;

    private bool IsLast => walk.DimsOf.IsEmpty && walk.ContentsOf.IsEmpty;

    /// <summary>Plans from a layer on.</summary>
    /// <inheritdoc cref="NetworkWalk.Follow(NetworkPlans, int, IReadOnlyDictionary{Value, ValueFact}, bool)" path="/param"/>
    /// <inheritdoc cref="NetworkWalk.Follow(NetworkPlans, int, IReadOnlyDictionary{Value, ValueFact}, bool)" path="/exception"/>
    public static ExecutionPlan Plan(NetworkPlans owner, int first, IReadOnlyDictionary<Value, ValueFact> facts, bool plansForContents)
    {
        var walk = NetworkWalk.Follow(owner, first, facts, plansForContents);
        return new Planner(owner, walk, facts).Plan();
    }

    private ExecutionPlan Plan()
    {
        FindNeeded();
        FindQuantized();
        FindJoined();
        for (int i = 0; i < layers.Count; i++)
        {
            if (!absorbed.Contains(i)) Add(i);
        }
        return storage.Complete(lasting, IsLast ? [.. Network.Outputs.Select(o => o.Value)] : [], Boundary());
    }

    private PlanBoundary? Boundary()
    {
        if (IsLast) return null;
        var known = new Dictionary<Value, ValueFact>(ReferenceEqualityComparer.Instance);
        foreach (var value in lasting) known[value] = storage.FactOf(value);
        return new(walk.NextLayer, known, walk.DimsOf, walk.ContentsOf);
    }

    // Keeps the layers whose results somebody uses: others only told a shape that is known now.
    private void FindNeeded()
    {
        foreach (var output in Network.Outputs) Keep(output.Value);
        if (!IsLast)
        {
            foreach (var value in Network.Layers.Skip(walk.NextLayer).SelectMany(l => l.Inputs)) Keep(value);
            foreach (var value in walk.DimsOf.Concat(walk.ContentsOf)) Keep(value);
        }
        var needed = new HashSet<Value>(lasting, ReferenceEqualityComparer.Instance);
        foreach (var walked in walk.Layers.Reverse())
        {
            if (!walked.Layer.Outputs.Any(o => o is not null && needed.Contains(o))) continue;
            layers.Add(walked);
            needed.UnionWith(walked.Layer.Inputs.Where(v => v is not null)!);
        }
        layers.Reverse();
        for (int i = 0; i < layers.Count; i++)
        {
            foreach (var output in layers[i].Layer.Outputs)
            {
                if (output is not null) definedAt[output] = i;
            }
            foreach (var input in layers[i].Layer.Inputs)
            {
                if (input is null) continue;
                if (!consumers.TryGetValue(input, out var list)) consumers[input] = list = [];
                list.Add(i);
            }
        }

        void Keep(Value? value)
        {
            if (value is { Constant: null } && IsDefined(value)) lasting.Add(value);
        }
    }

    // Layers of codes between dequantisation and quantisation. What dequantises for them alone is not computed.
    private void FindQuantized()
    {
        var finder = new QuantizedLayers(walk, layers, consumers, lasting, owner.Engine.Weights);
        for (int i = 0; i < layers.Count; i++)
        {
            if (finder.Find(i) is { } found && KernelTable.Find(found.Request) is { } row) quantized[i] = (found, row);
        }
        foreach (var (found, _) in quantized.Values)
        {
            absorbed.UnionWith(found.Layers.Skip(1));
            var source = found.Source.Outputs[0]!;
            if (!lasting.Contains(source) && definedAt.TryGetValue(source, out int at) && consumers[source].TrueForAll(quantized.ContainsKey)) absorbed.Add(at);
        }
    }

    // Transposed convolutions that the network holds as convolutions of sub-filters, as one layer again. Convolutions for it alone are not computed.
    private void FindJoined()
    {
        for (int i = 0; i < layers.Count; i++)
        {
            var walked = layers[i];
            if (!walked.IsAddressable || SubFilterJoin.Of(walked.Layer) is not { } join || walk.OperandOf(join.Weights) is not { Constant: not null }) continue;
            int[] parts = [.. join.Convolutions.Select(c => definedAt.GetValueOrDefault(c.Outputs[0]!, -1))];
            Value?[] inputs = join.Bias is null ? [join.Input, join.Weights] : [join.Input, join.Weights, join.Bias];
            if (parts.Contains(-1) || parts.Any(p => quantized.ContainsKey(p))) continue;
            var request = new KernelRequest(join.Operator with { Method = ConvTransposeMethod.Split }, [.. inputs.Select(walk.OperandOf)], walked.Outputs, Epilogue.None, owner.Engine.Weights);
            if (KernelTable.Find(request) is null) continue;
            int[] alone = [.. parts.Where(p => layers[p].Layer.Outputs[0] is { } part && !lasting.Contains(part) && consumers[part].TrueForAll(c => c == i))];
            absorbed.UnionWith(alone);
            joined[i] = new(request, [walked.Layer, .. alone.Select(p => layers[p].Layer)], [.. inputs]);
        }
    }

    // What later parts of the network define is not there yet.
    private bool IsDefined(Value value) => value.Producer is null || facts.ContainsKey(value) || value.Producer.Id < walk.NextLayer;

    private void Add(int index)
    {
        var walked = layers[index];
        if (quantized.TryGetValue(index, out var whole))
        {
            var (found, kernel) = whole;
            IEnumerable<Layer> sources = definedAt.TryGetValue(found.Source.Outputs[0]!, out int at) && absorbed.Contains(at) && consumers[found.Source.Outputs[0]!][0] == index ? [found.Source] : [];
            storage.AddKernel([.. found.Layers.Select(l => layers[l].Layer), .. sources], kernel, kernel.Create(found.Request), kernel.Cost(found.Request), found.Inputs, [found.Output], []);
            return;
        }
        if (!walked.Layer.Operator.Bodies.IsEmpty)
        {
            storage.AddBodies(walked);
            return;
        }
        if (!walked.IsAddressable)
        {
            storage.AddReference(walked, walked.IsDynamic ? "the shape of a result depends on data" : "not all operands and results are tensors of numbers");
            return;
        }
        if (Views.Offsets(walked) is { } offsets)
        {
            storage.AddViews(walked, offsets);
            return;
        }
        var planned = joined.GetValueOrDefault(index) ?? new(new(walked.Layer.Operator, walked.Inputs, walked.Outputs, Epilogue.None, owner.Engine.Weights), [walked.Layer], walked.Layer.Inputs);
        if (KernelTable.Find(planned.Request) is not { } row)
        {
            storage.AddReference(walked, $"no kernel takes {string.Join(", ", walked.Inputs.Select(o => o is null ? "_" : new TensorType(o.Type, Shape.Of(o.Dims)).ToString()))}");
            return;
        }
        var fused = Fusable(index, planned.Request);
        while (fused.Count > 0 && !TryAddFused(planned, fused)) fused.RemoveAt(fused.Count - 1);
        if (fused.Count == 0) storage.AddKernel(planned.Layers, row, row.Create(planned.Request), row.Cost(planned.Request), planned.Inputs, walked.Layer.Outputs, []);
        else absorbed.UnionWith(fused.Select(f => f.Index));
    }

    private bool TryAddFused(PlannedLayer planned, List<Fused> fused)
    {
        var output = layers[fused[^1].Index];
        var whole = planned.Request with { Outputs = output.Outputs, Epilogue = new([.. fused.Select(f => f.Step)]) };
        if (KernelTable.Find(whole) is not { } row) return false;
        ImmutableArray<Layer> all = [.. planned.Layers, .. fused.Select(f => layers[f.Index].Layer)];
        storage.AddKernel(all, row, row.Create(whole), row.Cost(whole), planned.Inputs, output.Layer.Outputs, [.. fused.Where(f => f.Operand is not null).Select(f => f.Operand)]);
        return true;
    }

    // The layers after one that can be done to its results while they are computed.
    private List<Fused> Fusable(int index, KernelRequest request)
    {
        var fused = new List<Fused>();
        var walked = layers[index];
        int slot = request.Inputs.Count + request.Outputs.Count;
        if (walked.Outputs.Length != 1) return fused;
        for (var current = walked; ;)
        {
            var value = current.Layer.Outputs[0]!;
            if (lasting.Contains(value) || !consumers.TryGetValue(value, out var users) || users.Count != 1) return fused;
            var next = layers[users[0]];
            if (!next.IsAddressable || next.Outputs.Length != 1 || next.Outputs[0] is null) return fused;
            int chain = next.Layer.Inputs.IndexOf(value);
            var after = new KernelRequest(next.Layer.Operator, next.Inputs, next.Outputs, Epilogue.None, owner.Engine.Weights);
            if (EpilogueTable.Find(after, chain, slot, out int operand) is not { } step) return fused;
            Value? other = operand < 0 ? null : next.Layer.Inputs[operand]!;
            if (other is not null)
            {
                if (definedAt.TryGetValue(other, out int at) && at >= index) return fused;
                slot++;
            }
            fused.Add(new(users[0], step, other));
            current = next;
        }
    }

    // A layer, or several computed as one: what computes them, and the operands of the whole.
    private sealed record PlannedLayer(KernelRequest Request, ImmutableArray<Layer> Layers, ImmutableArray<Value?> Inputs);

    private sealed record Fused(int Index, EpilogueStep Step, Value? Operand);
}
