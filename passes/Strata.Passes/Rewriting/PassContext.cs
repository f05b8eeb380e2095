namespace Strata.Passes;

/// <summary>What passes share during one run of the pipeline.</summary>
public sealed class PassContext
{
    private readonly SortedDictionary<string, long> rules = new(StringComparer.Ordinal);

    /// <summary>Verifies the network after every patch and not only after every pass; slow, for tests.</summary>
    public bool VerifyEachPatch { get; init; }

    /// <summary>Stops after so many patches; null for no bound.</summary>
    public long? StopAfterPatch { get; init; }

    /// <summary>Ends the run.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Hears of each pass as it begins.</summary>
    public IProgress<PassProgress>? Progress { get; init; }

    /// <summary>Patches applied so far.</summary>
    public long Patches { get; private set; }

    /// <summary>Layers that passes made of patches looked at so far: those of the network and of bodies, once per sweep.</summary>
    public long Visits { get; private set; }

    /// <summary>True when no further patch may be applied.</summary>
    public bool IsStopped => Patches >= StopAfterPatch;

    /// <summary>Patches applied so far, by the rule that made them.</summary>
    public IReadOnlyDictionary<string, long> PatchesByRule => rules;

    /// <summary>Counts the layers that a sweep goes over.</summary>
    internal void CountVisits(int layers) => Visits += layers;

    /// <summary>Counts a patch that is about to be applied.</summary>
    internal void Count(NetworkPatch patch)
    {
        Patches++;
        rules[patch.Rule] = rules.GetValueOrDefault(patch.Rule) + 1;
    }
}

/// <summary>Which pass begins.</summary>
/// <param name="Pass">Its name.</param>
/// <param name="Index">Its position in the pipeline.</param>
/// <param name="Total">How many passes there are.</param>
public readonly record struct PassProgress(string Pass, int Index, int Total);
