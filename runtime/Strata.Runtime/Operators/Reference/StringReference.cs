using System.Text;
using System.Text.RegularExpressions;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates the operators on strings.</summary>
internal static class StringReference
{
    public static Tensor Concat(Tensor a, Tensor b)
    {
        var dims = Broadcasting.Dims(a, b);
        return Tensor.FromStrings(dims, Broadcasting.Map(a.Strings.ToArray(), b.Strings.ToArray(), Broadcasting.Positions(a, dims), Broadcasting.Positions(b, dims), string.Concat));
    }

    public static IReadOnlyList<RuntimeValue?> Split(StringSplit op, ReferenceContext context)
    {
        var x = context[0];
        int most = op.MaxSplit is >= 0 and < int.MaxValue ? (int)op.MaxSplit + 1 : int.MaxValue;
        List<string>[] pieces = [.. x.Strings.ToArray().Select(s => op.Delimiter.Length > 0 ? [.. s.Split(op.Delimiter, most)] : SplitWhiteSpace(s, most))];
        int width = pieces.Length == 0 ? 0 : pieces.Max(p => p.Count);
        int[] dims = [.. x.Dims, width];
        var padded = new string[Tensor.CountOf(dims)];
        Array.Fill(padded, "");
        for (int i = 0; i < pieces.Length; i++) pieces[i].CopyTo(padded, i * width);
        return [Tensor.FromStrings(dims, padded), Tensor.From<long>(x.Dims.AsSpan(), [.. pieces.Select(p => (long)p.Count)])];
    }

    // The last piece that `most` allows keeps what follows it, white space included.
    private static List<string> SplitWhiteSpace(string text, int most)
    {
        var pieces = new List<string>();
        for (int at = 0; ;)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
            if (at == text.Length) return pieces;
            int end = at;
            if (pieces.Count + 1 == most) end = text.Length;
            while (end < text.Length && !char.IsWhiteSpace(text[end])) end++;
            pieces.Add(text[at..end]);
            at = end;
        }
    }

    public static Tensor Normalize(StringNormalizer op, Tensor x)
    {
        if (x.Rank is not (1 or 2) || x.Rank == 2 && x.Dims[0] != 1) throw ReferenceContext.Fail($"the input must be [C] or [1, C], is {x}");
        var stopwords = new HashSet<string>(op.Stopwords, op.IsCaseSensitive ? StringComparer.Ordinal : StringComparer.InvariantCultureIgnoreCase);
        string[] kept = [.. x.Strings.ToArray().Where(s => !stopwords.Contains(s)).Select(Change)];
        if (kept.Length == 0) kept = [""];
        return Tensor.FromStrings(x.Rank == 1 ? [kept.Length] : [1, kept.Length], kept);

        string Change(string text) => op.CaseChangeAction switch
        {
            CaseChange.Lower => text.ToLowerInvariant(),
            CaseChange.Upper => text.ToUpperInvariant(),
            _ => text,
        };
    }

    public static Tensor FullMatch(RegexFullMatch op, Tensor x)
    {
        Regex regex;
        try
        {
            regex = new Regex($@"\A(?:{FromRe2(op.Pattern)})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw ReferenceContext.Fail($"pattern '{op.Pattern}' is not a valid expression: {error.Message}");
        }
        return Tensor.From<bool>(x.Dims.AsSpan(), [.. x.Strings.ToArray().Select(s => regex.IsMatch(s))]);
    }

    // Where RE2 and .NET read the same text differently: classes are ASCII in RE2, and groups are named (?P<name>…).
    private static string FromRe2(string pattern)
    {
        var result = new StringBuilder();
        bool inClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                string? members = pattern[++i] switch { 'd' or 'D' => "0-9", 'w' or 'W' => "0-9A-Za-z_", 's' or 'S' => @"\t\n\f\r ", _ => null };
                bool negated = char.IsAsciiLetterUpper(pattern[i]);
                if (members is null || inClass && negated) result.Append(c).Append(pattern[i]);
                else result.Append(inClass ? members : $"[{(negated ? "^" : "")}{members}]");
            }
            else if (!inClass && pattern.AsSpan(i).StartsWith("(?P<"))
            {
                result.Append("(?<");
                i += 3;
            }
            else
            {
                // ']' right behind the opening bracket (or behind '^') is a member.
                if (!inClass && c == '[')
                {
                    inClass = true;
                    result.Append(c);
                    if (i + 1 < pattern.Length && pattern[i + 1] == '^') result.Append(pattern[++i]);
                    if (i + 1 < pattern.Length && pattern[i + 1] == ']') result.Append('\\').Append(pattern[++i]);
                    continue;
                }
                if (inClass && c == ']') inClass = false;
                result.Append(inClass && c == '[' ? @"\[" : c);
            }
        }
        return result.ToString();
    }
}
