using Strata.Kernels;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>What the network of a session and the bodies nested in it share while they run.</summary>
internal sealed unsafe class SessionMemory
{
    private readonly Engine engine;
    private readonly Dictionary<Network, NetworkRunner> runners = new(ReferenceEqualityComparer.Instance);
    private PinnedBuffer scratch = new(0);

    /// <summary>Makes the memory of a session.</summary>
    public SessionMemory(Engine engine)
    {
        (this.engine, Workers) = (engine, new(engine.Threads));
        RunBody = Evaluate;
    }

    /// <summary>Bounds of the run.</summary>
    public RunBudget Budget { get; } = new();

    /// <summary>The threads that the session may use.</summary>
    public Workers Workers { get; }

    /// <summary>Where the times of steps are noted; null when nobody wants them.</summary>
    public RunProfile? Profile { get; set; }

    /// <summary>Evaluates a body of a layer.</summary>
    public Operators.Reference.BodyEvaluator RunBody { get; }

    /// <summary>The runners there are: of the model's network and of the bodies that ran.</summary>
    public IEnumerable<NetworkRunner> Runners => runners.Values;

    /// <summary>The runner of the model's network or of a body.</summary>
    public NetworkRunner RunnerOf(Network network)
    {
        if (!runners.TryGetValue(network, out var runner)) runners[network] = runner = new(this, engine.PlansOf(network));
        return runner;
    }

    /// <summary>Memory of so many bytes for each thread.</summary>
    public byte* Scratch(long bytesPerThread)
    {
        if (scratch.Bytes < bytesPerThread * Workers.Threads) scratch = new(bytesPerThread * Workers.Threads);
        return scratch.Address;
    }

    private IReadOnlyList<RuntimeValue?> Evaluate(Network body, IReadOnlyList<RuntimeValue?> inputs)
    {
        var runner = RunnerOf(body);
        Budget.Depth++;
        try
        {
            runner.Run([.. inputs]);
            return [.. body.Outputs.Select((_, i) => runner.Output(i))];
        }
        finally
        {
            Budget.Depth--;
        }
    }
}
