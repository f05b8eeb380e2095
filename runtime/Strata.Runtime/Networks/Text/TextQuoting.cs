using System.Globalization;
using System.Text;

namespace Strata.Networks.Text;

/// <summary>
/// Quoted strings of the text form: <c>"</c>, <c>\</c> and what an editor would hide or reorder are escaped, everything
/// else stands as it is. Also the two kinds of names that need no quotes.
/// </summary>
internal static class TextQuoting
{
    public static void Append(StringBuilder builder, string text)
    {
        builder.Append('"');
        foreach (char c in text)
        {
            if (c is '"' or '\\') builder.Append('\\').Append(c);
            else if (c == '\n') builder.Append("\\n");
            else if (c == '\t') builder.Append("\\t");
            else if (IsHidden(c)) builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else builder.Append(c);
        }
        builder.Append('"');
    }

    public static string Quote(string text)
    {
        var builder = new StringBuilder(text.Length + 2);
        Append(builder, text);
        return builder.ToString();
    }

    /// <summary>Reads the inside of a quoted string; returns the index of the first bad escape, or −1.</summary>
    public static int Unquote(ReadOnlySpan<char> inside, out string text)
    {
        var builder = new StringBuilder(inside.Length);
        text = "";
        for (int i = 0; i < inside.Length; i++)
        {
            if (inside[i] != '\\')
            {
                builder.Append(inside[i]);
                continue;
            }
            int start = i++;
            switch (i < inside.Length ? inside[i] : '\0')
            {
                case '"' or '\\': builder.Append(inside[i]); break;
                case 'n': builder.Append('\n'); break;
                case 't': builder.Append('\t'); break;
                case 'u' when i + 4 < inside.Length
                    && ushort.TryParse(inside.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code):
                    builder.Append((char)code);
                    i += 4;
                    break;
                default: return start;
            }
        }
        text = builder.ToString();
        return -1;
    }

    /// <summary>True for value names that need no quotes: letters, digits, '_', '.', '/', ':' and '-'.</summary>
    public static bool IsBare(string text) => text.Length > 0
        && (char.IsAsciiLetterOrDigit(text[0]) || text[0] is '_' or '/')
        && text.All(IsBareNext);

    public static bool IsBareNext(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '/' or ':' or '-';

    /// <summary>True for words, which need no quotes anywhere: a letter, '_' or '?', then letters, digits, '_' and '.'.</summary>
    public static bool IsWord(string text) => text.Length > 0 && IsWordFirst(text[0]) && text.Skip(1).All(IsWordNext);

    public static bool IsWordFirst(char c) => char.IsAsciiLetter(c) || c is '_' or '?';

    public static bool IsWordNext(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';

    public static string BareOrQuoted(string text) => IsBare(text) ? text : Quote(text);

    public static string WordOrQuoted(string text) => IsWord(text) ? text : Quote(text);

    private static bool IsHidden(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
