using Strata.Compiler.Calibration;
using Strata.Compiler.Fidelity;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Compiler.Pipeline;

/// <summary>The inputs that a compile runs networks on: recorded ones, generated ones, or random ones.</summary>
internal sealed class CompileInputs(CompileOptions options)
{
    /// <summary>Seeds far from those that measure, and from each other.</summary>
    public const ulong Calibration = 1_000_000, Planning = 2_000_000;

    // The first dimension of an input is mostly a batch, of which one set has few.
    private const long LargestBatch = 2;

    /// <summary>Gives generated inputs (recorded ones where the options name some), each made when it is asked for, to what needs them, with other sizes while a network refuses them.</summary>
    /// <param name="network">What the inputs are for.</param>
    /// <param name="firstSeed">The seed of the first set is so far from <see cref="CompileOptions.Seed"/>.</param>
    /// <param name="count">Sets to generate.</param>
    /// <param name="use">Takes the sets, each in the order of the network's inputs.</param>
    /// <returns>What came of it, or null and why the inputs were refused.</returns>
    public (T? Result, string? Refusal) Try<T>(Network network, ulong firstSeed, int count, Func<IReadOnlyList<RuntimeValue?[]>, T> use) where T : class
    {
        if (options.Data is { } folder) return (use(Recorded(folder, network, isCalibration: firstSeed != 0)), null);
        return Try(network, OpenDimensions.ForCalibrating, dims => new LoadedOnDemand<RuntimeValue?[]>([.. Enumerable.Range(0, count).Select(i => (Func<RuntimeValue?[]>)(() => GeneratedInputs.Create(network, options.Seed + firstSeed + (ulong)i, dims)))]), use);
    }

    /// <summary>Gives one set of random inputs to what needs it.</summary>
    /// <inheritdoc cref="Try{T}(Network, ulong, int, Func{IReadOnlyList{RuntimeValue[]}, T})" path="/returns"/>
    public (T? Result, string? Refusal) TryRandom<T>(Network network, Func<IReadOnlyList<RuntimeValue?[]>, T> use) where T : class =>
        Try(network, OpenDimensions.ForMeasuring, dims => [RandomInputs.Create(network, options.Seed, dims)], use);

    private (T? Result, string? Refusal) Try<T>(Network network, IReadOnlyList<long> sizes, Func<IReadOnlyDictionary<string, long>, IReadOnlyList<RuntimeValue?[]>> create, Func<IReadOnlyList<RuntimeValue?[]>, T> use) where T : class
    {
        try
        {
            return (OpenDimensions.Fit(network, options.Dims, sizes, dims => use(create(dims)), LargestBatch).Result, null);
        }
        catch (InvalidInputException error)
        {
            return (null, error.Message);
        }
    }

    // What calibrates must not be what measures, where there is enough.
    private LoadedOnDemand<RuntimeValue?[]> Recorded(string path, Network network, bool isCalibration)
    {
        var all = RecordedData.Read(path, network, options.Images);
        return new([.. Enumerable.Range(0, all.Count).Where(i => all.Count < 2 || i % 2 == (isCalibration ? 0 : 1)).Select(i => (Func<RuntimeValue?[]>)(() => [.. all[i].Inputs]))]);
    }
}
