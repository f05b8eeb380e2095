using Strata.Tensors;

namespace Strata.Passes;

/// <summary>In which codes a weight is stored.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Codes">The element type of the codes; of several widths that fit, the next that exists.</param>
/// <param name="Lowest">The lowest code of an integer format.</param>
/// <param name="Highest">The highest code of an integer format.</param>
/// <param name="HasZeroPoint">The codes stand for an interval that need not be symmetric around 0.</param>
/// <param name="IsScaled">Codes are multiplied by a scale; otherwise they are numbers of a narrower float type.</param>
public sealed record WeightFormat(string Name, ElementType Codes, int Lowest = 0, int Highest = 0, bool HasZeroPoint = false, bool IsScaled = true)
{
    /// <summary>All formats, widest first.</summary>
    public static IReadOnlyList<WeightFormat> All { get; } =
    [
        new("f16", ElementType.Float16, IsScaled: false),
        new("bf16", ElementType.BFloat16, IsScaled: false),
        new("f13", ElementType.Float13, IsScaled: false), // US20230205488A1
        new("f8", ElementType.Float8E4M3FN),
        Signed("int8", ElementType.Int8, 8),
        Signed("int6", ElementType.Int8, 6),
        Signed("int5", ElementType.Int8, 5),
        Signed("int4", ElementType.Int4, 4),
        Signed("int3", ElementType.Int4, 3),
        Signed("int2", ElementType.Int2, 2),
        new("ternary", ElementType.Int2, -1, 1),
        Unsigned("uint8", ElementType.UInt8, 8),
        Unsigned("uint6", ElementType.UInt8, 6),
        Unsigned("uint5", ElementType.UInt8, 5),
        Unsigned("uint4", ElementType.UInt4, 4),
        Unsigned("uint3", ElementType.UInt4, 3),
        Unsigned("uint2", ElementType.UInt2, 2),
    ];

    /// <summary>The codes are integers.</summary>
    public bool IsInteger => Codes.IsInteger();

    /// <summary>Distinct codes of an integer format.</summary>
    public int Levels => Highest - Lowest + 1;

    /// <summary>The format of a name, or null.</summary>
    public static WeightFormat? Find(string name) => All.FirstOrDefault(f => f.Name == name);

    private static WeightFormat Signed(string name, ElementType codes, int bits) => new(name, codes, -(1 << (bits - 1)), (1 << (bits - 1)) - 1);

    private static WeightFormat Unsigned(string name, ElementType codes, int bits) => new(name, codes, 0, (1 << bits) - 1, HasZeroPoint: true);
}
