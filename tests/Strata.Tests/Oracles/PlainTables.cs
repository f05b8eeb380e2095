using System.Globalization;
using System.Text.RegularExpressions;

namespace Strata.Tests.Oracles;

/// <summary>The tables of docs/operator-numbers.md, and the codecs of docs/bitstream.md, read from the pages themselves.</summary>
internal sealed partial class PlainTables
{
    public sealed record Element(int Number, string Name, int Bits, string Kind);

    public sealed record Attribute(string Name, string Kind, string[] Choices, string Default, int Since)
    {
        /// <summary>Kinds marked with ? may be absent.</summary>
        public bool MayBeAbsent => Kind.EndsWith('?');
    }

    public Dictionary<int, Element> Elements { get; }

    public Dictionary<long, (int Since, List<Attribute> Attributes)> Operators { get; }

    public HashSet<int> Codecs { get; }

    public PlainTables(string numbers, string format)
    {
        Codecs = [.. Rows(format, "\nCodecs; numbers").Select(cells => Int(cells[0]))];
        Elements = Rows(numbers, "\n## Element types").Select(cells => new Element(Int(cells[0]), cells[1], Int(cells[2]), cells[3])).ToDictionary(e => e.Number);
        Operators = Rows(numbers, "\n## Operators").ToDictionary(cells => (long)Int(cells[0]), cells => (Int(cells[2]), Attributes(cells[3])));
    }

    // The rows of the first table behind a text.
    private static IEnumerable<string[]> Rows(string document, string behind) =>
        document[document.IndexOf(behind, StringComparison.Ordinal)..].Split('\n').SkipWhile(l => !l.StartsWith('|')).Skip(2).TakeWhile(l => l.StartsWith('|'))
            .Select(l => l.Split('|')[1..^1].Select(c => c.Trim()).ToArray());

    private static List<Attribute> Attributes(string cell) => [.. cell.Split("<br>", StringSplitOptions.RemoveEmptyEntries).Select(ParseAttribute)];

    private static Attribute ParseAttribute(string text)
    {
        var match = Row().Match(text);
        if (!match.Success) throw new FormatException($"attribute row '{text}'");
        string Of(string group) => match.Groups[group].Value;
        return new(Of("name"), Of("kind"), Of("choices").Split(", "), Of("default"), Math.Max(1, Int(Of("since"))));
    }

    // Nothing is zero.
    private static int Int(string text) => text == "" ? 0 : int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The value of an attribute that is not written, in the form in which the decoder gives values.</summary>
    public object? DefaultOf(Attribute attribute)
    {
        string text = attribute.Default;
        if (text == "absent") return null;
        string[] items = text.Trim('[', ']').Split(", ", StringSplitOptions.RemoveEmptyEntries);
        return attribute.Kind switch
        {
            "int" or "int?" => long.Parse(text, CultureInfo.InvariantCulture),
            "flag" => text == "1",
            "float" or "float?" => Single(text),
            "text" => text.Trim('"'),
            "choice" => Array.IndexOf(attribute.Choices, text),
            "ints" => Array.ConvertAll(items, i => long.Parse(i, CultureInfo.InvariantCulture)),
            "floats" => Array.ConvertAll(items, Single),
            "texts" => Array.ConvertAll(items, i => i.Trim('"')),
            "type?" => Elements.Values.Single(e => e.Name == text).Number,
            "network" => new PlainNetwork(),
            _ => throw new FormatException($"default '{text}' of kind {attribute.Kind}"),
        };
    }

    private static uint Single(string text) => BitConverter.SingleToUInt32Bits(float.Parse(text, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^`(?<name>[^`]+)` (?<kind>[a-z ]+\??)(\((?<choices>[^)]*)\))? = ?(?<default>.*?)( \(since (?<since>\d+)\))?$")]
    private static partial Regex Row();
}
