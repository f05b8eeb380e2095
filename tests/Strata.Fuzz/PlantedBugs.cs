using Strata.Tests.Oracles;

namespace Strata.Fuzz;

/// <summary>The mistakes that must be found, several for each decoder of the format.</summary>
internal static class PlantedBugs
{
    /// <summary>Within so many executions.</summary>
    public const int MostExecutions = 100_000;

    // Not planted: a run of zeros in a table of shares that may end behind symbol 255. The shares before it sum to less than 4096 (else no run
    // follows), so that the table is refused for its sum all the same: no input tells a decoder with that rule from one without.
    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        .. Of("prologue and directory", "container", rules: ["overlaps the one before it", "starts elsewhere", "does not lie within the file", "features that are not known"], steps: ["continue"]),
        .. Of("headers", "container", rules: ["not in the shortest form", "bytes after the header of unit", "of a unit that has", "not well-formed UTF-8", "cannot be absent", "two values"], steps: ["high half", "floor", "outputs"]),
        .. Of("coded headers 1.1", "container", rules: ["bytes after the last field"], steps: ["adapt", "match", "word"]),
        .. Of("coded headers 1.2", "container", rules: ["bytes after the last field"], steps: ["misses", "run", "pointer", "checksums"]),
        .. Of("quantisation", "container", rules: ["parameters of parameters", "an axis out of bounds"], steps: ["axis", "group"]),
        .. Of("constants", "load", rules: ["a payload ends behind the data of its unit", "a payload's checksum"], steps: ["alignment"]),
        .. Of("raw", "symbols", rules: ["raw ones"], steps: ["unused bits"]),
        .. Of("text", "symbols", rules: ["text: bytes after the last string"], steps: ["string"]),
        .. Of("planes", "symbols", rules: ["planes: bytes after the last tile", "planes: a constant plane of another length"], steps: ["rotate", "share"]),
        .. Of("streams", "symbols", rules: ["stream: goes on or ends in another state", "stream: ends"], steps: ["renormalise"]),
        .. Of("integers", "symbols", rules: ["decisions: the stream goes on"], steps: ["integer bits", "unary"]),
        .. Of("floats", "symbols", rules: ["floats: rests of another length", "floats: a number that"], steps: ["mantissa", "exponent", "sign", "ascending"]),
        .. Of("classes", "symbols", rules: ["classes: the stream goes on", "classes: the last symbols", "classes: numbers that are not used", "classes: the highest level"], steps: ["tap", "grid context", "level before", "edge", "peak", "weight"]),
        .. Of("ternary-flag3", "symbols", rules: ["ternary: digits behind the last element"], steps: ["pair"]),
        .. Of("bitmap", "symbols", rules: ["bits: bytes after the last one"], steps: ["map"]),
        .. Of("scales", "quantization", rules: ["scales: a code beyond"], steps: ["base", "first of a row", "row before"]),
        .. Of("transposed", "load", rules: ["transposed: other extents", "transposed: of another kind"], steps: ["transposed"]),
        .. Of("ternary-base3", "symbols", rules: ["ternary: a byte above 242"], steps: ["power"]),
        .. Of("packed", "quantization", rules: ["packed: a symbol beyond"], steps: ["least"]),
    ];

    private static IEnumerable<PlantedBug> Of(string decoder, string target, string[] rules, string[] steps) =>
        [.. rules.Select(rule => new PlantedBug(decoder, target, Rule: rule)), .. steps.Select(step => new PlantedBug(decoder, target, Step: step))];

    /// <summary>Fuzzes with the mistake made.</summary>
    public static FuzzReport Seek(PlantedBug bug, IEnumerable<FuzzTarget> targets, FuzzOptions options)
    {
        using var planted = bug.Plant();
        return Fuzzer.Run(targets.Single(t => t.Name == bug.Target), options with { StopAtFind = true });
    }
}
