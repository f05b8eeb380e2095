using Strata.Compiler.Fidelity;
using Strata.Networks;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Compiler.Planning;

/// <summary>How far the outputs of a network are off.</summary>
/// <param name="Noise">Energy of the errors over that of the outputs, the mean of all outputs: 0.01 is a signal-to-noise ratio of 20 dB.</param>
/// <param name="RelativeError">The largest error over the output's largest magnitude, of the worst output.</param>
public readonly record struct Damage(double Noise, double RelativeError)
{
    /// <summary>Noise that no error exceeds by much counts: outputs that are not finite, or cannot be compared.</summary>
    internal const double Ruined = 1e6;

    /// <summary>The noise as a signal-to-noise ratio in dB; infinite where there is none.</summary>
    public double SnrDb => Noise == 0 ? double.PositiveInfinity : -10 * Math.Log10(Noise);

    internal static Damage Of(FidelityReport report) => new(
        report.Outputs.Count == 0 ? 0 : report.Outputs.Average(o => o.Mismatch is not null ? 1 : o.SnrDb is { } snr ? Math.Min(Ruined, Math.Pow(10, -snr / 10)) : 0),
        report.Outputs.Count == 0 ? 0 : report.Outputs.Max(o => o.Mismatch is not null ? 1 : o.RelativeError ?? 0));
}

/// <summary>Runs variants of a network by the engine and measures how far their outputs are from the network's own. Thread-safe.</summary>
internal sealed class DamageProbe
{
    private readonly Network network;
    private readonly IReadOnlyList<RuntimeValue?[]> sets;
    private readonly CancellationToken cancel;
    private readonly IReadOnlyList<RuntimeValue?>[] expected;

    /// <summary>Runs the network on each set of inputs.</summary>
    /// <exception cref="InvalidInputException">It refuses them.</exception>
    public DamageProbe(Network network, IReadOnlyList<RuntimeValue?[]> sets, int threads, CancellationToken cancel)
    {
        (this.network, this.sets, this.cancel) = (network, sets, cancel);
        expected = Run(network, threads);
    }

    /// <summary>Sets of inputs that are run.</summary>
    public int Sets => sets.Count;

    /// <summary>The damage of a network with the same inputs and outputs.</summary>
    public Damage Of(Network subject, int threads)
    {
        using var comparison = new NetworkComparison(subject);
        foreach (var (reference, actual) in expected.Zip(Run(subject, threads))) comparison.Add(reference, actual);
        return Damage.Of(comparison.Report(FidelityFloor.None));
    }

    /// <summary>The damage of putting another constant in the place of one.</summary>
    public Damage Of(Constant weight, Constant instead, int threads) =>
        Of(new ReplaceConstants(new Dictionary<Constant, Constant> { [weight] = instead }).Run(network, new PassContext { Cancellation = cancel }), threads);

    private IReadOnlyList<RuntimeValue?>[] Run(Network subject, int threads)
    {
        using var run = NetworkRun.Of(subject, ExecutionRoute.Engine, 0, threads);
        return [.. sets.Select(set => run.Run(set, cancel))];
    }
}
