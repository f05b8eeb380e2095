using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Strata.Cli.Verbs;

namespace Strata.Cli;

/// <summary>The <c>strata</c> command: its verbs, and what every error means for the caller.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line and returns its exit code.</summary>
    public static int Run(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancel = default)
    {
        try
        {
            var parsed = Root(terminal).Parse(args);
            var configuration = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            if (parsed.Action is not ParseErrorAction errors) return parsed.InvokeAsync(configuration, cancel).GetAwaiter().GetResult();
            errors.ShowHelp = false;
            configuration.Output = terminal.Error; // suggestions are diagnostics
            parsed.Invoke(configuration);
            string verb = parsed.CommandResult.Command is Verb named ? $"{named.Name} " : "";
            terminal.Error.WriteLine($"Try 'strata {verb}--help'.");
            return ExitCode.Usage;
        }
        catch (Exception error)
        {
            return Explain(error, terminal);
        }
    }

    private static Command Root(Terminal terminal)
    {
        // A RootCommand would take the process's name, which is another one under a test or 'dotnet'.
        var root = new Command("strata", "Compiles ONNX models into small, checked, encoded networks, and runs them.")
        {
            new CompileVerb(terminal),
            new InspectVerb(terminal),
            new DecodeVerb(terminal),
            new RunVerb(terminal),
            new VerifyVerb(terminal),
            new SensitivityVerb(terminal),
            new CheckVerb(terminal),
            new DiffVerb(terminal),
            new BenchVerb(terminal),
            new ExplainVerb(terminal),
            new PassesVerb(terminal),
        };
        root.Add(new HelpOption { Action = new HelpWithExamples(new HelpAction { MaxWidth = terminal.Width }) });
        root.Add(new VersionOption());
        return root;
    }

    private static int Explain(Exception error, Terminal terminal)
    {
        if (error is OperationCanceledException)
        {
            terminal.Error.WriteLine("strata: cancelled");
            return ExitCode.Cancelled;
        }
        int code = ExitCode.Of(error);
        if (code != ExitCode.Unexpected || error is IOException)
        {
            terminal.Error.WriteLine($"strata: error: {(error is OutOfMemoryException ? "there is not enough memory; choose smaller dimensions with --dim, or a machine with more" : error.Message)}");
            return code;
        }
        terminal.Error.WriteLine($"strata: unexpected error: {error.GetType().Name}: {error.Message}");
        if (Environment.GetEnvironmentVariable("STRATA_DEBUG") == "1") terminal.Error.WriteLine(error);
        else terminal.Error.WriteLine("This is a defect of Strata. Please report it with the output of the same command under STRATA_DEBUG=1.");
        return code;
    }

    /// <summary>The standard help, then the verb's examples.</summary>
    private sealed class HelpWithExamples(HelpAction standard) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parsed)
        {
            int code = standard.Invoke(parsed);
            if (parsed.CommandResult.Command is not Verb { Examples.Count: > 0 } verb) return code;
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in verb.Examples) output.WriteLine($"  {example}");
            output.WriteLine();
            return code;
        }
    }
}
