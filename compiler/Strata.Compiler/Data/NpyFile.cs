using System.Text;
using Strata.Operators.Reference;
using Strata.Tensors;

namespace Strata.Compiler.Data;

/// <summary>NumPy's <c>.npy</c> files: one tensor.</summary>
public static class NpyFile
{
    /// <summary>Reads a tensor. Fortran order and big-endian elements are converted; text becomes strings.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What the file is called in errors.</param>
    /// <exception cref="StrataFormatException">The bytes are not such a file.</exception>
    /// <exception cref="ResourceLimitException">The tensor exceeds a limit of the format.</exception>
    public static Tensor Read(ReadOnlySpan<byte> bytes, string name = "array")
    {
        var header = NpyHeader.Parse(bytes, name);
        int count;
        try
        {
            count = Tensor.CountOf(header.Dims);
        }
        catch (ResourceLimitException error)
        {
            throw new ResourceLimitException($"{name}: {error.Message}", error);
        }
        var data = bytes[header.DataOffset..];
        long needed = (long)count * header.Type.Size;
        if (needed != data.Length) throw new StrataFormatException($"{name}: {header.Type.Descriptor}[{string.Join(", ", header.Dims)}] needs {needed} bytes of data, the file has {data.Length} at byte {header.DataOffset}");
        if (header.Type.Size == 0 && count > Limits.HeaderBytes / IntPtr.Size) throw new ResourceLimitException($"{name}: {count} empty strings");

        // Fortran order is the reversed shape's C order.
        int[] stored = header.FortranOrder ? [.. header.Dims.Reverse()] : header.Dims;
        var tensor = header.Type.IsText ? Tensor.FromStrings(stored, ReadText(data, header.Type, count)) : ReadNumbers(data, header.Type, stored);
        return header.FortranOrder && header.Dims.Length > 1 ? ReverseAxes(tensor, header.Dims) : tensor;
    }

    /// <summary>True when NumPy has the element type.</summary>
    public static bool CanHold(ElementType type) => type == ElementType.String || NpyType.Of(type) is not null;

    /// <summary>Writes a tensor in C order, little-endian.</summary>
    /// <exception cref="UnsupportedOperatorException">NumPy has no such element type.</exception>
    public static void Write(Stream output, Tensor tensor)
    {
        if (tensor.ElementType == ElementType.String)
        {
            var texts = new int[tensor.Count][];
            int longest = 1;
            for (int i = 0; i < texts.Length; i++)
            {
                texts[i] = [.. tensor.Strings[i].EnumerateRunes().Select(r => r.Value)];
                longest = Math.Max(longest, texts[i].Length);
            }
            output.Write(new NpyHeader(new NpyType('U', 4 * longest, BigEndian: false), FortranOrder: false, [.. tensor.Dims], 0).ToBytes());
            var cell = new byte[4 * longest];
            foreach (int[] text in texts)
            {
                Array.Clear(cell);
                Buffer.BlockCopy(text, 0, cell, 0, 4 * text.Length);
                output.Write(cell);
            }
            return;
        }
        var type = NpyType.Of(tensor.ElementType) ?? throw new UnsupportedOperatorException($"NumPy has no element type for {tensor.ElementType.Name()}; write a .pb file instead");
        output.Write(new NpyHeader(type, FortranOrder: false, [.. tensor.Dims], 0).ToBytes());
        output.Write(tensor.Bytes.Span);
    }

    private static Tensor ReadNumbers(ReadOnlySpan<byte> data, NpyType type, int[] dims)
    {
        byte[] elements = data.ToArray();
        if (type.BigEndian)
        {
            for (int i = 0; i < elements.Length; i += type.UnitSize) elements.AsSpan(i, type.UnitSize).Reverse();
        }
        return Tensor.FromBytes(type.ElementType, dims, elements);
    }

    private static string[] ReadText(ReadOnlySpan<byte> data, NpyType type, int count)
    {
        var encoding = type.Kind == 'S' ? Encoding.UTF8 : new UTF32Encoding(type.BigEndian, byteOrderMark: false);
        var strings = new string[count];
        for (int i = 0; i < count; i++) strings[i] = encoding.GetString(data.Slice(i * type.Size, type.Size)).TrimEnd('\0');
        return strings;
    }

    private static Tensor ReverseAxes(Tensor stored, int[] dims)
    {
        var positions = new int[stored.Count];
        var strides = new int[dims.Length]; // of the stored tensor, by axis of the result
        for (int axis = 0, stride = 1; axis < dims.Length; stride *= dims[axis++]) strides[axis] = stride;
        for (int i = 0; i < positions.Length; i++)
        {
            int rest = i, position = 0;
            for (int axis = dims.Length - 1; axis >= 0; axis--)
            {
                position += rest % dims[axis] * strides[axis];
                rest /= dims[axis];
            }
            positions[i] = position;
        }
        return Slabs.Gather(stored, dims, positions);
    }
}
