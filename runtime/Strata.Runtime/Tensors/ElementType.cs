namespace Strata.Tensors;

/// <summary>
/// The type of one tensor element. Numbers are permanent: they stand in encoded networks.
/// 1–26 coincide with ONNX's <c>TensorProto.DataType</c>; Strata's own types start at 64.
/// </summary>
public enum ElementType : byte
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 1,
    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8 = 2,
    /// <summary>Signed 8-bit integer.</summary>
    Int8 = 3,
    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16 = 4,
    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 5,
    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 6,
    /// <summary>Signed 64-bit integer.</summary>
    Int64 = 7,
    /// <summary>UTF-8 string.</summary>
    String = 8,
    /// <summary>Boolean, one byte, 0 or 1.</summary>
    Bool = 9,
    /// <summary>IEEE 754 binary16.</summary>
    Float16 = 10,
    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 11,
    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32 = 12,
    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64 = 13,
    /// <summary>Two binary32 values: real, imaginary.</summary>
    Complex64 = 14,
    /// <summary>Two binary64 values: real, imaginary.</summary>
    Complex128 = 15,
    /// <summary>The upper half of binary32: 1-8-7.</summary>
    BFloat16 = 16,
    /// <summary>1-4-3, bias 7, finite: no infinity, one NaN per sign.</summary>
    Float8E4M3FN = 17,
    /// <summary>1-4-3, bias 8, finite, no negative zero: 0x80 is the only NaN.</summary>
    Float8E4M3FNUZ = 18,
    /// <summary>1-5-2, bias 15, with infinities, as IEEE 754 would have it.</summary>
    Float8E5M2 = 19,
    /// <summary>1-5-2, bias 16, finite, no negative zero: 0x80 is the only NaN.</summary>
    Float8E5M2FNUZ = 20,
    /// <summary>Unsigned 4-bit integer, two per byte, low nibble first.</summary>
    UInt4 = 21,
    /// <summary>Signed 4-bit integer, two per byte, low nibble first.</summary>
    Int4 = 22,
    /// <summary>1-2-1, finite, no NaN, two per byte.</summary>
    Float4E2M1 = 23,
    /// <summary>Eight exponent bits, no sign, no mantissa: powers of two; 0xFF is NaN.</summary>
    Float8E8M0 = 24,
    /// <summary>Unsigned 2-bit integer, four per byte, lowest bits first.</summary>
    UInt2 = 25,
    /// <summary>Signed 2-bit integer, four per byte, lowest bits first.</summary>
    Int2 = 26,
    /// <summary>13-bit float 1-5-7, bias 15 (US20230205488A1), packed, lowest bits first.</summary>
    Float13 = 64,
}

/// <summary>How an element type is interpreted by arithmetic.</summary>
public enum ElementKind : byte
{
    /// <summary>Floating point.</summary>
    Float,
    /// <summary>Two's-complement integer.</summary>
    Signed,
    /// <summary>Unsigned integer.</summary>
    Unsigned,
    /// <summary>Truth value.</summary>
    Bool,
    /// <summary>Complex number.</summary>
    Complex,
    /// <summary>Text.</summary>
    String,
}

/// <summary>Facts about element types: name in the text form, width, kind.</summary>
public static class ElementTypes
{
    private readonly record struct Row(ElementType Type, string Name, int Bits, ElementKind Kind);

    private static readonly Row[] Rows =
    [
        new(ElementType.Float32, "f32", 32, ElementKind.Float),
        new(ElementType.UInt8, "u8", 8, ElementKind.Unsigned),
        new(ElementType.Int8, "i8", 8, ElementKind.Signed),
        new(ElementType.UInt16, "u16", 16, ElementKind.Unsigned),
        new(ElementType.Int16, "i16", 16, ElementKind.Signed),
        new(ElementType.Int32, "i32", 32, ElementKind.Signed),
        new(ElementType.Int64, "i64", 64, ElementKind.Signed),
        new(ElementType.String, "str", 0, ElementKind.String),
        new(ElementType.Bool, "bool", 8, ElementKind.Bool),
        new(ElementType.Float16, "f16", 16, ElementKind.Float),
        new(ElementType.Float64, "f64", 64, ElementKind.Float),
        new(ElementType.UInt32, "u32", 32, ElementKind.Unsigned),
        new(ElementType.UInt64, "u64", 64, ElementKind.Unsigned),
        new(ElementType.Complex64, "c64", 64, ElementKind.Complex),
        new(ElementType.Complex128, "c128", 128, ElementKind.Complex),
        new(ElementType.BFloat16, "bf16", 16, ElementKind.Float),
        new(ElementType.Float8E4M3FN, "f8e4m3fn", 8, ElementKind.Float),
        new(ElementType.Float8E4M3FNUZ, "f8e4m3fnuz", 8, ElementKind.Float),
        new(ElementType.Float8E5M2, "f8e5m2", 8, ElementKind.Float),
        new(ElementType.Float8E5M2FNUZ, "f8e5m2fnuz", 8, ElementKind.Float),
        new(ElementType.UInt4, "u4", 4, ElementKind.Unsigned),
        new(ElementType.Int4, "i4", 4, ElementKind.Signed),
        new(ElementType.Float4E2M1, "f4e2m1", 4, ElementKind.Float),
        new(ElementType.Float8E8M0, "f8e8m0", 8, ElementKind.Float),
        new(ElementType.UInt2, "u2", 2, ElementKind.Unsigned),
        new(ElementType.Int2, "i2", 2, ElementKind.Signed),
        new(ElementType.Float13, "f13", 13, ElementKind.Float),
    ];

    private static readonly Row[] ByNumber = BuildByNumber();

    private static readonly Dictionary<string, ElementType> ByName = Rows.ToDictionary(r => r.Name, r => r.Type, StringComparer.Ordinal);

    /// <summary>All element types, in order of their number.</summary>
    public static IEnumerable<ElementType> All => Rows.Select(r => r.Type).Order();

    /// <summary>True when the number is a known element type.</summary>
    public static bool IsDefined(this ElementType type) => (int)type < ByNumber.Length && ByNumber[(int)type].Name is not null;

    /// <summary>The name in the text form, such as <c>f32</c>.</summary>
    public static string Name(this ElementType type) => Get(type).Name;

    /// <summary>Width of one element in bits; 0 for strings.</summary>
    public static int Bits(this ElementType type) => Get(type).Bits;

    /// <summary>How arithmetic interprets the element.</summary>
    public static ElementKind Kind(this ElementType type) => Get(type).Kind;

    /// <summary>True for every floating-point type, complex ones excluded.</summary>
    public static bool IsFloat(this ElementType type) => Kind(type) == ElementKind.Float;

    /// <summary>True for signed and unsigned integers of any width; false for bool.</summary>
    public static bool IsInteger(this ElementType type) => Kind(type) is ElementKind.Signed or ElementKind.Unsigned;

    /// <summary>True when elements do not fill whole bytes.</summary>
    public static bool IsPacked(this ElementType type) => Bits(type) % 8 != 0;

    /// <summary>Bytes that <paramref name="count"/> elements occupy, packed types rounded up to a whole byte.</summary>
    public static long ByteCount(this ElementType type, long count) => checked((count * Bits(type) + 7) / 8);

    /// <summary>Finds a type by its name in the text form.</summary>
    public static bool TryParse(string name, out ElementType type) => ByName.TryGetValue(name, out type);

    private static Row Get(ElementType type) => type.IsDefined()
        ? ByNumber[(int)type]
        : throw new InvalidNetworkException($"unknown element type number {(int)type}");

    private static Row[] BuildByNumber()
    {
        var table = new Row[Rows.Max(r => (int)r.Type) + 1];
        foreach (var row in Rows) table[(int)row.Type] = row;
        return table;
    }
}
