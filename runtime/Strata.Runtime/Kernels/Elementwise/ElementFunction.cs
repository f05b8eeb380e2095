namespace Strata.Kernels.Elementwise;

/// <summary>What is computed for each element from one to three operands.</summary>
internal abstract unsafe class ElementFunction
{
    /// <summary>The bounds, when the function is <c>min(max(x, Least), Most)</c> on f32 with NaN and the sign of zero kept.</summary>
    public virtual (float Least, float Most)? Clamp => null;

    /// <summary>Expected nanoseconds per element.</summary>
    public virtual double Cost => 0.3;

    /// <summary>
    /// Computes a run of results. Operand i moves on by an element per result when bit i of <paramref name="moving"/> is set,
    /// else its one element serves all; unused operands are null. Results may take the place of an operand that moves.
    /// </summary>
    public abstract void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count);
}
