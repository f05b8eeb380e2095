using System.Text;

namespace Strata.Cli;

/// <summary>Passes text on without what could steer a terminal: a model's names are untrusted. Lines end in <c>\n</c> everywhere.</summary>
internal sealed class PlainTextWriter : TextWriter
{
    private readonly TextWriter inner;
    private readonly bool passReturns;

    public PlainTextWriter(TextWriter inner, bool passReturns = false)
    {
        (this.inner, this.passReturns) = (inner, passReturns);
        CoreNewLine = ['\n'];
    }

    public override Encoding Encoding => inner.Encoding;

    /// <summary>A text in which control characters are replaced.</summary>
    public static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    public override void Write(char value) => inner.Write(Pass(value));

    public override void Write(string? value) => inner.Write(string.Concat((value ?? "").Select(Pass)));

    private char Pass(char c) => char.IsControl(c) && c is not ('\n' or '\t') && !(passReturns && c == '\r') ? '\uFFFD' : c;

    public override void Flush() => inner.Flush();
}
