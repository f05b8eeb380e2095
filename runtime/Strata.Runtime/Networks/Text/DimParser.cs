using System.Globalization;

namespace Strata.Networks.Text;

/// <summary>Reads dimensions: sums of products of integers, symbols and <c>floordiv</c>, <c>min</c>, <c>max</c>.</summary>
internal static class DimParser
{
    /// <summary>Reads a sum.</summary>
    public static Dim Sum(TextCursor cursor, int depth = 0)
    {
        if (depth > Limits.NestingDepth) throw cursor.Fail($"a dimension nests deeper than {Limits.NestingDepth}");
        int start = cursor.Position;
        var terms = new List<Dim>();
        bool negative = cursor.TryTake('-');
        while (true)
        {
            terms.Add(Product(cursor, negative, depth));
            negative = cursor.At('-');
            if (!negative && !cursor.At('+')) break;
            cursor.Advance();
        }
        return Located(cursor, start, () => Balanced(terms, static (a, b) => a + b));
    }

    private static Dim Product(TextCursor cursor, bool negative, int depth)
    {
        int start = cursor.Position;
        var factors = new List<Dim>();
        do
        {
            factors.Add(cursor.Kind == TokenKind.Number ? Number(cursor, ref negative) : Atom(cursor, depth));
        }
        while (cursor.TryTake('*'));
        if (negative) factors.Add(-1);
        return Located(cursor, start, () => Balanced(factors, static (a, b) => a * b));
    }

    // Takes the sign along: the magnitude of the least 64-bit integer is no 64-bit integer.
    private static Dim Number(TextCursor cursor, ref bool negative)
    {
        if (cursor.Span.ContainsAnyExceptInRange('0', '9')) throw cursor.Expected("an integer");
        if (!UInt128.TryParse(cursor.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var magnitude)
            || magnitude > (UInt128)long.MaxValue + (negative ? 1u : 0u)) throw cursor.Fail($"{cursor.Span} is beyond 64 bits");
        cursor.Advance();
        long value = negative ? (long)-(Int128)magnitude : (long)magnitude;
        negative = false;
        return value;
    }

    private static Dim Atom(TextCursor cursor, int depth)
    {
        int start = cursor.Position;
        bool quoted = cursor.Kind == TokenKind.Quoted;
        string name = cursor.TakeWordOrName("a dimension: an integer, a symbol, floordiv(a, b), min(a, b) or max(a, b)");
        if (name.Length == 0) throw cursor.Fail("a dimension symbol needs a name", start);
        Func<Dim, Dim, Dim>? function = quoted ? null : name switch
        {
            "floordiv" => Dim.FloorDiv,
            "min" => Dim.Min,
            "max" => Dim.Max,
            _ => null,
        };
        if (function is null) return Dim.Symbol(name);
        cursor.Take('(');
        var a = Sum(cursor, depth + 1);
        cursor.Take(',');
        var b = Sum(cursor, depth + 1);
        cursor.Take(')');
        return Located(cursor, start, () => function(a, b));
    }

    // Halving keeps long sums and products from costing the square of their length.
    private static Dim Balanced(List<Dim> parts, Func<Dim, Dim, Dim> combine)
    {
        for (; parts.Count > 1; parts = [.. parts.Chunk(2).Select(p => p.Length == 1 ? p[0] : combine(p[0], p[1]))]) { }
        return parts[0];
    }

    private static Dim Located(TextCursor cursor, int start, Func<Dim> compute)
    {
        try
        {
            return compute();
        }
        catch (StrataException error) when (error is not StrataFormatException)
        {
            throw cursor.Fail(error.Message, start, error);
        }
    }
}
