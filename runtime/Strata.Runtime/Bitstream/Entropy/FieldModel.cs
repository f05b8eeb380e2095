namespace Strata.Bitstream.Entropy;

/// <summary>Codes one binary decision.</summary>
internal interface IDecisionCoder
{
    /// <summary>The decision: a decoder finds it, an encoder notes the one it is given.</summary>
    /// <param name="one">The probability of 1 in 2¹²ths, in [1, 4095].</param>
    /// <param name="bit">The decision, for encoders.</param>
    int Code(int one, int bit);
}

/// <summary>
/// Predicts the bytes of header fields from what stood before (docs/bitstream.md, "Coded headers"). Integer arithmetic only;
/// reader and writer run the same model.
/// </summary>
internal abstract class FieldModel
{
    /// <summary>The model of a minor version of the format, for so many bytes.</summary>
    public static FieldModel Create(int minorVersion, int length) => minorVersion < Prologue.Candidates ? new BitwiseFieldModel(length) : new CandidateFieldModel(length);

    /// <summary>A field begins.</summary>
    public abstract void Begin(string name, bool isText);

    /// <summary>Codes the next bytes of the field: a decoder fills them.</summary>
    public abstract void Code<TCoder>(ref TCoder coder, Span<byte> bytes) where TCoder : struct, IDecisionCoder;
}
