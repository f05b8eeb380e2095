using System.CommandLine;

namespace Strata.Cli.Verbs;

/// <summary>A verb of the command line: its arguments, its examples, and what it does.</summary>
internal abstract class Verb : Command
{
    protected Verb(Terminal terminal, string name, string description, params string[] examples) : base(name, description)
    {
        (Terminal, Examples) = (terminal, examples);
        SetAction((parsed, cancel) => Task.FromResult(Run(parsed, cancel)));
    }

    /// <summary>Command lines that the help shows.</summary>
    public IReadOnlyList<string> Examples { get; }

    protected Terminal Terminal { get; }

    /// <summary>Carries the verb out and returns the exit code.</summary>
    protected abstract int Run(ParseResult parsed, CancellationToken cancel);
}
