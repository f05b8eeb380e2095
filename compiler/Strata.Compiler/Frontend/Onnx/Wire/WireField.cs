namespace Strata.Compiler.Frontend.Onnx.Wire;

/// <summary>How a field is delimited: the low three bits of its tag. Groups (3 and 4) are obsolete, but may stand in a file.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    LengthDelimited = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}

/// <summary>A field of a serialised message, by byte positions: its tag at <see cref="Start"/>, its content up to <see cref="End"/>.</summary>
internal readonly record struct WireField(int Number, WireType Type, long Start, long Content, long End)
{
    /// <summary>Bytes of the content.</summary>
    public long Length => End - Content;

    /// <summary>True for what holds bytes, a text, a message, or packed numbers.</summary>
    public bool IsDelimited => Type == WireType.LengthDelimited;
}
