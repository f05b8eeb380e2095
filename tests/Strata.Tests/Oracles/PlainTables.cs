using System.Globalization;
using System.Text.RegularExpressions;

namespace Strata.Tests.Oracles;

/// <summary>The tables of docs/operator-numbers.md, read from the page itself.</summary>
internal sealed partial class PlainTables
{
    public sealed record Element(int Number, string Name, int Bits, string Kind);

    public sealed record Attribute(string Name, string Kind, string[] Choices, string Default, int Since)
    {
        /// <summary>Kinds marked with ? may be absent.</summary>
        public bool MayBeAbsent => Kind.EndsWith('?');
    }

    public Dictionary<int, Element> Elements { get; } = [];

    public Dictionary<long, (int Since, List<Attribute> Attributes)> Operators { get; } = [];

    /// <summary>Numbers of the codecs in the table of docs/bitstream.md.</summary>
    public HashSet<int> Codecs { get; } = [];

    public PlainTables(string document, string format)
    {
        foreach (string line in format[format.IndexOf("\nCodecs; numbers", StringComparison.Ordinal)..].Split('\n').Skip(3).TakeWhile(l => l.StartsWith('|')))
        {
            if (int.TryParse(line.Split('|')[1], CultureInfo.InvariantCulture, out int codec)) Codecs.Add(codec);
        }
        foreach (string line in document.Split('\n'))
        {
            string[] cells = [.. line.Split('|').Select(c => c.Trim())];
            if (cells.Length != 6 || !long.TryParse(cells[1], NumberStyles.None, CultureInfo.InvariantCulture, out long number)) continue;
            if (int.TryParse(cells[3], NumberStyles.None, CultureInfo.InvariantCulture, out int third) && !cells[4].Contains('`') && IsKind(cells[4]))
                Elements.Add((int)number, new((int)number, cells[2], third, cells[4]));
            else if (cells[4] == "string") Elements.Add((int)number, new((int)number, cells[2], 0, cells[4]));
            else
                Operators.Add(number, (third, [.. cells[4].Split("<br>", StringSplitOptions.RemoveEmptyEntries).Select(ParseAttribute)]));
        }
    }

    private static bool IsKind(string cell) => cell is "float" or "signed" or "unsigned" or "bool" or "complex";

    private static Attribute ParseAttribute(string text)
    {
        var match = Row().Match(text);
        if (!match.Success) throw new FormatException($"attribute row '{text}'");
        string since = match.Groups["since"].Value;
        return new(match.Groups["name"].Value, match.Groups["kind"].Value, match.Groups["choices"].Success ? match.Groups["choices"].Value.Split(", ") : [],
            match.Groups["default"].Value, since == "" ? 1 : int.Parse(since, CultureInfo.InvariantCulture));
    }

    /// <summary>The value of an attribute that is not written, in the form in which the decoder gives values.</summary>
    public object? DefaultOf(Attribute attribute)
    {
        string text = attribute.Default;
        if (text == "absent") return null;
        return attribute.Kind switch
        {
            "int" or "int?" => long.Parse(text, CultureInfo.InvariantCulture),
            "flag" => text == "1",
            "float" or "float?" => BitConverter.SingleToUInt32Bits(float.Parse(text, CultureInfo.InvariantCulture)),
            "text" => text.Trim('"'),
            "choice" => Array.IndexOf(attribute.Choices, text),
            "ints" => Items(text).Select(i => long.Parse(i, CultureInfo.InvariantCulture)).ToArray(),
            "floats" => Items(text).Select(i => BitConverter.SingleToUInt32Bits(float.Parse(i, CultureInfo.InvariantCulture))).ToArray(),
            "texts" => Items(text).Select(i => i.Trim('"')).ToArray(),
            "type?" => Elements.Values.Single(e => e.Name == text).Number,
            "network" => new PlainNetwork(),
            _ => throw new FormatException($"default '{text}' of kind {attribute.Kind}"),
        };
    }

    private static IEnumerable<string> Items(string list) => list.Trim('[', ']').Split(", ", StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^`(?<name>[^`]+)` (?<kind>[a-z ]+\??)(\((?<choices>[^)]*)\))? = ?(?<default>.*?)( \(since (?<since>\d+)\))?$")]
    private static partial Regex Row();
}
