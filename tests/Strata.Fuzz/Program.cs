using System.Globalization;
using Strata.Fuzz;
using Strata.Tests.Oracles;

// dotnet run -c Release --project tests/Strata.Fuzz -- [--target NAME]... [--seed N] [--executions N] [--minutes M] [--corpus DIR] [--finds DIR] [--reproduce FILE]... [--planted DECODER|all]
var arguments = new Queue<string>(args);
var names = new List<string>();
var files = new List<string>();
var planted = new List<PlantedBug>();
var options = new FuzzOptions { Finds = "artifacts/fuzz", Report = Console.WriteLine };
string? corpus = null;
long? executions = null;
double? minutes = null;
while (arguments.TryDequeue(out string? argument))
{
    if (!arguments.TryDequeue(out string? value)) return Usage($"{argument} has no value");
    switch (argument)
    {
        case "--target": names.Add(value); break;
        case "--reproduce": files.Add(value); break;
        case "--corpus": corpus = value; break;
        case "--planted": planted.AddRange(PlantedBugs.All.Where(b => value == "all" || value == b.Decoder)); break;
        case "--finds": options = options with { Finds = value }; break;
        case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out int seed): options = options with { Seed = seed }; break;
        case "--executions" when long.TryParse(value, CultureInfo.InvariantCulture, out long number): executions = number; break;
        case "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out double number): minutes = number; break;
        default: return Usage($"{argument} {value}");
    }
}

var targets = Targets.All(RepositoryFiles.Tables);
if (names.Find(n => targets.All(t => t.Name != n)) is { } unknown) return Usage($"there is no target '{unknown}'");
var chosen = targets.Where(t => names.Count == 0 || names.Contains(t.Name)).ToList();
int finds = 0;
foreach (string file in files)
{
    foreach (var target in chosen)
    {
        string? find = Fuzzer.Reproduce(target, File.ReadAllBytes(file));
        Console.WriteLine($"{target.Name}: {file}: {find ?? "nothing is wrong"}");
        finds += find is null ? 0 : 1;
    }
}
if (files.Count > 0) return finds == 0 ? 0 : 1;
foreach (var bug in planted)
{
    var report = PlantedBugs.Seek(bug, targets, options with { Finds = null, Report = null, Executions = executions ?? PlantedBugs.MostExecutions });
    Console.WriteLine($"{bug}: {(report.Finds.Count > 0 ? report.Finds[0].Split('\n')[0] : "not found")}");
    finds += report.Finds.Count > 0 ? 0 : 1;
}
if (planted.Count > 0) return finds == 0 ? 0 : 1;
foreach (var target in chosen)
{
    // Without a bound, seconds.
    var report = Fuzzer.Run(target, options with
    {
        Corpus = corpus is null ? null : Path.Combine(corpus, target.Name),
        Executions = executions ?? (minutes is null ? Targets.ShortExecutions(target) : long.MaxValue),
        Time = minutes is { } m ? TimeSpan.FromMinutes(m) : TimeSpan.MaxValue,
    });
    Console.WriteLine(report);
    foreach (string find in report.Finds) Console.WriteLine(find);
    finds += report.Finds.Count;
}
return finds == 0 ? 0 : 1;

static int Usage(string problem)
{
    Console.Error.WriteLine($"{problem}\nusage: [--target container|symbols|quantization|load]... [--seed N] [--executions N] [--minutes M] [--corpus DIR] [--finds DIR] [--reproduce FILE]... [--planted DECODER|all]");
    return 2;
}
