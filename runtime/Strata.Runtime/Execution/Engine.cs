using System.Buffers;
using System.Runtime.CompilerServices;
using Strata.Kernels;
using Strata.Networks;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>What the sessions of a model share: plans, packed weights, constants at fixed addresses. Thread-safe.</summary>
internal sealed class Engine(Interpreter interpreter, int threads)
{
    private readonly Dictionary<Network, NetworkPlans> plans = new(ReferenceEqualityComparer.Instance);
    private readonly Lock gate = new();

    /// <summary>Materialises constants.</summary>
    public Interpreter Interpreter => interpreter;

    /// <summary>Most threads of a run.</summary>
    public int Threads => threads;

    /// <summary>Weights in the forms that kernels want.</summary>
    public PackedWeights Weights { get; } = new();

    /// <summary>Constants where they lie in memory.</summary>
    public FixedTensors Fixed { get; } = new();

    /// <summary>The plans of the model's network or of a body.</summary>
    public NetworkPlans PlansOf(Network network)
    {
        lock (gate)
        {
            if (!plans.TryGetValue(network, out var known)) plans[network] = known = new(this, network);
            return known;
        }
    }
}

/// <summary>Keeps the memory of tensors at its address for as long as this object lives. Thread-safe.</summary>
internal sealed unsafe class FixedTensors
{
    private readonly Dictionary<Tensor, MemoryHandle> handles = new(ReferenceEqualityComparer.Instance);
    private readonly Lock gate = new();

    /// <summary>Unpins.</summary>
    ~FixedTensors()
    {
        foreach (var handle in handles.Values) handle.Dispose();
    }

    /// <summary>The address of the first element.</summary>
    public nint AddressOf(Tensor tensor)
    {
        lock (gate)
        {
            if (!handles.TryGetValue(tensor, out var handle)) handles[tensor] = handle = tensor.Bytes.Pin();
            return (nint)handle.Pointer;
        }
    }
}

/// <summary>The plans of one network, by the shapes of its inputs. Thread-safe.</summary>
internal sealed class NetworkPlans
{
    // Larger results are left to the run and its memory limit.
    private const long MostComputedBytes = 256 << 20;

    private readonly Dictionary<Value, int> ids = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Layer, Tensor?[]> computed = new(ReferenceEqualityComparer.Instance);
    private readonly ConditionalWeakTable<Tensor, Constant> handles = [];
    private readonly Lock gate = new();

    /// <summary>Numbers the values.</summary>
    public NetworkPlans(Engine engine, Network network)
    {
        (Engine, Network) = (engine, network);
        foreach (var value in network.Inputs.Concat(network.Constants)) ids.TryAdd(value, ids.Count);
        foreach (var output in network.Layers.SelectMany(l => l.Outputs))
        {
            if (output is not null) ids.TryAdd(output, ids.Count);
        }
        InputIds = [.. network.Inputs.Select(v => ids[v])];
    }

    /// <summary>What the model shares.</summary>
    public Engine Engine { get; }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>Plans of the beginning, or of all of it.</summary>
    public PlanCache First { get; } = new();

    /// <summary>The numbers of the network's inputs.</summary>
    public int[] InputIds { get; }

    /// <summary>Number of values.</summary>
    public int ValueCount => ids.Count;

    /// <summary>The number of a value.</summary>
    public int IdOf(Value value) => ids[value];

    /// <summary>The constant that a tensor is: the same for the same tensor, so that all plans share what is packed of it.</summary>
    public Constant HandleOf(Tensor tensor) => handles.GetValue(tensor, Constant.Of);

    /// <summary>
    /// Evaluates a layer on constants; null when it cannot be evaluated on them. What follows from the network's own constants
    /// alone is kept for all plans.
    /// </summary>
    public Tensor?[]? Compute(Layer layer, Constant?[] inputs, bool keep)
    {
        lock (gate)
        {
            if (keep && computed.TryGetValue(layer, out var known)) return known;
            if (ReferenceEvaluations.Find(layer.Operator) is not { } evaluation) return null;
            Tensor?[] operands = [.. inputs.Select(c => c?.Materialize())];
            var context = new ReferenceContext(operands, [.. layer.Outputs.Select(o => o?.Type)],
                static (_, _) => throw new InvalidNetworkException("a constant expression has no bodies"), Reserve);
            try
            {
                Reserve(RunMemory.Foretell(layer, operands));
                Tensor?[] results = [.. evaluation(layer.Operator, context).Take(layer.Outputs.Length).Select(v => v as Tensor)];
                if (keep) computed[layer] = results;
                return results;
            }
            catch (Exception error) when (error is InvalidInputException or ResourceLimitException)
            {
                return null; // the run reports it, should it get there
            }
        }

        static void Reserve(long bytes)
        {
            if (bytes > MostComputedBytes) throw new ResourceLimitException($"{bytes} bytes are too much to be computed while planning");
        }
    }
}
