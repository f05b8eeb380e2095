using Strata.Bitstream;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Bitstream;

public class AccessTests
{
    private const int LayerCount = 250, LayerFloats = 1 << 19; // 2 MiB a layer, 500 MiB in all

    [Fact]
    public void OneLayerOfALargeFileIsReadAlone()
    {
        string path = Path.GetTempFileName();
        try
        {
            var network = Chain(LayerCount, LayerFloats);
            using (var output = File.Create(path)) NetworkEncoder.Encode(network, output, new EncodeOptions { Coding = ConstantCoding.Raw });
            foreach (int layer in new[] { 0, 77, LayerCount - 1 })
            {
                using var file = new FileByteSource(path);
                var counted = new CountingByteSource(file);
                var record = EncodedNetwork.ReadLayer(counted, layer);
                var tensor = record.Constants.Single().Constant.Materialize();
                Assert.True(tensor.BitEquals(network.Constants[layer].Constant!.Materialize()));
                Assert.InRange(file.Length, 500L << 20, 501L << 20);
                Assert.InRange(counted.BytesRead, record.Constants[0].Bytes, record.Constants[0].Bytes * 1.01);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void OneLayerIsReadWithTheCodedHeadersAndNothingElse()
    {
        var network = Chain(20, 1 << 14);
        var bytes = EncodedFile.Encode(network);
        using var whole = EncodedFile.Open(bytes);
        long headers = whole.Layers[0].DataOffset;
        var counted = new CountingByteSource(new MemoryByteSource(bytes));
        var record = EncodedNetwork.ReadLayer(counted, 17);
        Assert.Equal("floats", record.Constants.Single().Codec);
        Assert.True(record.Constants[0].Constant.Materialize().BitEquals(network.Constants[17].Constant!.Materialize()));
        Assert.Equal(whole.Layers[17].DataOffset, record.DataOffset);
        Assert.InRange(counted.BytesRead, record.DataBytes, record.DataBytes + headers + Prologue.Size); // which says where to look, and is read again
        Assert.Throws<ArgumentOutOfRangeException>(() => EncodedNetwork.ReadLayer(counted, 20));
    }

    [Fact]
    public void EarlierLayersOfAStreamAreUsableBeforeItsEnd()
    {
        using var encoded = new MemoryStream();
        var network = Chain(4, 1 << 16);
        NetworkEncoder.Encode(network, encoded);
        byte[] bytes = encoded.ToArray();
        using var whole = EncodedNetwork.Open(new MemoryByteSource(bytes));
        long endOfSecond = whole.Layers[1].DataOffset + whole.Layers[1].DataBytes;

        var arriving = new ArrivingStream(bytes, endOfSecond);
        using var file = EncodedNetwork.Open(arriving);
        Assert.Equal(4, file.Network.Layers.Length);
        Assert.InRange(arriving.Delivered, 1, whole.Layers[0].DataOffset);
        foreach (int layer in new[] { 0, 1 }) Assert.True(file.Network.Constants[layer].Constant!.Materialize().BitEquals(network.Constants[layer].Constant!.Materialize()));
        var error = Assert.Throws<StrataFormatException>(() => file.Network.Constants[2].Constant!.Materialize());
        Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AStreamThatAnnouncesTooMuchIsNotBelieved()
    {
        byte[] bytes = File.ReadAllBytes(GoldenNetworks.PathOf("control-v1"));
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), 2_000_000);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), long.MaxValue / 2);
        bytes = EncodedFile.Reseal(bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.ThrowsAny<StrataException>(() => EncodedNetwork.Open(new MemoryStream(bytes)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static Network Chain(int layers, int floats)
    {
        var builder = new NetworkBuilder("chain");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [floats]));
        for (int i = 0; i < layers; i++) x = builder.Add(new Add(), x, builder.Constant(new Ramp(i, floats), $"b{i}"));
        builder.Output("y", x);
        return builder.Build();
    }

    // Elements that cost no memory until someone asks for them.
    private sealed class Ramp(int start, int count) : Constant(new TensorType(ElementType.Float32, [count]))
    {
        protected override Tensor Load()
        {
            var tensor = Tensor.Zeros(ElementType.Float32, Count);
            var span = tensor.MutableSpan<float>();
            for (int i = 0; i < span.Length; i++) span[i] = start + i;
            return tensor;
        }
    }

    // Delivers small pieces, and nothing behind a point.
    private sealed class ArrivingStream(byte[] bytes, long available) : Stream
    {
        public long Delivered { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int take = (int)Math.Min(Math.Min(count, 1000), available - Delivered);
            Array.Copy(bytes, Delivered, buffer, offset, take);
            Delivered += take;
            return take;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
