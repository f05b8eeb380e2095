using Strata.Bitstream;
using Strata.Fuzz;
using Strata.Tests.Oracles;

var tables = new PlainTables(File.ReadAllText("docs/operator-numbers.md"));
foreach (string path in args)
{
    byte[] bytes = File.ReadAllBytes(path);
    string? result;
    var watch = System.Diagnostics.Stopwatch.StartNew();
    try
    {
        var plain = new PlainDecoder(tables).Decode(bytes);
        long t = watch.ElapsedMilliseconds;
        using var file = EncodedNetwork.Open(path);
        result = PlainComparison.FirstDifference(plain, file.Network);
        Console.WriteLine($"{path}: {result ?? "same"} {t} ms");
    }
    catch (PlainFormatException e) { Console.WriteLine($"{path}: {e.Message} {e.StackTrace}"); }
}
return 0;
