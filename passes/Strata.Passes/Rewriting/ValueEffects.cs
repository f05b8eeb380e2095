namespace Strata.Passes;

/// <summary>What a rewrite may change about the values that a network computes, beside nothing.</summary>
[Flags]
public enum ValueEffects
{
    /// <summary>No bit of any output changes.</summary>
    None = 0,
    /// <summary>Roundings fall otherwise: the last places of floats change. What is NaN or infinite stays so, overflow and underflow of intermediate results apart.</summary>
    Roundings = 1,
    /// <summary>NaN and infinity may spread otherwise than before; finite values do not.</summary>
    NonFinite = 2,
    /// <summary>Weights are rounded to fewer bits, as a user asked.</summary>
    Weights = 4,
}
