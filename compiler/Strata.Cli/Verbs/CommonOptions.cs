using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Strata.Cli.Models;
using Strata.Compiler.Fidelity;

namespace Strata.Cli.Verbs;

/// <summary>Options that several verbs share, so that they read and mean the same everywhere.</summary>
internal static class CommonOptions
{
    /// <summary>A file to read.</summary>
    public static Argument<string> File(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result => RefuseOptions(result));
        return argument;
    }

    /// <summary>An unknown option would otherwise be taken for a file.</summary>
    public static void RefuseOptions(ArgumentResult result)
    {
        foreach (var token in result.Tokens.Where(t => t.Value.Length > 1 && t.Value[0] == '-'))
            result.AddError($"'{token.Value}' is not an option here; for a file of that name write ./{token.Value}.");
    }

    public static Option<bool> Json(string schema) => new("--json") { Description = $"Print one JSON object ({schema}) instead of text." };

    public static Option<string> Progress()
    {
        var option = new Option<string>("--progress")
        {
            Description = "Progress on standard error: a bar or plain lines (auto), one JSON object per line (json), or none.",
            HelpName = "auto|json|none",
            DefaultValueFactory = _ => "auto",
        };
        option.AcceptOnlyFromAmong(StringComparer.Ordinal, "auto", "json", "none");
        return option;
    }

    /// <summary>By what a network is run; <paramref name="description"/> says which network.</summary>
    public static Option<string> Route(string description)
    {
        var option = new Option<string>("--route") { Description = description, HelpName = string.Join('|', RouteNames), DefaultValueFactory = _ => RouteNames[0] };
        option.AcceptOnlyFromAmong(StringComparer.Ordinal, RouteNames);
        return option;
    }

    /// <summary>The routes of single networks, by their number.</summary>
    public static string[] RouteNames { get; } = [.. Enum.GetNames<ExecutionRoute>().Select(n => n.ToLowerInvariant())];

    /// <summary>The route of a name.</summary>
    public static ExecutionRoute RouteOf(string? name) => (ExecutionRoute)Math.Max(0, Array.IndexOf(RouteNames, name));

    /// <summary>How a route reads in a sentence.</summary>
    public static string Phrase(ExecutionRoute route) => route == ExecutionRoute.Engine ? "by the engine" : "by reference evaluations";

    public static ProgressStyle StyleOf(string? name) => name switch { "json" => ProgressStyle.Json, "none" => ProgressStyle.None, _ => ProgressStyle.Auto };

    public static Option<ulong> Seed() => new("--seed")
    {
        Description = "Seed of random inputs.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
        CustomParser = result => Number<ulong>(result, v => true, $"a whole number from 0 to {ulong.MaxValue}"),
    };

    public static Option<string[]> Inputs() => new("--input", "-i")
    {
        Description = "An input from an .npy or .pb file (- is .npy on standard input), or all from an .npz; repeatable. NAME may be left out where there is only one.",
        HelpName = "NAME=FILE",
        DefaultValueFactory = _ => [],
    };

    public static Option<int?> Threads() => new("--threads")
    {
        Description = "Most threads to use; by default every processor the process may use.",
        HelpName = "N",
        CustomParser = result => Number<int>(result, v => v >= 1, "a whole number from 1 on"),
    };

    public static Option<long?> MaxMemory() => new("--max-memory")
    {
        Description = "Most bytes that the values of a run may occupy at a time. [default: 4 GiB, or what the machine has]",
        HelpName = "SIZE",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Sizes.TryParse(text, out long bytes)) return bytes;
            result.AddError($"--max-memory '{text}': give a size, such as 512MB or 2GB.");
            return null;
        },
    };

    /// <summary>Reads the number of an option; <paramref name="allowed"/> says which numbers <paramref name="isAllowed"/> takes.</summary>
    public static T Number<T>(ArgumentResult result, Func<T, bool> isAllowed, string allowed) where T : struct, ISpanParsable<T>
    {
        string text = result.Tokens[0].Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var value) && isAllowed(value)) return value;
        result.AddError($"{((OptionResult)result.Parent!).Option.Name} '{text}': give {allowed}.");
        return default;
    }

    public static Option<ImmutableDictionary<string, long>?> Dims() => new("--dim")
    {
        Description = "Fix a symbolic dimension; repeatable.",
        HelpName = "NAME=N",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = ParseDims,
    };

    public static ImmutableDictionary<string, long> DimsOf(ImmutableDictionary<string, long>? given) => given ?? ImmutableDictionary<string, long>.Empty;

    private static ImmutableDictionary<string, long> ParseDims(ArgumentResult result)
    {
        var dims = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var token in result.Tokens)
        {
            int equals = token.Value.LastIndexOf('=');
            if (equals <= 0 || !long.TryParse(token.Value.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long value) || value > int.MaxValue)
            {
                result.AddError($"--dim '{token.Value}': write NAME=N with N a whole number up to {int.MaxValue}, as in --dim batch=1.");
                continue;
            }
            string name = token.Value[..equals];
            if (dims.TryGetValue(name, out long known) && known != value) result.AddError($"--dim {name} is given as {known} and as {value}.");
            dims[name] = value;
        }
        return dims.ToImmutable();
    }
}
