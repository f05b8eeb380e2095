namespace Strata.Tests.Oracles;

/// <summary>
/// A mistake that the second decoder makes on purpose, to show that fuzzing finds one: two decoders that disagree are a find,
/// whichever of them is wrong.
/// </summary>
/// <param name="Decoder">What has the mistake: a codec by its name, or another part of the format.</param>
/// <param name="Target">The fuzz target that must find it.</param>
/// <param name="Rule">The rule that is left out: one whose message contains this text; null if a step is done wrongly.</param>
/// <param name="Step">The step that is done wrongly, or null.</param>
internal sealed record PlantedBug(string Decoder, string Target, string? Rule = null, string? Step = null)
{
    [ThreadStatic]
    private static string? s_dropped, s_wrong;

    /// <summary>Makes the mistake, on this thread and until disposed of.</summary>
    public IDisposable Plant()
    {
        (s_dropped, s_wrong) = (Rule, Step);
        return new Removal();
    }

    /// <summary>Whether the rule with this message is left out.</summary>
    public static bool Drops(string message) => s_dropped is not null && message.Contains(s_dropped, StringComparison.Ordinal);

    /// <summary>One if a step is to be done wrongly, else zero.</summary>
    public static int In(string step) => s_wrong == step ? 1 : 0;

    public override string ToString() => Rule is null ? $"{Decoder}: '{Step}' done wrongly" : $"{Decoder}: '{Rule}' left out";

    private sealed class Removal : IDisposable
    {
        public void Dispose() => (s_dropped, s_wrong) = (null, null);
    }
}
