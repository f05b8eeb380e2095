using System.Globalization;
using Strata.Tensors;

namespace Strata.Compiler.Data;

/// <summary>A NumPy element type: kind, bytes per element, byte order. Text (<c>U</c>, <c>S</c>) has a fixed length per array.</summary>
internal readonly record struct NpyType(char Kind, int Size, bool BigEndian)
{
    private static readonly (ElementType Type, char Kind, int Size)[] Rows =
    [
        (ElementType.Float16, 'f', 2), (ElementType.Float32, 'f', 4), (ElementType.Float64, 'f', 8),
        (ElementType.Int8, 'i', 1), (ElementType.Int16, 'i', 2), (ElementType.Int32, 'i', 4), (ElementType.Int64, 'i', 8),
        (ElementType.UInt8, 'u', 1), (ElementType.UInt16, 'u', 2), (ElementType.UInt32, 'u', 4), (ElementType.UInt64, 'u', 8),
        (ElementType.Bool, 'b', 1), (ElementType.Complex64, 'c', 8), (ElementType.Complex128, 'c', 16),
    ];

    /// <summary>True for fixed-length text: <c>U</c> is UTF-32, <c>S</c> is bytes.</summary>
    public bool IsText => Kind is 'U' or 'S';

    /// <summary>Bytes of one swappable unit: complex numbers are pairs, text is code points.</summary>
    public int UnitSize => Kind switch { 'c' => Size / 2, 'U' => 4, 'S' => 1, _ => Size };

    /// <summary>The tensor's element type.</summary>
    public ElementType ElementType
    {
        get
        {
            var (kind, size) = (Kind, Size);
            return IsText ? ElementType.String : Rows.First(r => r.Kind == kind && r.Size == size).Type;
        }
    }

    /// <summary>As NumPy writes it: <c>&lt;f4</c>, <c>|u1</c>, <c>&lt;U12</c>.</summary>
    public string Descriptor => string.Create(CultureInfo.InvariantCulture, $"{(UnitSize == 1 ? '|' : BigEndian ? '>' : '<')}{Kind}{(Kind == 'U' ? Size / 4 : Size)}");

    /// <summary>The NumPy type of numbers, or null where NumPy has none (bfloat16, 8-bit floats, 4-bit integers).</summary>
    public static NpyType? Of(ElementType type)
    {
        foreach (var row in Rows)
        {
            if (row.Type == type) return new(row.Kind, row.Size, BigEndian: false);
        }
        return null;
    }

    /// <summary>Reads a descriptor.</summary>
    /// <exception cref="StrataFormatException">No tensor has this type.</exception>
    public static NpyType Parse(string descriptor, string name)
    {
        var body = descriptor.AsSpan();
        bool ordered = body.Length > 0 && body[0] is '<' or '>' or '|' or '=';
        bool big = ordered && body[0] == '>';
        if (ordered) body = body[1..];
        if (body.Length >= 2 && int.TryParse(body[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int size))
        {
            char kind = body[0];
            if (kind == 'S') return new(kind, size, big);
            if (kind == 'U' && size <= int.MaxValue / 4) return new(kind, 4 * size, big);
            foreach (var row in Rows)
            {
                if (row.Kind == kind && row.Size == size) return new(kind, size, big);
            }
        }
        throw new StrataFormatException($"{name}: element type '{descriptor}' is not supported; use bool, (u)int8 to (u)int64, float16 to float64, complex64/128, or text (U, S); for other types save a TensorProto as .pb");
    }
}
