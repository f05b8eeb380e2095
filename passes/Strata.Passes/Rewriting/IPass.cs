using Strata.Networks;

namespace Strata.Passes;

/// <summary>
/// A step of the pipeline: a network in, one that computes the same out. Deterministic; keeps inputs and outputs, their
/// names and their order. A pass that finds nothing to do returns the network it was given.
/// </summary>
public interface IPass
{
    /// <summary>The name in reports and on the command line: lower case with hyphens.</summary>
    string Name { get; }

    /// <summary>One sentence on what the pass does.</summary>
    string Summary { get; }

    /// <summary>What the pass may change about values.</summary>
    ValueEffects Effects => ValueEffects.None;

    /// <summary>The options and their values, for people; the pass itself holds them as typed properties.</summary>
    IReadOnlyList<PassOption> Options { get; }

    /// <summary>Runs the pass.</summary>
    Network Run(Network network, PassContext context);
}

/// <summary>An option of a pass as listings show it.</summary>
/// <param name="Name">The name: lower case with hyphens.</param>
/// <param name="Value">The value in force.</param>
/// <param name="Description">What it does, and in which unit.</param>
public sealed record PassOption(string Name, object Value, string Description);
