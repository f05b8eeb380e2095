using System.Globalization;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;

namespace Strata.Models.Building;

/// <summary>Writes row <paramref name="row"/> of a tensor, little-endian. Rows are asked for in order, starting at 0.</summary>
internal delegate void RowWriter(int row, Span<byte> bytes);

/// <summary>Where the values of a model's initializers go.</summary>
internal abstract class WeightStore
{
    /// <summary>Bytes that lie outside the model's own message.</summary>
    public long Bytes { get; protected set; }

    /// <summary>Gives a tensor (with name, type and dimensions) its values.</summary>
    public abstract void Store(TensorProto tensor, int rows, int rowBytes, RowWriter write);

    private protected static void StoreInline(TensorProto tensor, int rows, int rowBytes, RowWriter write)
    {
        byte[] bytes = new byte[checked(rows * rowBytes)];
        for (int row = 0; row < rows; row++) write(row, bytes.AsSpan(row * rowBytes, rowBytes));
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
    }
}

/// <summary>In the model's own message, which holds at most 2 GiB.</summary>
internal sealed class InlineWeights : WeightStore
{
    public override void Store(TensorProto tensor, int rows, int rowBytes, RowWriter write) => StoreInline(tensor, rows, rowBytes, write);
}

/// <summary>
/// In a file beside the model, streamed: memory for one row is all that a tensor takes. Tensors start at multiples of
/// <see cref="Alignment"/>; those below <see cref="Threshold"/> bytes stay in the model.
/// </summary>
internal sealed class ExternalWeights(Stream stream, string location) : WeightStore
{
    /// <summary>What every offset is a multiple of.</summary>
    public const int Alignment = 64;

    /// <summary>The smallest tensor that is worth a reference.</summary>
    public const int Threshold = 1024;

    public override void Store(TensorProto tensor, int rows, int rowBytes, RowWriter write)
    {
        long length = (long)rows * rowBytes;
        if (length < Threshold)
        {
            StoreInline(tensor, rows, rowBytes, write);
            return;
        }

        long offset = (Bytes + Alignment - 1) / Alignment * Alignment;
        stream.Write(new byte[offset - Bytes]);
        byte[] buffer = new byte[rowBytes];
        for (int row = 0; row < rows; row++)
        {
            write(row, buffer);
            stream.Write(buffer);
        }
        Bytes = offset + length;

        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        Add("location", location);
        Add("offset", offset.ToString(CultureInfo.InvariantCulture));
        Add("length", length.ToString(CultureInfo.InvariantCulture));

        void Add(string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }
}

/// <summary>Nowhere: for facts about a model that do not depend on its weights.</summary>
internal sealed class CountedWeights : WeightStore
{
    public override void Store(TensorProto tensor, int rows, int rowBytes, RowWriter write) => Bytes += (long)rows * rowBytes;
}
