using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>
/// A parsed Einstein summation: one list of labels per operand and one for the result. A label is a letter, or, standing
/// for the dimensions under an ellipsis, a digit counted from the last of them.
/// </summary>
public sealed record EinsumEquation(ImmutableArray<string> Operands, string Result)
{
    private const string EllipsisLabels = "76543210"; // right-aligned: the last dimension under every ellipsis is 0

    /// <summary>Parses an equation for operands of known ranks.</summary>
    /// <exception cref="InvalidNetworkException">The equation is malformed or does not fit the ranks.</exception>
    public static EinsumEquation Parse(string equation, ReadOnlySpan<int> ranks)
    {
        string[] sides = equation.Replace(" ", "", StringComparison.Ordinal).Split("->");
        string[] terms = sides[0].Split(',');
        if (sides.Length > 2) throw Fail("has more than one arrow");
        if (terms.Length != ranks.Length) throw Fail($"has {terms.Length} operands, {ranks.Length} are given");

        int widest = 0;
        var operands = ImmutableArray.CreateBuilder<string>(terms.Length);
        for (int i = 0; i < terms.Length; i++)
        {
            int hidden = terms[i].Contains("...", StringComparison.Ordinal) ? ranks[i] - (terms[i].Length - 3) : 0;
            if (hidden < 0 || hidden > Limits.Rank) throw Fail($"gives operand {i} more labels than its {ranks[i]} dimensions");
            widest = Math.Max(widest, hidden);
            string labels = Expand(terms[i], hidden);
            if (labels.Length != ranks[i]) throw Fail($"gives operand {i} {labels.Length} labels, it has {ranks[i]} dimensions");
            operands.Add(labels);
        }
        string result = sides.Length == 2 ? Expand(sides[1], widest) : Implicit(operands, widest);
        foreach (char label in result)
        {
            if (result.Count(c => c == label) > 1) throw Fail($"has '{label}' twice in its result");
            if (!operands.Any(o => o.Contains(label))) throw Fail($"has '{label}' in its result only");
        }
        return new(operands.MoveToImmutable(), result);

        string Expand(string term, int hidden)
        {
            string labels = term.Replace("...", hidden == 0 ? "" : EllipsisLabels[^hidden..], StringComparison.Ordinal);
            string letters = term.Replace("...", "", StringComparison.Ordinal);
            if (letters.Any(c => !char.IsAsciiLetter(c)) || term.Length - letters.Length > 3) throw Fail($"has a malformed term '{term}'; allowed are letters and one ellipsis");
            return labels;
        }

        InvalidNetworkException Fail(string sentence) => new($"equation '{equation}' {sentence}");
    }

    // Without an arrow: the ellipsis, then every label that occurs once, in alphabetical order.
    private static string Implicit(IReadOnlyCollection<string> operands, int widest)
    {
        var once = string.Concat(operands).Where(char.IsAsciiLetter).GroupBy(c => c).Where(g => g.Count() == 1).Select(g => g.Key).Order();
        return EllipsisLabels[^widest..] + string.Concat(once);
    }
}
