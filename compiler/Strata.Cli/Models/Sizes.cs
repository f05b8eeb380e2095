using System.Globalization;

namespace Strata.Cli.Models;

/// <summary>Numbers as people read them.</summary>
internal static class Sizes
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Bytes with three significant digits: <c>812 B</c>, <c>3.52 MB</c>.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        int unit = 0;
        for (; value >= 999.5 && unit < Units.Length - 1; unit++) value /= 1000;
        string format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>Reads bytes as people write them: <c>812</c>, <c>512MB</c>, <c>1.5 GB</c>; units count by thousands, in any case.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        string number = text.TrimEnd([.. "BKMGTbkmgt "]), name = text[number.Length..].Trim();
        int unit = name.Length == 0 ? 0 : Array.FindIndex(Units, u => u.Equals(name, StringComparison.OrdinalIgnoreCase));
        bytes = 0;
        if (unit < 0 || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) || value > long.MaxValue) return false;
        for (; unit > 0 && value <= long.MaxValue; unit--) value *= 1000;
        if (value > long.MaxValue) return false;
        bytes = (long)value;
        return true;
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

    /// <summary>A share of 1 as percents: <c>98.5 %</c>.</summary>
    public static string Share(double? share) => share is { } number ? $"{Number(100 * number, "0.##")} %" : "-";

    /// <summary>A duration in the unit that suits it.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds >= 1
        ? $"{time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)} s"
        : $"{time.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture)} ms";

    /// <summary>A duration with three significant digits: <c>8.25 µs</c>, <c>812 µs</c>, <c>3.52 ms</c>.</summary>
    public static string Latency(TimeSpan time)
    {
        var (value, unit) = time.TotalSeconds >= 0.9995 ? (time.TotalSeconds, "s") : time.TotalMilliseconds >= 0.9995 ? (time.TotalMilliseconds, "ms") : (time.TotalMicroseconds, "µs");
        return $"{value.ToString(value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00", CultureInfo.InvariantCulture)} {unit}";
    }

    /// <summary>A count and a noun: <c>1 layer</c>, <c>2 layers</c>.</summary>
    public static string Plural(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
