using System.Globalization;
using System.Text;
using Strata.Tensors;

namespace Strata.Compiler.Data;

/// <summary>
/// The header of a <c>.npy</c> file, formats 1.0 to 3.0: element type, byte order, order of axes, shape.
/// Source: NumPy, numpy.lib.format.
/// </summary>
internal sealed record NpyHeader(NpyType Type, bool FortranOrder, int[] Dims, int DataOffset)
{
    private const int Alignment = 64;
    private const int MaxHeaderBytes = 1 << 20;

    /// <summary>No header ends behind this.</summary>
    public const int MaxBytes = MaxHeaderBytes + 12;
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a header at the start of a file.</summary>
    /// <exception cref="StrataFormatException">The bytes are not a header that NumPy writes, or its type has no tensor form.</exception>
    public static NpyHeader Parse(ReadOnlySpan<byte> bytes, string name)
    {
        if (bytes.Length < 10 || !bytes.StartsWith(Magic)) throw new StrataFormatException($"{name}: not a .npy file: it does not start with \\x93NUMPY");
        int major = bytes[6], lengthBytes = major == 1 ? 2 : 4;
        if (major is < 1 or > 3) throw new StrataFormatException($"{name}: .npy format {major}.{bytes[7]} at byte 6; known are 1.0, 2.0 and 3.0");
        int start = 8 + lengthBytes;
        if (bytes.Length < start) throw new StrataFormatException($"{name}: ends within the .npy header");
        uint length = lengthBytes == 2
            ? System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..])
            : System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > MaxHeaderBytes || length > bytes.Length - start)
            throw new StrataFormatException($"{name}: the .npy header claims {length} bytes at byte 8; {bytes.Length - start} are left and {MaxHeaderBytes} are allowed");
        var text = bytes.Slice(start, (int)length);
        return new Parser(major == 3 ? Encoding.UTF8.GetString(text) : Encoding.Latin1.GetString(text), name).Header(start + (int)length);
    }

    /// <summary>The header in NumPy's own layout, padded so that the data are aligned.</summary>
    public byte[] ToBytes()
    {
        string shape = string.Join(", ", Dims.Select(d => d.ToString(CultureInfo.InvariantCulture))) + (Dims.Length == 1 ? "," : "");
        string text = $"{{'descr': '{Type.Descriptor}', 'fortran_order': {(FortranOrder ? "True" : "False")}, 'shape': ({shape}), }}";
        int unpadded = Magic.Length + 4 + text.Length + 1;
        text += new string(' ', (Alignment - unpadded % Alignment) % Alignment) + "\n";
        return [.. Magic, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. Encoding.Latin1.GetBytes(text)];
    }

    /// <summary>Reads the Python dictionary literal.</summary>
    private sealed class Parser(string text, string name)
    {
        private int at;

        public NpyHeader Header(int dataOffset)
        {
            string? descriptor = null;
            bool? fortran = null;
            int[]? dims = null;
            Expect('{');
            while (!TryTake('}'))
            {
                string key = Quoted();
                Expect(':');
                switch (key)
                {
                    case "descr": descriptor = Quoted(); break;
                    case "fortran_order": fortran = Flag(); break;
                    case "shape": dims = Tuple(); break;
                    default: throw Fail($"unknown key '{key}'; known are descr, fortran_order, shape");
                }
                if (!TryTake(','))
                {
                    Expect('}');
                    break;
                }
            }
            if (descriptor is null || fortran is null || dims is null) throw Fail("descr, fortran_order and shape are all needed");
            return new(NpyType.Parse(descriptor, name), fortran.Value, dims, dataOffset);
        }

        private string Quoted()
        {
            SkipSpace();
            if (at < text.Length && text[at] is '[' or '(') throw new StrataFormatException($"{name}: structured element types are not supported; save each field as an array of its own");
            if (at >= text.Length || text[at] is not ('\'' or '"')) throw Fail("a quoted string is expected");
            int end = text.IndexOf(text[at], at + 1);
            if (end < 0) throw Fail("a string does not end");
            string result = text[(at + 1)..end];
            at = end + 1;
            return result;
        }

        private bool Flag()
        {
            SkipSpace();
            foreach (bool value in (ReadOnlySpan<bool>)[true, false])
            {
                if (!text.AsSpan(at).StartsWith(value ? "True" : "False", StringComparison.Ordinal)) continue;
                at += value ? 4 : 5;
                return value;
            }
            throw Fail("True or False is expected");
        }

        private int[] Tuple()
        {
            var dims = new List<int>();
            Expect('(');
            while (!TryTake(')'))
            {
                SkipSpace();
                int start = at;
                while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
                if (!int.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int dim)) throw Fail($"a dimension from 0 to {int.MaxValue} is expected");
                TryTake('L'); // Python 2 wrote long integers so
                if (dims.Count == Limits.Rank) throw new ResourceLimitException($"{name}: more than {Limits.Rank} dimensions");
                dims.Add(dim);
                if (!TryTake(','))
                {
                    Expect(')');
                    break;
                }
            }
            return [.. dims];
        }

        private void SkipSpace()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        }

        private bool TryTake(char c)
        {
            SkipSpace();
            if (at >= text.Length || text[at] != c) return false;
            at++;
            return true;
        }

        private void Expect(char c)
        {
            if (!TryTake(c)) throw Fail($"'{c}' is expected");
        }

        private StrataFormatException Fail(string sentence) => new($"{name}: .npy header, character {at}: {sentence}");
    }
}
