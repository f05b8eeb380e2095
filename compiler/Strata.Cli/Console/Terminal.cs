using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Cli;

/// <summary>Where one run of the command line reads and writes: text and bytes, and what the other end can show.</summary>
internal sealed class Terminal : IDisposable
{
    private const int RedirectedWidth = 100;

    private readonly TextWriter output;

    /// <summary>Writes text to the given writers; control characters, which names in a model may hold, do not pass.</summary>
    public Terminal(TextWriter output, TextWriter error)
    {
        this.output = output;
        (Out, Error) = (new PlainTextWriter(output), new PlainTextWriter(error, passReturns: true));
    }

    /// <summary>Results.</summary>
    public TextWriter Out { get; }

    /// <summary>Diagnostics and progress.</summary>
    public TextWriter Error { get; }

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
        return new(new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = interactive }, new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true })
        {
            OpenInput = Console.OpenStandardInput,
            OpenOutput = Console.OpenStandardOutput,
            OutIsInteractive = interactive,
            ErrorIsInteractive = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            Width = interactive ? Math.Max(Console.WindowWidth, 40) : RedirectedWidth,
            Color = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        };
    }

    /// <summary>Writes a table: fitted to the screen for a person, one line per row otherwise.</summary>
    public void WriteTable(TextTable content) => content.Write(output, OutIsInteractive ? Width : null, OutIsInteractive && Color);

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
