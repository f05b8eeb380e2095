using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Strata.Compiler.Frontend.Onnx;
using Strata.Operators;
using Strata.Tests.Frontend;
using Strata.Tests.Support;

namespace Strata.Tests.Docs;

/// <summary>docs/operators.md: what is imported, in which versions, as what, and who says that the results are right.</summary>
public class OperatorsDocumentTests
{
    private static readonly (string Domain, string Title)[] Domains =
        [("", "ai.onnx"), ("ai.onnx.ml", "ai.onnx.ml"), ("ai.onnx.preview", "ai.onnx.preview"), ("com.microsoft", "com.microsoft (ONNX Runtime)")];

    private static readonly Dictionary<(string Domain, string Name), string> Lowerings = ReadLowerings();

    [Fact]
    public void TheDocumentIsTheTable() => CommittedDocument.Check("docs/operators.md", Document());

    [Fact]
    public void EveryOperatorHasExpectedValuesOfSomebodyElse()
    {
        var without = Operators().Where(o => ExpectedValues.RecordedCases(o.Domain, o.Name) == 0 && ExpectedValues.Source(o.Domain, o.Name) is null).Select(o => $"{o.Domain} {o.Name}");
        Assert.Empty(without);
    }

    private static IEnumerable<(string Domain, string Name)> Operators() => OperatorTable.All.Select(r => (r.Domain, r.Name)).Distinct();

    private static string Document()
    {
        var text = new StringBuilder("""
            # Operators

            Generated from the importer's table and the catalogue; `tests/Strata.Tests/Docs` checks it and, where it differs, leaves `operators.received.md` beside it.

            *Versions* are those of the operator's domain in which its form changed. *Becomes* names the operator of the network that has the same form, and the file of `Frontend/Onnx/Lowering` where older or composite forms are lowered to operators of the network. *Asks* says, in the words of the error that refuses others, which element types the operands have (by position; one without a number takes any), then what a bare operator lacks. *Cases* counts the recorded cases of [conformance.md](conformance.md); where there are none, the test that has expected values from ONNX Runtime or from arithmetic of its own is named.


            """.ReplaceLineEndings("\n"));
        foreach (var (domain, title) in Domains)
        {
            string[] names = [.. Operators().Where(o => o.Domain == domain).Select(o => o.Name).Order(StringComparer.Ordinal)];
            text.Append(CultureInfo.InvariantCulture, $"## {title}\n\n{names.Length} operators.\n\n| operator | versions | becomes | asks | cases |\n|---|---|---|---|---|\n");
            foreach (string name in names) text.Append(Row(domain, name));
            text.Append('\n');
        }
        text.Append("## Refused\n\nKnown, and refused for a reason:\n\n");
        foreach (var group in OperatorTable.AllRefused.GroupBy(r => r.Reason))
            text.Append(CultureInfo.InvariantCulture, $"- {string.Join(", ", group.Select(r => r.Name).Order(StringComparer.Ordinal))}: {group.Key}.\n");
        return text.ToString();
    }

    private static string Row(string domain, string name)
    {
        var rows = OperatorTable.Find(domain, name);
        var direct = rows.FirstOrDefault(r => r.Direct is not null)?.Direct;
        string becomes = string.Join(", ", new[] { direct is null ? null : $"`{OperatorCatalog.Standard.NameOf(direct)}`", Lowerings.GetValueOrDefault((domain, name)) }.OfType<string>());
        var (types, others) = direct is null ? ("", "") : OperatorRules.Of(direct);
        string asks = string.Join("; ", new[] { types, others }.Where(s => s.Length > 0)).Replace("|", "\\|", StringComparison.Ordinal);
        int cases = ExpectedValues.RecordedCases(domain, name);
        string source = cases > 0 ? $"{cases}" : ExpectedValues.Source(domain, name) ?? "";
        return $"| {name} | {Versions(domain, name, rows)} | {becomes} | {asks} | {source} |\n";
    }

    private static string Versions(string domain, string name, IReadOnlyList<OnnxOperator> rows)
    {
        var versions = OnnxSchema.All.Where(s => s.TableDomain == domain && s.Name == name).Select(s => s.Version).Concat(rows.Select(r => r.Since)).Distinct().Order();
        return string.Join(' ', versions.Select(v => v.ToString(CultureInfo.InvariantCulture)));
    }

    private static Dictionary<(string Domain, string Name), string> ReadLowerings()
    {
        var domains = new Dictionary<string, string> { ["Microsoft"] = "com.microsoft", ["Learning"] = "ai.onnx.ml", ["Preview"] = "ai.onnx.preview" };
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "compiler", "Strata.Compiler", "Frontend", "Onnx"), "OperatorTable.*.cs").Order(StringComparer.Ordinal);
        var found = files.SelectMany(File.ReadLines).Select(line => Regex.Match(line, @"^ +Custom\(""(\w+)"", \d+, .*?\b(\w+Lowering)\b.*?(?:, (Microsoft|Learning|Preview))?\),")).Where(m => m.Success);
        return found.GroupBy(m => (domains.GetValueOrDefault(m.Groups[3].Value, ""), m.Groups[1].Value)).ToDictionary(g => g.Key, g => string.Join(", ", g.Select(m => m.Groups[2].Value).Distinct()));
    }
}
