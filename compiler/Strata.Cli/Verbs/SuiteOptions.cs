using System.CommandLine;
using Strata.Cli.Json;
using Strata.Cli.Models;
using Strata.Compiler.Fidelity;

namespace Strata.Cli.Verbs;

/// <summary>The part of <c>strata verify</c> that runs a suite of recorded cases.</summary>
internal sealed class SuiteOptions
{
    private static readonly (string Name, SuiteWay Way)[] WayNames = [.. Enum.GetValues<SuiteWay>().Select(w => (SuiteNames.Of(w), w))];

    private readonly Option<string[]> way;
    private readonly Option<string[]> filter = new("--filter") { Description = "Run only cases whose name contains one of these; repeatable.", HelpName = "TEXT", DefaultValueFactory = _ => [] };
    private readonly Option<double> relative = Allowance("--rtol", "Tolerance relative to each expected element, unless the case records one.", Tolerance.Onnx.Relative);
    private readonly Option<double> absolute = Allowance("--atol", "Tolerance added to it, unless the case records one.", Tolerance.Onnx.Absolute);
    private readonly Option<int?> threads = CommonOptions.Threads();

    public SuiteOptions()
    {
        Route = Choice("--route", "How to execute; repeatable with --suite, where the default is all. A single FILE runs by interpreter, its default, or by engine.", [.. SuiteRoute.All.Select(r => r.Name)]);
        way = Choice("--way", "Which operands are constants: as recorded, all but the first input, or all; repeatable. Default: all.", [.. WayNames.Select(w => w.Name)]);
    }

    /// <summary>Where the suite is; null when there is none to run.</summary>
    public Option<string?> Folder { get; } = new("--suite") { Description = "Run every model.onnx below DIR on its test_data_set_*.", HelpName = "DIR" };

    /// <summary>How to execute; of one file too.</summary>
    public Option<string[]> Route { get; }

    /// <summary>The options that mean something with <see cref="Folder"/> only.</summary>
    public IReadOnlyList<Option> OfSuite => [way, filter, relative, absolute, threads];

    public void AddTo(Command command)
    {
        command.Add(Folder);
        command.Add(Route);
        foreach (var option in OfSuite) command.Add(option);
    }

    public int Run(ParseResult parsed, string folder, string[] names, bool json, ProgressDisplay bar, Terminal terminal, CancellationToken cancel)
    {
        if (!Directory.Exists(folder)) throw new UsageException($"there is no folder '{folder}'");
        string[] filters = [.. names, .. parsed.GetValue(filter)!];
        var cases = SuiteCase.Find(folder).Where(c => filters.Length == 0 || filters.Any(f => c.Name.Contains(f, StringComparison.Ordinal))).ToArray();
        if (cases.Length == 0) throw new UsageException($"'{folder}' holds no model.onnx{(filters.Length == 0 ? "" : $" in a folder whose name contains {string.Join(" or ", filters)}")}");

        string[] routes = parsed.GetValue(Route)!, ways = parsed.GetValue(way)!;
        var runner = new SuiteRunner
        {
            Routes = [.. SuiteRoute.All.Where(r => routes.Length == 0 || routes.Contains(r.Name))],
            Ways = [.. WayNames.Where(w => ways.Length == 0 || ways.Contains(w.Name)).Select(w => w.Way)],
            Tolerance = new(parsed.GetValue(relative), parsed.GetValue(absolute)),
            Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount,
        };
        int done = 0, total = cases.Length * runner.Routes.Count * runner.Ways.Count;
        var results = runner.Run(cases, new Callback(_ => bar.Report("suite", (double)Interlocked.Increment(ref done) / total)), cancel);
        bar.Dispose();

        if (json) terminal.WriteJson(SuiteDocument.Of(folder, results), CliJson.Readable.SuiteDocument);
        else Print(results, terminal);
        return results.All(r => r.Outcome == SuiteOutcome.Passed) ? ExitCode.Ok : ExitCode.FidelityMissed;
    }

    private static void Print(IReadOnlyList<SuiteResult> results, Terminal terminal)
    {
        foreach (var result in results)
        {
            string line = $"{SuiteNames.Of(result.Outcome)} {result.Case} {SuiteNames.Of(result.Way)} {result.Route}";
            terminal.Out.WriteLine(result.Message is null ? line : $"{line}: {result.Message}");
        }
        var troubled = SuiteDocument.ByOperator(results).Where(p => p.Value.Passed < p.Value.All).ToArray();
        if (troubled.Length > 0)
        {
            terminal.Out.WriteLine();
            var table = new TextTable("operator", ">passed", ">failed", ">unsupported", ">errors");
            foreach (var (name, counts) in troubled) table.Add(name, $"{counts.Passed}", $"{counts.Failed}", $"{counts.Unsupported}", $"{counts.Errors}");
            terminal.WriteTable(table);
        }
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"{Sizes.Plural(results.Select(r => r.Case).Distinct().Count(), "case")}, {Sizes.Plural(results.Count, "run")}: {SuiteDocument.Counts.Of(results)}");
    }

    private static Option<double> Allowance(string name, string description, double standard) => new(name)
    {
        Description = description,
        HelpName = "X",
        DefaultValueFactory = _ => standard,
        CustomParser = result => CommonOptions.Number<double>(result, v => v >= 0, "a number from 0 on"),
    };

    private static Option<string[]> Choice(string name, string description, string[] allowed)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = string.Join('|', allowed), DefaultValueFactory = _ => [] };
        option.AcceptOnlyFromAmong(StringComparer.Ordinal, allowed);
        return option;
    }

    // Progress<T> would post to another thread and report out of order.
    private sealed class Callback(Action<SuiteResult> report) : IProgress<SuiteResult>
    {
        public void Report(SuiteResult value) => report(value);
    }
}
