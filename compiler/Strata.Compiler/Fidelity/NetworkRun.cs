using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>By what a network is run.</summary>
public enum ExecutionRoute
{
    /// <summary>By reference evaluations, one layer at a time: slow, and the same bits on every machine.</summary>
    Interpreter,
    /// <summary>By plans and kernels, as an application runs it.</summary>
    Engine,
}

/// <summary>A network that is run on several sets of inputs by one route.</summary>
internal abstract class NetworkRun : IDisposable
{
    /// <summary>The network.</summary>
    public abstract Network Network { get; }

    /// <summary>Prepares a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="route">By what it is run.</param>
    /// <param name="keptBytes">Bytes of weights that the interpreter keeps in memory; the engine keeps all.</param>
    /// <param name="threads">Most threads of the engine.</param>
    public static NetworkRun Of(Network network, ExecutionRoute route, long keptBytes, int? threads = null) =>
        route == ExecutionRoute.Engine ? new ByEngine(network, threads) : new ByInterpreter(network, keptBytes);

    /// <summary>Runs on one value per input; null for an input that is not given.</summary>
    /// <param name="inputs">The values.</param>
    /// <param name="cancel">Ends the run.</param>
    /// <param name="observer">Sees what each layer computes; the engine, which fuses layers, does not call it.</param>
    public abstract IReadOnlyList<RuntimeValue?> Run(IReadOnlyList<RuntimeValue?> inputs, CancellationToken cancel, Action<Layer, IReadOnlyList<RuntimeValue?>>? observer = null);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    private sealed class ByInterpreter(Network network, long keptBytes) : NetworkRun
    {
        private readonly Interpreter interpreter = new(network, keptBytes);

        public override Network Network => network;

        public override IReadOnlyList<RuntimeValue?> Run(IReadOnlyList<RuntimeValue?> inputs, CancellationToken cancel, Action<Layer, IReadOnlyList<RuntimeValue?>>? observer) =>
            interpreter.Run(inputs, new RunOptions { CancellationToken = cancel }, observer);
    }

    private sealed class ByEngine(Network network, int? threads) : NetworkRun
    {
        private readonly Model model = Model.Of(network, new LoadOptions { Threads = threads ?? Environment.ProcessorCount });

        public override Network Network => network;

        public override IReadOnlyList<RuntimeValue?> Run(IReadOnlyList<RuntimeValue?> inputs, CancellationToken cancel, Action<Layer, IReadOnlyList<RuntimeValue?>>? observer)
        {
            using var session = model.CreateSession(); // inputs of another set must not stay
            foreach (var (input, value) in network.Inputs.Zip(inputs).Where(p => p.Second is not null)) session.SetInput(input.Name, value!);
            session.Run(new RunOptions { CancellationToken = cancel });
            return [.. network.Outputs.Select(o => session.GetOutput(o.Name))];
        }

        public override void Dispose() => model.Dispose();
    }
}
