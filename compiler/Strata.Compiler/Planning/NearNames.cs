namespace Strata.Compiler.Planning;

/// <summary>Names that a mistyped one may have meant.</summary>
internal static class NearNames
{
    private const int Most = 3;

    /// <summary>The nearest of the known names: those that hold the name or are held by it, then by the number of edits.</summary>
    public static IReadOnlyList<string> Of(string name, IEnumerable<string> known) =>
        [.. known.Distinct(StringComparer.Ordinal).OrderBy(k => Contains(k, name) || Contains(name, k) ? 0 : 1).ThenBy(k => Edits(k, name)).ThenBy(k => k, StringComparer.Ordinal).Take(Most)];

    private static bool Contains(string text, string part) => part.Length > 0 && text.Contains(part, StringComparison.OrdinalIgnoreCase);

    // Insertions, deletions and exchanges of letters (Levenshtein); long names count by their ends alone, as models' names differ there.
    private static int Edits(string a, string b)
    {
        const int Longest = 128;
        (a, b) = (a[^Math.Min(a.Length, Longest)..], b[^Math.Min(b.Length, Longest)..]);
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            (int diagonal, row[0]) = (row[0], i);
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[b.Length];
    }
}
