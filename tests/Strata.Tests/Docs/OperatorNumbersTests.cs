using System.Globalization;
using System.Text;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Support;

namespace Strata.Tests.Docs;

/// <summary>Numbers that stand in encoded networks: documented as they are, and never changed.</summary>
public class OperatorNumbersTests
{
    private const string Snapshot = "OperatorNumbersTests.PermanentNumbersOnlyGrow";

    [Fact]
    public void TheDocumentIsTheCatalogue() => CommittedDocument.Check("docs/operator-numbers.md", Document());

    /// <summary>A line may be added, and an attribute to a line. Anything else would give old files another meaning.</summary>
    [Fact]
    public Task PermanentNumbersOnlyGrow()
    {
        string current = Lines();
        string path = Path.Combine(Repository.Tests, "Docs", Snapshot + ".verified.txt");
        if (File.Exists(path))
        {
            var byHead = current.Split('\n').Select(OperatorLine.Parse).ToDictionary(l => l.Head, StringComparer.Ordinal);
            var broken = File.ReadAllText(path).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(OperatorLine.Parse)
                .Where(committed => !byHead.TryGetValue(committed.Head, out var now) || !now.Extends(committed));
            Assert.True(!broken.Any(), $"Permanent lines are gone or changed, so that released files would be misread:\n  {string.Join("\n  ", broken)}\nUndo that; append instead. "
                + "(Before release 0.1 such a change is allowed if no golden file is concerned: accept the received snapshot.)\n" + Received(current, path));
        }
        return VerifyXunit.Verifier.Verify(current);
    }

    [Theory]
    [InlineData("1 op since 1; a: int = 0 since 1; b: int = 0 since 2", true)]
    [InlineData("1 op since 1; b: int = 0 since 2; a: int = 0 since 1", true)]
    [InlineData("1 op since 1", false)]
    [InlineData("2 op since 1; a: int = 0 since 1", false)]
    [InlineData("1 op since 1; a: int = 1 since 1", false)]
    [InlineData("1 op since 1; a: ints = 0 since 1", false)]
    public void OnlyLaterAttributesExtendALine(string now, bool extends) =>
        Assert.Equal(extends, OperatorLine.Parse(now).Extends(OperatorLine.Parse("1 op since 1; a: int = 0 since 1")));

    [Fact]
    public void AChoiceGrowsAtItsEnd()
    {
        var line = OperatorLine.Parse("1 op since 1; m: choice(A, B) = A since 1");
        Assert.True(OperatorLine.Parse("1 op since 1; m: choice(A, B, C) = A since 1").Extends(line));
        Assert.False(OperatorLine.Parse("1 op since 1; m: choice(A, C, B) = A since 1").Extends(line));
    }

    [Fact]
    public void NumbersLeaveUsersTheirs() => Assert.All(OperatorCatalog.Standard.Rows, row => Assert.InRange(row.Number, 1, 999_999));

    [Fact]
    public void AttributeNamesAreUnique() => Assert.All(OperatorCatalog.Standard.Rows, row =>
    {
        var names = AttributeRow.Of(row.Prototype).Select(a => a.Name).ToList();
        Assert.Equal(names.Distinct(StringComparer.Ordinal), names);
    });

    private static string Received(string current, string path)
    {
        File.WriteAllText(path.Replace(".verified.txt", ".received.txt", StringComparison.Ordinal), current);
        return $"'{Snapshot}.received.txt' holds the present state.";
    }

    private static string Lines() => string.Join('\n',
        ElementTypes.All.Select(t => string.Create(CultureInfo.InvariantCulture, $"element {(int)t} {t.Name()} {t.Bits()} bits"))
        .Concat(OperatorCatalog.Standard.Rows.Select(row => OperatorLine.Of(row).ToString())));

    private static string Document()
    {
        var text = new StringBuilder("""
            # Numbers of the encoded network

            Generated from the catalogue; `tests/Strata.Tests/Docs` checks it and, where it differs, leaves `operator-numbers.received.md` beside it. How the numbers are used: [bitstream.md](bitstream.md). All of them are permanent.

            ## Element types

            | number | name | bits | kind |
            |---:|---|---:|---|

            """.ReplaceLineEndings("\n"));
        foreach (var type in ElementTypes.All)
            text.Append(CultureInfo.InvariantCulture, $"| {(int)type} | {type.Name()} | {(type == ElementType.String ? "" : type.Bits())} | {type.Kind().ToString().ToLowerInvariant()} |\n");
        text.Append("""

            1–26 are the numbers of ONNX's `TensorProto.DataType`; 64 is 1-5-7 with bias 15.

            ## Operators

            Attributes stand in the order in which they are coded, each with kind and default, and with *since* where that is not 1.

            | number | name | since | attributes |
            |---:|---|---:|---|

            """.ReplaceLineEndings("\n"));
        foreach (var row in OperatorCatalog.Standard.Rows)
        {
            var attributes = AttributeRow.Of(row.Prototype).Select(a => $"`{a.Name}` {a.Kind} = {a.Default}{(a.Since == 1 ? "" : $" (since {a.Since})")}");
            text.Append(CultureInfo.InvariantCulture, $"| {row.Number} | {row.Name} | {row.Since} | {string.Join("<br>", attributes).Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }
        return text.ToString();
    }
}
