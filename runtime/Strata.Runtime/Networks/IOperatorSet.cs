using System.Diagnostics.CodeAnalysis;

namespace Strata.Networks;

/// <summary>
/// The operators that a network may hold, as printer, parser and bitstream see them: names and permanent numbers to
/// prototypes, which carry the attribute defaults.
/// </summary>
public interface IOperatorSet
{
    /// <summary>The name in the text form.</summary>
    /// <exception cref="UnsupportedOperatorException">The operator is not in this set.</exception>
    string NameOf(Operator op);

    /// <summary>The permanent number.</summary>
    /// <exception cref="UnsupportedOperatorException">The operator is not in this set.</exception>
    int NumberOf(Operator op);

    /// <summary>Finds a prototype by its name in the text form.</summary>
    bool TryPrototype(string name, [NotNullWhen(true)] out Operator? prototype);

    /// <summary>Finds a prototype by its permanent number.</summary>
    bool TryPrototype(int number, [NotNullWhen(true)] out Operator? prototype);

    /// <summary>The format version that introduced the operator of a number that is in this set.</summary>
    int SinceOf(int number);
}
