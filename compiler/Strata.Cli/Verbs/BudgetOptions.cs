using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Strata.Cli.Models;
using Strata.Compiler.Planning;

namespace Strata.Cli.Verbs;

/// <summary>The options of <c>compile</c> that bound what the file may cost.</summary>
internal sealed class BudgetOptions
{
    private readonly Option<long?> maxSize = new("--max-size")
    {
        Description = "Most bytes of the file, as 45000, 45kB or 2MB: each weight gets the width that hurts the outputs least within it. Exits with 6 when no plan fits.",
        HelpName = "SIZE",
        CustomParser = result =>
        {
            if (Sizes.TryParse(result.Tokens[0].Value, out long bytes) && bytes > 0) return bytes;
            result.AddError($"--max-size '{result.Tokens[0].Value}': give a size, such as 45000, 45kB or 2MB.");
            return null;
        },
    };

    private readonly Option<double?> maxError = new("--max-error")
    {
        Description = "The largest error of every output over its largest magnitude, as 0.01 or 1%: the smallest file within it. It is kept in the file, and verify applies it.",
        HelpName = "SHARE",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            bool isPercent = text.EndsWith('%');
            if (double.TryParse(isPercent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number > 0 && double.IsFinite(number)) return isPercent ? number / 100 : number;
            result.AddError($"--max-error '{text}': give a share above 0, such as 0.01 or 1%.");
            return null;
        },
    };

    private readonly Option<double?> targetBits = new("--target-bpw")
    {
        Description = "Most bits per weight, scales included, over all weights of the model: each gets the width that hurts least within it.",
        HelpName = "BITS",
        CustomParser = result => CommonOptions.Number<double>(result, v => v > 0 && double.IsFinite(v), "a number of bits above 0"),
    };

    /// <summary>The options.</summary>
    public ImmutableArray<Option> All => [maxSize, maxError, targetBits];

    /// <summary>What the command line bounds, or null.</summary>
    public WeightBudget? Read(ParseResult parsed) =>
        new WeightBudget(parsed.GetValue(maxSize), parsed.GetValue(targetBits), parsed.GetValue(maxError)) is var budget && budget == new WeightBudget() ? null
        : budget is { MaxBytes: not null, MaxBitsPerWeight: not null } ? throw new UsageException("--max-size and --target-bpw bound the same; give one") : budget;
}
