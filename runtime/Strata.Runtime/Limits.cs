namespace Strata;

/// <summary>Bounds enforced before anything is allocated; a model is untrusted data.</summary>
public static class Limits
{
    /// <summary>Largest tensor rank.</summary>
    public const int Rank = 8;

    /// <summary>Deepest nesting of networks (If/Loop/Scan bodies) and of types.</summary>
    public const int NestingDepth = 64;

    /// <summary>Most values (inputs, constants, layer outputs) of a network, nested ones included.</summary>
    public const int Values = 1 << 20;

    /// <summary>Longest name, in UTF-8 bytes.</summary>
    public const int NameBytes = 4096;

    /// <summary>Longest formula of a dimension, in characters.</summary>
    public const int DimLength = 1 << 10;

    /// <summary>Most that the dimensions of an encoded network may weigh, whatever the length of its headers (docs/bitstream.md, "Dimensions").</summary>
    public const long FormulaWeight = 1 << 26;

    /// <summary>Largest header of an encoded network, in bytes.</summary>
    public const int HeaderBytes = 64 << 20;

    /// <summary>Most bytes that one tensor may occupy: the longest array.</summary>
    public const long TensorBytes = 0x7FFFFFC7;

    /// <summary>Integer tensors up to this many elements take part in symbolic shape computation and print inline.</summary>
    public const int InlineElements = 64;

    /// <summary>Default bound on the memory that decoding may allocate: 4 GiB, or what the machine has if that is less.</summary>
    public static long DefaultMaxMemory => Math.Min(4L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
