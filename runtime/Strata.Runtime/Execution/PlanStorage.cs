using System.Collections.Immutable;
using Strata.Kernels;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>Collects the steps of a plan and decides where each value lies: in the arena, within another value, or as an object.</summary>
internal sealed class PlanStorage(NetworkPlans owner, NetworkWalk walk, IReadOnlyDictionary<Value, ValueFact> facts)
{
    private readonly List<Draft> drafts = [];
    private readonly List<PlanStep> steps = [];
    private readonly List<AddressRule> rules = [];
    private readonly Dictionary<Value, (Value Root, long Offset)> views = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Value> addressed = new(ReferenceEqualityComparer.Instance); // someone reads them at an address
    private readonly HashSet<Value> objects = new(ReferenceEqualityComparer.Instance); // results of reference evaluations
    private readonly Dictionary<Value, ArenaBuffer> buffers = new(ReferenceEqualityComparer.Instance); // by root
    private readonly Dictionary<Value, int> lastReads = new(ReferenceEqualityComparer.Instance); // by root, as position in drafts
    private readonly List<(KernelStep Step, ArenaBuffer Buffer)> shared = [];
    private readonly List<(int Id, ArenaBuffer Buffer)> copies = [];

    /// <summary>A layer run by its reference evaluation.</summary>
    public void AddReference(WalkedLayer walked, string reason) => AddObjects(new ReferenceStep(walked.Layer, Ids(walked.Layer.Inputs), Ids(walked.Layer.Outputs), new bool[walked.Layer.Outputs.Length], reason));

    /// <summary>A layer that runs bodies.</summary>
    public void AddBodies(WalkedLayer walked) => AddObjects(new BodyStep(walked.Layer, Ids(walked.Layer.Inputs), Ids(walked.Layer.Outputs), new bool[walked.Layer.Outputs.Length]));

    private void AddObjects(ObjectStep step)
    {
        objects.UnionWith(step.Layer.Outputs.Where(o => o is not null)!);
        Add(step, step.Layer.Inputs, step.Layer.Outputs, step.Layer.Inputs.Length);
    }

    /// <summary>A layer whose results lie within its first operand.</summary>
    public void AddViews(WalkedLayer walked, long[] offsets)
    {
        var source = walked.Layer.Inputs[0]!;
        addressed.Add(source);
        var (root, offset) = RootOf(source);
        for (int i = 0; i < offsets.Length; i++)
        {
            if (walked.Layer.Outputs[i] is { } output) views[output] = (root, offset + offsets[i]);
        }
    }

    /// <summary>Layers computed by a kernel.</summary>
    public void AddKernel(ImmutableArray<Layer> layers, KernelRow row, IKernel kernel, double cost, ImmutableArray<Value?> inputs, ImmutableArray<Value?> outputs, ImmutableArray<Value?> operands)
    {
        ImmutableArray<Value?> read = [.. inputs.Select((v, i) => kernel.Reads(i) ? v : null), .. operands];
        addressed.UnionWith(read.Where(v => v is not null)!);
        Add(new KernelStep(layers, row, kernel, cost, [.. Ids(read[..inputs.Length]), .. Ids(outputs), .. Ids(operands)]), read, outputs, inputs.Length);
    }

    /// <summary>What the next plan may count on.</summary>
    public ValueFact FactOf(Value value) => new(walk.TypeOf(value), walk.ContentOf(value), HasAddress(value), IsOfCaller(value));

    /// <summary>Lays everything out.</summary>
    /// <param name="lasting">Values needed after the last step.</param>
    /// <param name="outputs">The outputs of the network, when the plan reaches its end.</param>
    /// <param name="boundary">What follows.</param>
    public ExecutionPlan Complete(IReadOnlyCollection<Value> lasting, ImmutableArray<Value> outputs, PlanBoundary? boundary)
    {
        var lastingRoots = new HashSet<Value>(lasting.Select(v => RootOf(v).Root), ReferenceEqualityComparer.Instance);
        Upload();
        for (int i = 0; i < drafts.Count; i++) Place(drafts[i], i, lastingRoots);
        PlanOutput[] results = [.. outputs.Select(Output)];
        foreach (var root in lastingRoots)
        {
            if (buffers.TryGetValue(root, out var buffer)) buffer.Last = int.MaxValue;
        }
        long arena = ArenaLayout.Arrange([.. buffers.Values.Distinct(), .. shared.Select(s => s.Buffer), .. copies.Select(c => c.Buffer)]);
        foreach (var (step, buffer) in shared) step.SharedOffset = buffer.Offset;
        AddRules();
        Release(lasting);
        return new()
        {
            Steps = [.. steps],
            Addresses = [.. rules],
            Tensors = Tensors(outputs, results),
            Constants = Constants(outputs),
            ValueCount = owner.ValueCount + copies.Count,
            ArenaBytes = arena,
            Largest = arena == 0 ? null : buffers.OrderByDescending(b => b.Value.Bytes).Select(b => b.Key.Producer).FirstOrDefault() ?? owner.Network.Layers.LastOrDefault(),
            ScratchBytes = (steps.OfType<KernelStep>().Select(s => s.Kernel.ScratchBytes).DefaultIfEmpty().Max() + 63) & -64,
            Outputs = results,
            FoldedLayers = walk.FoldedLayers,
            Boundary = boundary,
        };
    }

    private void Add(PlanStep step, ImmutableArray<Value?> reads, ImmutableArray<Value?> writes, int operands)
    {
        foreach (var read in reads)
        {
            if (read is not null) lastReads[RootOf(read).Root] = drafts.Count;
        }
        drafts.Add(new(step, reads, writes, operands));
    }

    private ImmutableArray<int> Ids(ImmutableArray<Value?> values) => [.. values.Select(v => v is null ? -1 : owner.IdOf(v))];

    private (Value Root, long Offset) RootOf(Value value) => views.TryGetValue(value, out var view) ? view : (value, 0);

    private bool IsConstant(Value value) => value.Constant is not null || walk.ContentOf(value) is not null;

    private bool IsObject(Value value) => objects.Contains(value) || facts.TryGetValue(value, out var fact) && !fact.IsAddressed;

    private bool HasAddress(Value value) => !IsConstant(value) && (addressed.Contains(value) || !IsObject(value));

    private bool IsOfCaller(Value value) => facts.TryGetValue(RootOf(value).Root, out var fact) && fact.IsOfCaller;

    private KernelOperand? TensorOf(Value value) => walk.TypeOf(value) is TensorType { ElementType: not ElementType.String, Shape.Constant: { } dims } type ? new(type.ElementType, dims) : null;

    private long BytesOf(Value value) => TensorOf(value) is { } tensor ? tensor.Type.ByteCount(tensor.Count) : 0;

    // Objects of earlier plans that are wanted at an address.
    private void Upload()
    {
        foreach (var (value, fact) in facts)
        {
            if (fact.IsAddressed || fact.Content is not null || !addressed.Contains(value)) continue;
            buffers[value] = new(BytesOf(value), steps.Count);
            steps.Add(new CopyStep(owner.IdOf(value), owner.IdOf(value), BytesOf(value)));
        }
    }

    private void Place(Draft draft, int position, HashSet<Value> lastingRoots)
    {
        int at = steps.Count;
        foreach (var read in draft.Reads)
        {
            if (read is not null && buffers.TryGetValue(RootOf(read).Root, out var buffer)) buffer.Last = Math.Max(buffer.Last, at);
        }
        for (int i = 0; i < draft.Writes.Length; i++)
        {
            if (draft.Writes[i] is not { } output) continue;
            if (draft.Step is ObjectStep step)
            {
                if (!addressed.Contains(output)) continue;
                step.Addressed[i] = true;
            }
            var same = i == 0 ? Overwritten(draft, position, BytesOf(output), lastingRoots) : null;
            same?.Last = at;
            buffers[output] = same ?? new(BytesOf(output), at);
        }
        if (draft.Step is KernelStep { Kernel.SharedBytes: > 0 and var bytes } kernel) shared.Add((kernel, new(bytes, at)));
        steps.Add(draft.Step);
    }

    // The buffer of an operand that nobody needs after the step and that the result may take over.
    private ArenaBuffer? Overwritten(Draft draft, int position, long bytes, HashSet<Value> lastingRoots)
    {
        if (draft.Step is not KernelStep step) return null;
        for (int i = 0; i < draft.Operands; i++)
        {
            if (draft.Reads[i] is not { } read || !step.Kernel.MayOverwrite(i) || BytesOf(read) != bytes) continue;
            var root = RootOf(read).Root;
            bool ends = lastReads[root] == position && !lastingRoots.Contains(root) && draft.Reads.Count(r => r is not null && RootOf(r).Root == root) == 1;
            if (ends && buffers.TryGetValue(root, out var buffer) && buffer.Bytes == bytes) return buffer;
        }
        return null;
    }

    private PlanOutput Output(Value value)
    {
        if (!HasAddress(value) || IsObject(value)) return new(owner.IdOf(value), false);
        if (!IsOfCaller(value)) return new(owner.IdOf(value), true);
        // The caller may change an input before reading what shows it.
        int id = owner.ValueCount + copies.Count;
        copies.Add((id, new(BytesOf(value), steps.Count) { Last = int.MaxValue }));
        steps.Add(new CopyStep(owner.IdOf(value), id, BytesOf(value)));
        return new(id, true);
    }

    private void AddRules()
    {
        foreach (var value in addressed.Concat(views.Keys).Select(v => RootOf(v).Root).Where(IsConstant).Distinct<Value>(ReferenceEqualityComparer.Instance))
            rules.Add(new(owner.IdOf(value), AddressBase.Fixed, -1, owner.Engine.Fixed.AddressOf(ElementsOf(value))));
        foreach (var (value, buffer) in buffers) rules.Add(new(owner.IdOf(value), AddressBase.Arena, -1, buffer.Offset));
        foreach (var (id, buffer) in copies) rules.Add(new(id, AddressBase.Arena, -1, buffer.Offset));
        foreach (var (value, (root, offset)) in views) rules.Add(new(owner.IdOf(value), AddressBase.Value, owner.IdOf(root), offset));
    }

    private Tensor ElementsOf(Value value) => walk.ContentOf(value) ?? owner.Engine.Interpreter.Materialize(value.Constant!);

    // Objects go when the last reference evaluation has read them.
    private void Release(IReadOnlyCollection<Value> lasting)
    {
        var last = new Dictionary<Value, PlanStep>(ReferenceEqualityComparer.Instance);
        foreach (var draft in drafts)
        {
            foreach (var value in draft.Reads.Concat(draft.Writes))
            {
                if (value is not null && draft.Step is ObjectStep && !IsConstant(value)) last[value] = draft.Step;
            }
        }
        foreach (var group in last.Where(p => !lasting.Contains(p.Key)).GroupBy(p => p.Value)) group.Key.Releases = [.. group.Select(p => owner.IdOf(p.Key))];
    }

    private KernelOperand?[] Tensors(ImmutableArray<Value> outputs, PlanOutput[] results)
    {
        var tensors = new KernelOperand?[owner.ValueCount + copies.Count];
        foreach (var value in drafts.SelectMany(d => d.Reads.Concat(d.Writes)).Concat(outputs).Concat(facts.Keys))
        {
            if (value is { Constant: null }) tensors[owner.IdOf(value)] = TensorOf(value);
        }
        for (int i = 0; i < results.Length; i++) tensors[results[i].Value] ??= outputs[i].Constant is null ? TensorOf(outputs[i]) : null;
        return tensors;
    }

    private (int Value, Tensor Content)[] Constants(ImmutableArray<Value> outputs) =>
    [
        .. drafts.Where(d => d.Step is ObjectStep).SelectMany(d => d.Reads).Concat(outputs).Where(v => v is not null && IsConstant(v))
            .Distinct(ReferenceEqualityComparer.Instance).Cast<Value>().Select(v => (owner.IdOf(v), ElementsOf(v))),
    ];

    // Operands: how many of the values read are the first layer's, and no fused layer's.
    private sealed record Draft(PlanStep Step, ImmutableArray<Value?> Reads, ImmutableArray<Value?> Writes, int Operands);
}
