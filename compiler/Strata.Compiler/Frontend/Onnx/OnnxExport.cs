using System.Globalization;
using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Compiler.Pipeline;
using Strata.Networks;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>An exported model: its message, in which weights have type and name but no elements yet, and the weights.</summary>
internal sealed class OnnxExport(ModelProto model, IReadOnlyList<(TensorProto Tensor, Constant Constant)> weights)
{
    /// <summary>Most bytes of weights within the message, which holds at most 2 GiB; the rest is for everything else.</summary>
    public const long MostEmbedded = int.MaxValue - (64L << 20);

    // External tensors begin where a page of memory may, so that readers can map them; shorter ones are not worth it.
    private const int Alignment = 4096, LeastExternal = 1024;

    /// <summary>The serialised model, weights inside.</summary>
    /// <exception cref="ResourceLimitException">It would be larger than a message can be.</exception>
    public byte[] ToBytes()
    {
        if (Size > MostEmbedded) throw new ResourceLimitException($"the weights take {Size} bytes, more than the {MostEmbedded} that one ONNX file holds; write it to a file, with external data beside it");
        foreach (var (tensor, constant) in weights) Embed(tensor, constant);
        return model.ToByteArray();
    }

    /// <summary>Writes the model and, where that is asked for or weights take more than <paramref name="mostEmbedded"/> bytes, external data beside it; returns the bytes of both.</summary>
    public long Write(string path, bool externalData, long mostEmbedded)
    {
        if (!externalData && Size <= Math.Min(mostEmbedded, MostEmbedded)) return AtomicFile.Write(path, WriteModel);
        // The model appears last: its data is there by then.
        string data = path + ".data";
        return AtomicFile.Write(data, temporary => WriteData(temporary, Path.GetFileName(data))) + AtomicFile.Write(path, WriteModel);

        long WriteModel(string temporary)
        {
            foreach (var (tensor, constant) in weights.Where(w => w.Tensor.ExternalData.Count == 0)) Embed(tensor, constant);
            using var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
            model.WriteTo(file);
            return file.Length;
        }
    }

    private long Size => weights.Sum(w => w.Constant.ByteCount);

    // One block of one tensor at a time.
    private long WriteData(string path, string location)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        foreach (var (tensor, constant) in weights.Where(w => w.Constant.ByteCount >= LeastExternal))
        {
            long offset = (file.Position + Alignment - 1) / Alignment * Alignment;
            file.Position = offset;
            constant.ReadBlocks(block => file.Write(block.Span));
            tensor.DataLocation = TensorProto.Types.DataLocation.External;
            foreach (var (key, value) in new[] { ("location", location), ("offset", Text(offset)), ("length", Text(constant.ByteCount)) })
                tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }
        return file.Length;

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static void Embed(TensorProto tensor, Constant constant) => OnnxTensors.Fill(tensor, constant.Materialize());
}
