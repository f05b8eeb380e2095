using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Strata.Kernels;
using Strata.Networks;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>Counts the steps of one run and watches its bounds, over all nested networks.</summary>
internal sealed class RunBudget
{
    private long steps;

    /// <summary>The bounds.</summary>
    public RunOptions Options { get; private set; } = RunOptions.Default;

    /// <summary>How deep the network that runs is nested.</summary>
    public int Depth { get; set; }

    /// <summary>The bytes in use.</summary>
    public RunMemory Memory { get; } = new(long.MaxValue);

    /// <summary>Begins a run.</summary>
    public void Start(RunOptions? options)
    {
        (steps, Depth, Options) = (0, 0, options ?? RunOptions.Default);
        Memory.Restart(Options.MaxMemory);
    }

    /// <summary>Counts layers about to run.</summary>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    /// <exception cref="ResourceLimitException">There are too many.</exception>
    public void Count(int layers, string kind, string name)
    {
        Options.CancellationToken.ThrowIfCancellationRequested();
        if ((steps += layers) > Options.MaxSteps) throw new ResourceLimitException($"{kind} '{name}': the limit of {Options.MaxSteps} steps is reached");
    }
}

/// <summary>Runs one network for one session by plans; holds the memory of its values. Not thread-safe.</summary>
internal sealed unsafe class NetworkRunner(SessionMemory memory, NetworkPlans plans)
{
    private readonly List<PinnedBuffer?> arenas = []; // one per part of the network
    private readonly MemoryHandle[] pins = new MemoryHandle[plans.InputIds.Length];
    private readonly NetworkType[] inputTypes = [.. plans.Network.Inputs.Select(v => v.Type)];
    private nint[] addresses = new nint[plans.ValueCount];
    private readonly RuntimeValue?[] objects = new RuntimeValue?[plans.ValueCount];
    private readonly long[] heldBytes = new long[plans.ValueCount]; // of objects, by value, against the memory limit
    private long arenaBytes; // of the arenas of this run
    private int[] key = new int[16];
    private int keyLength;
    private ExecutionPlan? first, last; // of the last run: its first and its last part
    private int[] firstKey = [];
    private int firstKeyLength;

    /// <summary>The network.</summary>
    public Network Network => plans.Network;

    /// <summary>The plans of the last run, in order.</summary>
    public List<ExecutionPlan> Parts { get; } = [];

    /// <summary>Computes the outputs, which stay readable until the next run.</summary>
    public void Run(ReadOnlySpan<RuntimeValue?> inputs)
    {
        var budget = memory.Budget;
        if (budget.Depth > Limits.NestingDepth) throw new ResourceLimitException($"network '{Network.Name}': bodies nest deeper than {Limits.NestingDepth}");
        budget.Count(budget.Depth > 0 ? 1 : 0, "network", Network.Name); // a body may have no layer
        last = null;
        Parts.Clear();
        Array.Clear(objects);
        try
        {
            var plan = FirstPlan(inputs);
            for (int i = 0; i < inputs.Length; i++)
            {
                int id = plans.InputIds[i];
                objects[id] = inputs[i];
                if (inputs[i] is Tensor { ElementType: not ElementType.String } tensor) addresses[id] = (nint)(pins[i] = tensor.Bytes.Pin()).Pointer;
            }
            while (true)
            {
                Parts.Add(plan);
                Execute(plan, Parts.Count - 1);
                if (plan.Boundary is not { } boundary) break;
                plan = Next(boundary);
            }
            last = plan;
        }
        finally
        {
            for (int i = 0; i < pins.Length; i++)
            {
                pins[i].Dispose();
                pins[i] = default;
            }
            for (int i = 0; i < heldBytes.Length; i++) Unhold(i); // whoever runs a body counts what he keeps of its results
            memory.Budget.Memory.Release(arenaBytes);
            arenaBytes = 0;
        }
    }

    /// <summary>Output <paramref name="index"/> of the last run as a value of its own.</summary>
    public RuntimeValue? Output(int index)
    {
        var output = last!.Outputs[index];
        return output.IsAddressed ? Copied(output.Value, last) : objects[output.Value];
    }

    /// <summary>The bytes of a tensor output of the last run and what they are; null when the output is an object.</summary>
    public KernelOperand? OutputAt(int index, out ReadOnlySpan<byte> bytes)
    {
        var output = last!.Outputs[index];
        bytes = default;
        if (!output.IsAddressed) return null;
        var tensor = last.Tensors[output.Value]!;
        bytes = new((void*)addresses[output.Value], (int)tensor.Type.ByteCount(tensor.Count));
        return tensor;
    }

    private ExecutionPlan FirstPlan(ReadOnlySpan<RuntimeValue?> inputs)
    {
        keyLength = 0;
        bool fits = inputs.Length == inputTypes.Length;
        for (int i = 0; i < inputs.Length && fits; i++)
        {
            fits = inputs[i] is { } value && (inputTypes[i] is not TensorType type || value is Tensor tensor && tensor.ElementType == type.ElementType);
            AddDims(inputs[i]);
        }
        if (fits && first is not null && key.AsSpan(0, keyLength).SequenceEqual(firstKey.AsSpan(0, firstKeyLength))) return first;
        var plan = fits ? plans.First.Find(key.AsSpan(0, keyLength)) : null;
        if (plan is null)
        {
            RuntimeValue?[] given = [.. inputs];
            if (memory.Budget.Depth == 0) DimBindings.Bind(Network, given);
            else if (!fits) throw new InvalidInputException($"network '{Network.Name}': {given.Length} inputs ({string.Join(", ", given.Select(v => v?.ToString() ?? "_"))}) are given for ({string.Join(", ", Network.Inputs.Select(v => v.Type))})");
            var facts = new Dictionary<Value, ValueFact>(ReferenceEqualityComparer.Instance);
            for (int i = 0; i < given.Length; i++) facts[Network.Inputs[i]] = Fact(given[i], Network.Inputs[i].Type, true);
            plan = Planner.Plan(plans, 0, facts, true);
            plans.First.Add(key.AsSpan(0, keyLength), plan);
        }
        if (firstKey.Length < keyLength) firstKey = new int[key.Length];
        key.AsSpan(0, keyLength).CopyTo(firstKey);
        (first, firstKeyLength) = (plan, keyLength);
        return plan;
    }

    private ExecutionPlan Next(PlanBoundary boundary)
    {
        keyLength = 0;
        bool byContents = boundary.PlansForContents;
        foreach (var value in boundary.DimsOf) AddDims(objects[plans.IdOf(value)]);
        if (byContents)
        {
            foreach (var value in boundary.ContentsOf) AddContents(Object(plans.IdOf(value), boundary.Facts[value].Type));
        }
        if (boundary.Next.Find(key.AsSpan(0, keyLength)) is { } known) return known;
        var facts = new Dictionary<Value, ValueFact>(boundary.Facts, ReferenceEqualityComparer.Instance);
        foreach (var value in boundary.DimsOf)
        {
            if (facts.TryGetValue(value, out var fact)) facts[value] = Fact(objects[plans.IdOf(value)], fact.Type, false);
        }
        if (byContents)
        {
            foreach (var value in boundary.ContentsOf) facts[value] = facts[value] with { Content = (Tensor)Object(plans.IdOf(value), facts[value].Type) };
            boundary.CountContentPlan();
        }
        var plan = Planner.Plan(plans, boundary.NextLayer, facts, byContents || boundary.ContentsOf.IsEmpty);
        boundary.Next.Add(key.AsSpan(0, keyLength), plan);
        return plan;
    }

    private static ValueFact Fact(RuntimeValue? value, NetworkType declared, bool isInput) => value is Tensor tensor && declared is TensorType
        ? new(TensorType.Of(tensor), null, isInput && tensor.ElementType != ElementType.String, isInput)
        : new(declared, null, false, isInput);

    private void AddDims(RuntimeValue? value)
    {
        if (value is not Tensor tensor)
        {
            AddKey(-1);
            return;
        }
        AddKey(tensor.Rank);
        foreach (int dim in tensor.Dims) AddKey(dim);
    }

    private void AddContents(RuntimeValue value)
    {
        foreach (byte part in ((Tensor)value).Bytes.Span) AddKey(part);
    }

    private void AddKey(int part)
    {
        if (keyLength == key.Length) Array.Resize(ref key, 2 * keyLength);
        key[keyLength++] = part;
    }

    private void Execute(ExecutionPlan plan, int part)
    {
        if (plan.Largest is { } largest)
        {
            memory.Budget.Memory.Hold(largest, plan.ArenaBytes);
            arenaBytes += plan.ArenaBytes;
        }
        while (arenas.Count <= part) arenas.Add(null);
        if (arenas[part] is not { } arena || arena.Bytes < plan.ArenaBytes) arenas[part] = arena = new(Math.Max(plan.ArenaBytes, 2 * Math.Min(arenas[part]?.Bytes ?? 0, 1L << 29)));
        if (addresses.Length < plan.ValueCount) Array.Resize(ref addresses, plan.ValueCount);
        byte* scratch = memory.Scratch(plan.ScratchBytes);
        foreach (var rule in plan.Addresses)
        {
            addresses[rule.Value] = (nint)rule.Offset + rule.Base switch
            {
                AddressBase.Arena => (nint)arena.Address,
                AddressBase.Value => addresses[rule.Root],
                _ => 0,
            };
        }
        foreach (var (value, content) in plan.Constants) objects[value] = content;
        var profile = memory.Budget.Depth == 0 ? memory.Profile : null;
        foreach (var step in plan.Steps)
        {
            long began = profile is null ? 0 : Stopwatch.GetTimestamp();
            switch (step)
            {
                case KernelStep kernel: RunKernel(kernel, arena.Address, scratch, plan.ScratchBytes); break;
                case ObjectStep other: RunObjects(other, plan); break;
                case CopyStep copy: Copy(copy); break;
            }
            profile?.Add(step, began);
            if (memory.Budget.Depth == 0 && step.Layers is [.., var done]) memory.Budget.Options.Progress?.Report(done);
            foreach (int value in step.Releases)
            {
                objects[value] = null;
                Unhold(value);
            }
        }
    }

    [SkipLocalsInit]
    private void RunKernel(KernelStep step, byte* arena, byte* scratch, long scratchBytes)
    {
        memory.Budget.Count(step.Layers.Length, "layer", step.Layers[0].Name);
        var tensors = step.Tensors.AsSpan();
        void** table = stackalloc void*[tensors.Length];
        for (int i = 0; i < tensors.Length; i++) table[i] = tensors[i] < 0 ? null : (void*)addresses[tensors[i]];
        var buffers = new KernelBuffers(table, arena + step.SharedOffset, scratch);
        try
        {
            memory.Workers.Run(step, buffers, scratchBytes);
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"layer '{step.Layers[0].Name}' ({step.Layers[0].Operator}): {error.Message}", error);
        }
    }

    private void RunObjects(ObjectStep step, ExecutionPlan plan)
    {
        var layer = step.Layer;
        memory.Budget.Count(1, "layer", layer.Name);
        var evaluation = ReferenceEvaluations.Find(layer.Operator)
            ?? throw new UnsupportedOperatorException($"layer '{layer.Name}': operator {layer.Operator} has no kernel for its operands and no reference evaluation in this build");
        RuntimeValue?[] inputs = [.. step.Inputs.Select(id => id < 0 ? null : Object(id, plan))];
        long reserved = 0;
        var context = new ReferenceContext(inputs, [.. layer.Outputs.Select(o => o?.Type)], memory.RunBody, Reserve, memory.Budget.Options.CancellationToken);
        IReadOnlyList<RuntimeValue?> results;
        try
        {
            Reserve(RunMemory.Foretell(layer, inputs));
            results = evaluation(layer.Operator, context);
        }
        catch (ResourceLimitException error) when (!IsPlaced(error))
        {
            throw new ResourceLimitException($"layer '{layer.Name}' ({layer.Operator}): {error.Message}", error);
        }
        catch (InvalidInputException error) when (!IsPlaced(error))
        {
            throw new InvalidInputException($"layer '{layer.Name}' ({layer.Operator}): {error.Message} (inputs: {string.Join(", ", inputs.Select(i => i?.ToString() ?? "_"))})", error);
        }
        finally
        {
            memory.Budget.Memory.Release(reserved);
        }
        for (int i = 0; i < step.Outputs.Length; i++)
        {
            if (step.Outputs[i] < 0) continue;
            var result = results[i] ?? throw new InvalidInputException($"layer '{layer.Name}' ({layer.Operator}) gave no output {i}");
            objects[step.Outputs[i]] = result;
            Hold(step.Outputs[i], layer, result.Footprint);
            if (plan.Tensors[step.Outputs[i]] is not { } planned) continue;
            if (result is not Tensor tensor || tensor.ElementType != planned.Type || !tensor.Dims.AsSpan().SequenceEqual(planned.Dims))
                throw new InvalidNetworkException($"layer '{layer.Name}' ({layer.Operator}) gave {result} for output {i}, its shape rule says {planned.Type.Name()}[{Tensor.Format(planned.Dims)}]");
            if (step.Addressed[i]) tensor.Bytes.Span.CopyTo(new Span<byte>((void*)addresses[step.Outputs[i]], tensor.Bytes.Length));
        }

        void Reserve(long bytes)
        {
            memory.Budget.Memory.Hold(layer, bytes);
            reserved += bytes;
        }

        // An error of a body says already where it is.
        static bool IsPlaced(StrataException error) => error.Message.StartsWith("layer ", StringComparison.Ordinal);
    }

    private void Hold(int value, Layer layer, long bytes)
    {
        memory.Budget.Memory.Hold(layer, bytes);
        heldBytes[value] += bytes;
    }

    private void Unhold(int value)
    {
        memory.Budget.Memory.Release(heldBytes[value]);
        heldBytes[value] = 0;
    }

    private void Copy(CopyStep step)
    {
        void* to = (void*)addresses[step.To];
        if (step.From == step.To) ((Tensor)objects[step.From]!).Bytes.Span.CopyTo(new Span<byte>(to, (int)step.Bytes));
        else Buffer.MemoryCopy((void*)addresses[step.From], to, step.Bytes, step.Bytes);
    }

    // A value as an object: what lies at an address is copied, since the memory will be used again.
    private RuntimeValue Object(int id, ExecutionPlan plan) => objects[id] ??= Copied(id, plan);

    private RuntimeValue Object(int id, NetworkType type) => objects[id] ??= Copied(id, (TensorType)type);

    private Tensor Copied(int id, ExecutionPlan plan) => Copied(id, plan.Tensors[id]!.Type, plan.Tensors[id]!.Dims);

    private Tensor Copied(int id, TensorType type) => Copied(id, type.ElementType, type.Shape!.Constant!);

    private Tensor Copied(int id, ElementType type, int[] dims)
    {
        var bytes = new ReadOnlySpan<byte>((void*)addresses[id], (int)type.ByteCount(Tensor.CountOf(dims)));
        return Tensor.FromBytes(type, dims, bytes.ToArray());
    }
}
