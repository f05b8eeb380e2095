using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Strata.Tensors;

namespace Strata.Models.Building;

/// <summary>How an activation is stored in u8: <c>(q − ZeroPoint) · Scale</c>.</summary>
internal readonly record struct ActivationRange(float Scale, byte ZeroPoint)
{
    /// <summary>For values of deviation 1: ±4.</summary>
    public static ActivationRange Signed => new(8f / 255, 128);

    /// <summary>For such values behind a ReLU: 0 to 4.</summary>
    public static ActivationRange Rectified => new(4f / 255, 0);
}

/// <summary>
/// Layers in QDQ form: u8 activations per tensor, s8 weights per output channel without zero point, s32 biases whose
/// scale is that of input times weight.
/// </summary>
internal static class QuantizedLayers
{
    /// <summary>Rounds to u8 and back.</summary>
    public static string Requantize(this GraphBuilder g, string x, ActivationRange range)
    {
        string scale = g.Scale("scale", [], range.Scale), zero = g.ZeroPoint(range.ZeroPoint);
        return g.Node("DequantizeLinear", [g.Node("QuantizeLinear", [x, scale, zero]), scale, zero]);
    }

    /// <summary>A convolution or (kernel 0) a matrix product with quantised weights and bias.</summary>
    public static string QuantizedConv(this GraphBuilder g, string x, ActivationRange range, int inputs, int outputs, int kernel, int stride = 1, double gain = 2)
    {
        int rowLength = inputs * Math.Max(kernel * kernel, 1), pad = kernel / 2;
        Fill fill = Fills.Filters(Math.Sqrt(gain / rowLength));
        int[] dims = kernel == 0 ? [outputs, inputs] : [outputs, inputs, kernel, kernel];
        string weight = g.QuantizedWeight(fill, dims, rowLength, out float[] scales);
        string bias = g.QuantizedBias(scales, range.Scale);
        return kernel == 0
            ? g.Node("Gemm", [x, weight, bias], ("alpha", 1f), ("beta", 1f), ("transB", 1))
            : g.Node("Conv", [x, weight, bias],
                ("dilations", new[] { 1, 1 }), ("group", 1), ("kernel_shape", new[] { kernel, kernel }),
                ("pads", new[] { pad, pad, pad, pad }), ("strides", new[] { stride, stride }));
    }

    private static string QuantizedWeight(this GraphBuilder g, Fill fill, int[] dims, int rowLength, out float[] scales)
    {
        var random = new RandomStream(g.SeedOf(g.WeightName("weight")));
        sbyte[] values = new sbyte[dims[0] * rowLength];
        float[] row = new float[rowLength], channelScales = new float[dims[0]];
        for (int channel = 0; channel < dims[0]; channel++)
        {
            fill(random, channel, row);
            float scale = channelScales[channel] = row.Max(MathF.Abs) / 127;
            for (int i = 0; i < rowLength; i++) values[channel * rowLength + i] = (sbyte)MathF.Round(row[i] / scale);
        }

        scales = channelScales;
        string quantized = g.QuantizedParameter("weight_quantized", ElementType.Int8, dims,
            (channel, bytes) => MemoryMarshal.AsBytes(values.AsSpan(channel * rowLength, rowLength)).CopyTo(bytes));
        string zero = g.Initializer("weight_zero_point", ElementType.Int8, [dims[0]], (_, bytes) => bytes.Clear());
        return g.Node("DequantizeLinear", [quantized, g.Scale("weight_scale", [dims[0]], scales), zero], ("axis", 0));
    }

    private static string QuantizedBias(this GraphBuilder g, float[] weightScales, float inputScale)
    {
        var random = new RandomStream(g.SeedOf(g.WeightName("bias")));
        float[] scales = [.. weightScales.Select(scale => scale * inputScale)];
        string quantized = g.QuantizedParameter("bias_quantized", ElementType.Int32, [scales.Length], (_, bytes) =>
        {
            for (int i = 0; i < scales.Length; i++)
                BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * i)..], (int)Math.Round(0.1 * random.Normal() / scales[i]));
        });
        string zero = g.Initializer("bias_zero_point", ElementType.Int32, [scales.Length], (_, bytes) => bytes.Clear());
        return g.Node("DequantizeLinear", [quantized, g.Scale("bias_scale", [scales.Length], scales), zero], ("axis", 0));
    }

    private static string Scale(this GraphBuilder g, string name, int[] dims, params float[] scales) =>
        g.Buffer(name, dims, (_, _, values) => scales.CopyTo(values));

    private static string ZeroPoint(this GraphBuilder g, byte value) =>
        g.Initializer("zero_point", ElementType.UInt8, [], (_, bytes) => bytes[0] = value);
}
