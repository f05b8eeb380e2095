using System.Globalization;
using System.Text;

namespace Strata.Networks;

/// <summary>Quoted strings of the text form: <c>"</c>, <c>\</c> and control characters are escaped, everything else stands as it is.</summary>
internal static class TextQuoting
{
    public static void Append(StringBuilder builder, string text)
    {
        builder.Append('"');
        foreach (char c in text)
        {
            if (c is '"' or '\\') builder.Append('\\').Append(c);
            else if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029') builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
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

    /// <summary>True for names that need no quotes: letters, digits, '_', '.', '/', ':' and '-'.</summary>
    public static bool IsBare(string text) => text.Length > 0
        && (char.IsAsciiLetterOrDigit(text[0]) || text[0] is '_' or '/')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '/' or ':' or '-');

    public static string BareOrQuoted(string text) => IsBare(text) ? text : Quote(text);
}
