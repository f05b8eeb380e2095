using Strata.Execution;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Bench;

/// <summary>A model loaded in one engine, with its inputs set: what a benchmark runs again and again.</summary>
internal abstract class BenchSubject : IDisposable
{
    /// <summary>What runs it.</summary>
    public abstract string Engine { get; }

    /// <summary>Runs the model once; nothing is copied in or out.</summary>
    public abstract void Run(CancellationToken cancel);

    /// <summary>The outputs of the last run, in the network's order.</summary>
    public abstract IReadOnlyList<RuntimeValue> Outputs();

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A model in Strata's runtime, as an application uses it.</summary>
internal sealed class StrataSubject : BenchSubject
{
    private readonly Model model;
    private readonly Session session;

    public StrataSubject(Model model, IReadOnlyList<RuntimeValue> inputs)
    {
        (this.model, session) = (model, model.CreateSession());
        for (int i = 0; i < inputs.Count; i++) session.SetInput(model.Network.Inputs[i].Name, inputs[i]);
    }

    public override string Engine => "Strata";

    /// <summary>Floating-point operations of the last run.</summary>
    public double Operations => NetworkWork.Of(session.Plans);

    public override void Run(CancellationToken cancel) => session.Run(new RunOptions { CancellationToken = cancel });

    public override IReadOnlyList<RuntimeValue> Outputs() => [.. model.Network.Outputs.Select(o => session.GetOutput(o.Name))];

    public override void Dispose()
    {
        session.Dispose();
        model.Dispose();
    }
}
