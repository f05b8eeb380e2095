using System.Text.Json;
using Strata.Cli.Json;

namespace Strata.Cli;

/// <summary>How progress is shown.</summary>
internal enum ProgressStyle
{
    /// <summary>A bar for a person, plain lines otherwise.</summary>
    Auto,
    /// <summary>One JSON object per line.</summary>
    Json,
    /// <summary>Not at all.</summary>
    None,
}

/// <summary>Progress on standard error. Thread-safe.</summary>
internal sealed class ProgressDisplay(Terminal terminal, ProgressStyle style) : IDisposable
{
    private const int BarCells = 24;
    private readonly Lock gate = new();
    private string? stage;
    private int drawn = -1; // cells of the bar on the screen
    private double? reported; // hundredths
    private int lineLength;

    /// <summary>States that a stage runs, and how much of it is done (0 to 1) where that is known.</summary>
    public void Report(string name, double? fraction = null)
    {
        if (style == ProgressStyle.None) return;
        lock (gate)
        {
            bool begins = name != stage;
            stage = name;
            fraction = fraction is { } exact ? Math.Round(exact, 2) : null;
            if (style == ProgressStyle.Json && !begins && fraction == reported) return;
            reported = fraction;
            if (style == ProgressStyle.Json) terminal.Error.WriteLine(JsonSerializer.Serialize(new ProgressEvent(name, fraction), ProgressJson.Default.ProgressEvent));
            else if (terminal.ErrorIsInteractive) Draw(name, fraction, begins);
            else if (begins) terminal.Error.WriteLine($"strata: {name}");
        }
    }

    /// <summary>Writes a line without disturbing the bar.</summary>
    public void WriteLine(string line, TextWriter target)
    {
        lock (gate)
        {
            Erase();
            target.WriteLine(line);
        }
    }

    private void Draw(string name, double? fraction, bool begins)
    {
        int cells = (int)(Math.Clamp(fraction ?? 0, 0, 1) * BarCells);
        if (!begins && cells == drawn) return;
        Erase();
        string line = fraction is null ? $"{name} …" : $"[{new string('#', cells)}{new string('.', BarCells - cells)}] {name}";
        if (line.Length >= terminal.Width) line = line[..(terminal.Width - 1)];
        terminal.Error.Write(line);
        (drawn, lineLength) = (cells, line.Length);
    }

    private void Erase()
    {
        if (lineLength > 0) terminal.Error.Write($"\r{new string(' ', lineLength)}\r");
        (lineLength, drawn) = (0, -1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate) Erase();
    }
}
