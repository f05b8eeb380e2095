using Spectre.Console;

namespace Strata.Cli;

/// <summary>Rows under headings; columns whose heading starts with <c>&gt;</c> are aligned right.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> rows = [];

    public void Add(params string[] cells) => rows.Add([.. cells.Select(PlainTextWriter.Clean)]);

    /// <summary>Writes the table. Without a width no cell is ever wrapped.</summary>
    public void Write(TextWriter output, int? width, bool color)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (string heading in headings)
        {
            bool right = heading.StartsWith('>');
            var column = new TableColumn(new Text(heading.TrimStart('>'), color ? new Style(decoration: Decoration.Bold) : Style.Plain)) { Padding = new Padding(0, 0, 2, 0) };
            if (right) column.RightAligned();
            if (width is null) column.NoWrap();
            table.AddColumn(column);
        }
        foreach (var row in rows) table.AddRow(row.Select(c => (Spectre.Console.Rendering.IRenderable)new Text(c)));

        // Spectre finds neither a redirected stream nor its width by itself.
        var buffer = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = color ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(buffer),
        });
        console.Profile.Width = width ?? 1 << 16;
        console.Write(table);
        foreach (string line in buffer.ToString().TrimEnd('\n').Split('\n')) output.Write(line.TrimEnd() + "\n");
    }
}
