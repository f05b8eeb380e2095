namespace Strata;

/// <summary>Base of every error that Strata raises for its input: a model, a bitstream, a tensor or an option.</summary>
public abstract class StrataException : Exception
{
    /// <summary>Creates the error with a message that says what, where, the value, what is allowed and what to do.</summary>
    protected StrataException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>A file or stream that is not what it claims to be: corrupt, truncated, or outside a format limit.</summary>
public sealed class StrataFormatException(string message, Exception? inner = null) : StrataException(message, inner);

/// <summary>A network that breaks a rule of the network model: wrong types, shapes, attributes or structure.</summary>
public sealed class InvalidNetworkException(string message, Exception? inner = null) : StrataException(message, inner);

/// <summary>Inputs of a run that do not fit the network: missing, of another type or shape, or contradicting each other.</summary>
public sealed class InvalidInputException(string message, Exception? inner = null) : StrataException(message, inner);

/// <summary>An option whose value does not fit the model or the machine.</summary>
public sealed class InvalidOptionException(string message, Exception? inner = null) : StrataException(message, inner);

/// <summary>A limit (memory, steps, rank, depth) that the caller set or the format fixes would be exceeded.</summary>
public sealed class ResourceLimitException(string message, Exception? inner = null) : StrataException(message, inner);

/// <summary>Operators or features that this build cannot handle; lists every occurrence, not only the first.</summary>
public sealed class UnsupportedOperatorException : StrataException
{
    /// <summary>Creates the error from all unsupported places found.</summary>
    public UnsupportedOperatorException(IReadOnlyList<string> occurrences)
        : base(occurrences.Count == 1
            ? occurrences[0]
            : $"{occurrences.Count} unsupported nodes:\n  " + string.Join("\n  ", occurrences)) => Occurrences = occurrences;

    /// <summary>Creates the error for one unsupported place.</summary>
    public UnsupportedOperatorException(string occurrence) : this([occurrence]) { }

    /// <summary>One sentence per unsupported node: node, operator, opset, value, what is allowed.</summary>
    public IReadOnlyList<string> Occurrences { get; }
}
