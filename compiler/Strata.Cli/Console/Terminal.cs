using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Strata.Cli;

/// <summary>Where one run of the command line reads and writes: text and bytes, and what the other end can show.</summary>
internal sealed class Terminal : IDisposable
{
    private const int RedirectedWidth = 100;

    /// <summary>Results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Diagnostics and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Opens standard input for bytes.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Opens standard output for bytes.</summary>
    public required Func<Stream> OpenOutput { get; init; }

    /// <summary>True when a person sees <see cref="Out"/>; otherwise tables are neither coloured nor wrapped.</summary>
    public bool OutIsInteractive { get; init; }

    /// <summary>True when a person sees <see cref="Error"/>; otherwise progress is plain lines.</summary>
    public bool ErrorIsInteractive { get; init; }

    /// <summary>Columns for help and tables.</summary>
    public int Width { get; init; } = RedirectedWidth;

    /// <summary>False under <c>NO_COLOR</c>.</summary>
    public bool Color { get; init; }

    /// <summary>The process's own standard streams.</summary>
    public static Terminal OfProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        bool interactive = !Console.IsOutputRedirected;
        return new()
        {
            Out = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = interactive, NewLine = "\n" },
            Error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true, NewLine = "\n" },
            OpenInput = Console.OpenStandardInput,
            OpenOutput = Console.OpenStandardOutput,
            OutIsInteractive = interactive,
            ErrorIsInteractive = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Width = interactive ? Math.Max(Console.WindowWidth, 40) : RedirectedWidth,
            Color = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        };
    }

    /// <summary>Writes a table: fitted to the screen for a person, one line per row otherwise.</summary>
    public void WriteTable(TextTable content) => content.Write(Out, OutIsInteractive ? Width : null, OutIsInteractive && Color);

    /// <summary>Writes one JSON document.</summary>
    public void WriteJson<T>(T document, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(document, type));

    /// <summary>Writes what the user should know but did not ask for.</summary>
    public void Note(string sentence) => Error.WriteLine($"strata: {sentence}");

    /// <inheritdoc/>
    public void Dispose()
    {
        Out.Flush();
        Error.Flush();
    }
}

/// <summary>Rows under headings; columns whose heading starts with <c>&gt;</c> are aligned right.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> rows = [];

    public void Add(params string[] cells) => rows.Add(cells);

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
        foreach (string line in buffer.ToString().TrimEnd('\n').Split('\n')) output.WriteLine(line.TrimEnd());
    }
}
