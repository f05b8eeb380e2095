using System.Globalization;
using System.Text;

namespace Strata.Bitstream.Syntax;

/// <summary>Reads fields and prints each with its position.</summary>
internal sealed class SyntaxTracer(SyntaxReader reader, StringBuilder output) : FieldSyntax
{
    public override bool IsReading => true;

    public override void Unsigned(string name, ref long value, long max)
    {
        int at = reader.Position;
        reader.Unsigned(name, ref value, max);
        Print(at, name, value.ToString(CultureInfo.InvariantCulture));
    }

    public override void Fixed32(string name, ref uint value)
    {
        int at = reader.Position;
        reader.Fixed32(name, ref value);
        Print(at, name, $"0x{value:x8}");
    }

    public override void Text(string name, ref string value, int maxBytes = Limits.NameBytes)
    {
        int at = reader.Position;
        reader.Text(name, ref value, maxBytes);
        Print(at, name, $"\"{value.ReplaceLineEndings("\\n")}\"");
    }

    public override void Bytes(string name, ref ReadOnlyMemory<byte> value, int maxBytes)
    {
        int at = reader.Position;
        reader.Bytes(name, ref value, maxBytes);
        Print(at, name, Convert.ToHexStringLower(value.Span));
    }

    public override void Count(string name, ref int value, int max)
    {
        int at = reader.Position;
        reader.Count(name, ref value, max);
        Print(at, name, $"{value} items");
    }

    private void Print(int at, string name, string value) => output.Append(CultureInfo.InvariantCulture, $"  {at,6}  {name} = {value}\n");
}
