using Strata.Bitstream.Codecs.Classes;
using Strata.Bitstream.Codecs.Floats;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream.Codecs;

/// <summary>A way to turn the elements of a tensor into bytes and back, exactly.</summary>
internal abstract class TensorCodec
{
    // By permanent number.
    private static readonly (int Number, TensorCodec Codec)[] s_table =
    [
        (0, new RawCodec()), (1, new TextCodec()), (2, new PlaneCodec()), (3, new FloatCodec()), (4, new ClassCodec()), (5, new TernaryFlagCodec()), (6, new BitmapCodec()), (7, new ScaleCodec()), (8, new TransposedCodec()), (9, new TernaryBaseCodec()), (10, new PackedCodec()),
    ];

    /// <summary>The permanent number.</summary>
    public int Number => s_table.First(row => row.Codec == this).Number;

    /// <summary>The name that <c>inspect</c> shows.</summary>
    public abstract string Name { get; }

    /// <summary>True when payloads start at multiples of 64 bytes, so that they can be used in place.</summary>
    public virtual bool IsAligned => false;

    /// <summary>The payload of a tensor; empty where the codec is for others.</summary>
    public abstract ReadOnlyMemory<byte> Encode(Tensor tensor);

    /// <summary>The payload of a constant in blocks that are valid during the call; all at once unless elements can be encoded as they are read.</summary>
    public virtual void Encode(Constant constant, Action<ReadOnlyMemory<byte>> write) => write(Encode(constant.Materialize()));

    /// <summary>Checks before anything is read that a payload of this length can hold the tensor.</summary>
    /// <exception cref="StrataFormatException">It cannot.</exception>
    public abstract void CheckLength(ElementType type, int count, long length);

    /// <summary>The tensor of a payload, which the callee may keep.</summary>
    /// <exception cref="StrataFormatException">The payload is malformed.</exception>
    public abstract Tensor Decode(Memory<byte> payload, ElementType type, ReadOnlySpan<int> dims);

    /// <summary>The codec that stores elements of a type as they are.</summary>
    public static TensorCodec For(ElementType type) => Get(type == ElementType.String ? 1 : 0);

    /// <summary>The codec that shortens elements by their planes of bytes.</summary>
    public static TensorCodec Planes => Get(2);

    /// <summary>The codec of matrices that are another constant's transpose.</summary>
    public static TensorCodec Transposed => Get(8);

    /// <summary>The codec of scales.</summary>
    public static TensorCodec Scales => Get(7);

    /// <summary>
    /// The codecs besides <see cref="For"/> that may shorten a tensor of so many elements that is encoded in memory, planes last.
    /// Those of tensors of some kind give no payload for others.
    /// </summary>
    public static IEnumerable<TensorCodec> Shortening(ElementType type, int count)
    {
        if (!Symbols.Suits(type) && count > FloatCodec.MostElements) yield break;
        if (Symbols.Suits(type)) yield return Get(4);
        if (Trits.Suits(type)) yield return Get(5);
        if (Trits.Suits(type)) yield return Get(9);
        if (Symbols.Suits(type)) yield return Get(10);
        if (FloatCodec.Suits(type)) yield return Get(3);
        if (ScaleCodec.Suits(type)) yield return Scales;
        if (BitmapCodec.Suits(type)) yield return Get(6);
        if (PlaneCodec.Suits(type)) yield return Planes;
    }

    /// <summary>The codec with a number.</summary>
    /// <exception cref="StrataFormatException">There is none.</exception>
    public static TensorCodec Get(int number)
    {
        foreach (var row in s_table)
        {
            if (row.Number == number) return row.Codec;
        }
        throw new StrataFormatException($"tensor codec {number} is not known; use a newer Strata");
    }
}
