using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Strata.Cli.Models;
using Strata.Compiler;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Planning;
using Strata.Passes;

namespace Strata.Cli.Verbs;

/// <summary>The options of <c>compile</c> about quantised weights.</summary>
internal sealed class WeightOptions
{
    private readonly Option<WeightFormat?> weights = new("--weights")
    {
        Description = $"Store weights in fewer bits: {string.Join(", ", WeightFormat.All.Select(f => f.Name))}. Codes of int… lie symmetric around 0, those of uint… span any interval. Default: every bit is kept.",
        HelpName = "FORMAT",
        CustomParser = result => Parse(result, WeightFormat.Find(result.Tokens[0].Value), $"give one of {string.Join(", ", WeightFormat.All.Select(f => f.Name))}"),
    };

    private readonly Option<WeightGroups?> group = new("--group")
    {
        Description = "Which weights share a scale: so many along the reduction axis (16 to 256 are usual), an output channel, or the whole tensor. Default: 32 for codes of up to 4 bits, channel for others.",
        HelpName = "N|channel|tensor",
        CustomParser = result =>
        {
            if (WeightGroups.Parse(result.Tokens[0].Value) is { } groups) return groups;
            result.AddError($"--group '{result.Tokens[0].Value}': give a number from 2 on, channel, or tensor.");
            return null;
        },
    };

    private readonly Option<string> scales = new("--scales")
    {
        Description = "How scales are chosen: by the least squared error of the weights (mse), or so that none is clipped (absmax).",
        HelpName = "mse|absmax",
        DefaultValueFactory = _ => "mse",
    };

    private readonly Option<string?> plan = new("--plan")
    {
        Description = "A plan (strata.plan/1) that says for each weight how it is stored, as --write-plan writes it; weights without a row take --weights or, without it, keep every bit.",
        HelpName = "PLAN.json",
    };

    private readonly Option<string?> writePlan = new("--write-plan") { Description = "Write the plan that was carried out, for editing; - is standard output.", HelpName = "PLAN.json" };
    private readonly BudgetOptions budgets = new();
    private readonly DataOptions data = new("Recorded inputs that weights are rounded for, every second one kept to measure with", "generated");
    private readonly Option<bool> noCalibration = new("--no-calibration") { Description = "Round each weight for itself, without running the model." };
    private readonly Option<string[]> keep = new("--keep") { Description = "A weight, or a layer, that keeps every bit; repeatable.", HelpName = "NAME", DefaultValueFactory = _ => [] };
    private readonly Option<double?> minSnr = Floor("--min-snr", "Least signal-to-noise ratio of every output in dB; below it the exit code is 5.", "DB", v => double.IsFinite(v), "a number of dB");
    private readonly Option<double?> minAgreement = Floor("--min-agreement", "Least share of rows of every output whose largest element stays the same, as 0.99 or 99%; below it the exit code is 5.", "SHARE", v => v is >= 0 and <= 1, "a share from 0 to 1, or from 0% to 100%");

    public void AddTo(Command command)
    {
        scales.AcceptOnlyFromAmong(StringComparer.Ordinal, "mse", "absmax");
        foreach (var option in All.Except(data.All)) command.Add(option);
        data.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(weights) is not { Implicit: false } format)
            {
                if (new Option[] { group, scales }.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } scheme) result.AddError($"{scheme.Name} goes with --weights only.");
                else if (result.GetResult(plan) is null && budgets.All.All(o => result.GetResult(o) is null) && All.Skip(1).FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } given)
                    result.AddError($"{given.Name} goes with --weights, --plan or a budget (--max-size, --max-error, --target-bpw) only.");
            }
            else if (budgets.All.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } budget)
                result.AddError($"{budget.Name} chooses the format of each weight; leave out --weights (--plan fixes that of some).");
            else if (WeightFormat.Find(format.Tokens[0].Value) is { IsScaled: false } unscaled && (result.GetResult(group) is { Implicit: false } || result.GetResult(scales) is { Implicit: false }))
                result.AddError($"{unscaled.Name} has no scales; leave out --group and --scales.");
        });
    }

    /// <summary>The options with what the command line says about weights.</summary>
    public CompileOptions Apply(ParseResult parsed, CompileOptions options)
    {
        var format = parsed.GetValue(weights);
        ImmutableArray<WeightPlanRow>? rows = parsed.GetValue(plan) is { } path ? ReadPlan(path) : null;
        var budget = budgets.Read(parsed);
        return format is null && rows is null && budget is null ? options : options with
        {
            Weights = format is null ? null : new(format, parsed.GetValue(group) ?? WeightScheme.DefaultGroups(format), parsed.GetValue(scales) == "absmax" ? ScaleSearch.AbsMax : ScaleSearch.SquaredError),
            Plan = rows,
            Budget = budget,
            Data = parsed.GetValue(data.Path),
            Images = data.ImagesOf(parsed),
            Calibrate = !parsed.GetValue(noCalibration),
            KeptWeights = [.. parsed.GetValue(keep)!],
            Floor = new(budget?.MaxError, parsed.GetValue(minSnr), parsed.GetValue(minAgreement)),
        };
    }

    /// <summary>Where the plan that was carried out is to be written; null for nowhere.</summary>
    public string? PlanTarget(ParseResult parsed) => parsed.GetValue(writePlan);

    private static ImmutableArray<WeightPlanRow> ReadPlan(string path)
    {
        InputFile.RequireExists(path);
        return PlanFile.Read(File.ReadAllBytes(path), Path.GetFileName(path)).Rows;
    }

    private ImmutableArray<Option> All => [weights, group, scales, plan, writePlan, .. budgets.All, keep, .. data.All, noCalibration, minSnr, minAgreement];

    private static WeightFormat? Parse(System.CommandLine.Parsing.ArgumentResult result, WeightFormat? format, string allowed)
    {
        if (format is null) result.AddError($"--weights '{result.Tokens[0].Value}': {allowed}.");
        return format;
    }

    private static Option<double?> Floor(string name, string description, string help, Func<double, bool> isAllowed, string allowed) => new(name)
    {
        Description = description,
        HelpName = help,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            bool isPercent = text.EndsWith('%');
            if (double.TryParse(isPercent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && isAllowed(isPercent ? number / 100 : number)) return isPercent ? number / 100 : number;
            result.AddError($"{name} '{text}': give {allowed}.");
            return null;
        },
    };
}
