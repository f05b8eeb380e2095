namespace Strata.Tests.Oracles;

/// <summary>
/// A mistake that the second decoder makes on purpose, to show that fuzzing finds one: two decoders that disagree are a find,
/// whichever of them is wrong.
/// </summary>
internal static class PlantedBug
{
    [ThreadStatic]
    private static string? s_dropped, s_wrong;

    /// <summary>Until disposed of, leaves a rule out: the one whose message contains a text.</summary>
    public static IDisposable Drop(string rule)
    {
        s_dropped = rule;
        return new Removal();
    }

    /// <summary>Until disposed of, computes a step wrongly.</summary>
    public static IDisposable Make(string step)
    {
        s_wrong = step;
        return new Removal();
    }

    public static bool Drops(string message) => s_dropped is not null && message.Contains(s_dropped, StringComparison.Ordinal);

    /// <summary>One if a step is to be done wrongly, else zero.</summary>
    public static int In(string step) => s_wrong == step ? 1 : 0;

    private sealed class Removal : IDisposable
    {
        public void Dispose() => (s_dropped, s_wrong) = (null, null);
    }
}
