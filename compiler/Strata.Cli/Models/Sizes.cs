using System.Globalization;

namespace Strata.Cli.Models;

/// <summary>Numbers as people read them.</summary>
internal static class Sizes
{
    /// <summary>Bytes with three significant digits: <c>812 B</c>, <c>3.52 MB</c>.</summary>
    public static string Bytes(long bytes)
    {
        ReadOnlySpan<string> units = ["B", "kB", "MB", "GB", "TB"];
        double value = bytes;
        int unit = 0;
        for (; value >= 999.5 && unit < units.Length - 1; unit++) value /= 1000;
        string format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {units[unit]}";
    }

    /// <summary>A count with separators: <c>1,234,567</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with a few significant digits; infinities and NaN by name.</summary>
    public static string Number(double? value, string format = "G4") => value switch
    {
        null => "-",
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        { } number => number.ToString(format, CultureInfo.InvariantCulture),
    };

    /// <summary>A duration in the unit that suits it.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds >= 1
        ? $"{time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s"
        : $"{time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture)} ms";

    /// <summary>A count and a noun: <c>1 layer</c>, <c>2 layers</c>.</summary>
    public static string Plural(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
