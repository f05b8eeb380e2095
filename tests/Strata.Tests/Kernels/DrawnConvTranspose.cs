using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Kernels;

/// <summary>A transposed convolution of whole numbers with every kind of attribute.</summary>
internal sealed record DrawnConvTranspose(ConvTranspose Operator, int[] Input, int[] Kernel, Tensor X, Tensor W, Tensor? Bias)
{
    public override string ToString() => $"{Operator}, input [{string.Join(", ", X.Dims)}], weights [{string.Join(", ", W.Dims)}]";

    public static DrawnConvTranspose From(Random random)
    {
        int axes = random.Next(1, 4), most = axes == 1 ? 40 : axes == 2 ? 12 : 5, group = random.Next(1, 4), channels = group * random.Next(1, 3), filters = random.Next(1, 7);
        int[] input = Ints(() => random.Next(1, most)), kernel = Ints(() => random.Next(1, 6)), stride = Ints(() => random.Next(1, 6)), dilation = Ints(() => random.Next(4) == 0 ? random.Next(1, 5) : 1);
        var op = new ConvTranspose { Group = group, Window = new() { Strides = Longs(stride), Dilations = Longs(dilation) } };
        if (random.Next(2) == 0) op = op with { OutputPadding = Longs(Ints(() => random.Next(4))) };
        op = random.Next(4) switch
        {
            0 => op with { Window = op.Window with { AutoPad = random.Next(2) == 0 ? AutoPad.SameUpper : AutoPad.SameLower } },
            1 => op with { OutputShape = Longs(Ints(() => random.Next(1, 3 * most))), Window = op.Window with { AutoPad = random.Next(3) == 0 ? AutoPad.SameUpper : AutoPad.NotSet } },
            _ => op with { Window = op.Window with { Pads = [.. Longs(Ints(() => random.Next(10) == 0 ? random.Next(-20, 30) : random.Next(-3, 5))), .. Longs(Ints(() => random.Next(10) == 0 ? random.Next(-20, 30) : random.Next(-3, 5)))] } },
        };
        return new(op, input, kernel, Whole([random.Next(1, 3), channels, .. input]), Whole([channels, filters, .. kernel]), random.Next(2) == 0 ? Whole([filters * group]) : null);

        int[] Ints(Func<int> draw) => [.. Enumerable.Range(0, axes).Select(_ => draw())];
        Tensor Whole(int[] dims) => Tensor.From<float>(dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => (float)random.Next(-8, 9))]);
        static System.Collections.Immutable.ImmutableArray<long> Longs(int[] values) => [.. values.Select(v => (long)v)];
    }

    /// <summary>What the definition says, each input added to each output that it reaches; null where the pads leave less than nothing.</summary>
    public Tensor? Expected()
    {
        int axes = Input.Length;
        int[] output = new int[axes], begin = new int[axes];
        for (int d = 0; d < axes; d++)
        {
            long stride = Operator.Window.Stride(d), full = stride * (Input[d] - 1) + (Operator.OutputPadding.IsEmpty ? 0 : Operator.OutputPadding[d]) + (Kernel[d] - 1) * Operator.Window.Dilation(d) + 1;
            bool isSame = Operator.Window.AutoPad is AutoPad.SameUpper or AutoPad.SameLower;
            if (Operator.OutputShape.IsEmpty && !isSame)
            {
                begin[d] = (int)Operator.Window.Pads[d];
                output[d] = (int)(full - begin[d] - Operator.Window.Pads[d + axes]);
                if (output[d] < 0) return null;
                continue;
            }
            output[d] = (int)(Operator.OutputShape.IsEmpty ? Input[d] * stride : Operator.OutputShape[d]);
            int total = (int)Math.Max(0, full - output[d]);
            begin[d] = Operator.Window.AutoPad == AutoPad.SameUpper ? total / 2 : total - total / 2;
        }
        int batch = X.Dims[0], channels = X.Dims[1], perGroup = W.Dims[1], groups = (int)Operator.Group, filters = perGroup * groups;
        int inputs = Tensor.CountOf(Input), taps = Tensor.CountOf(Kernel), outputs = Tensor.CountOf(output);
        float[] x = X.Span<float>().ToArray(), w = W.Span<float>().ToArray(), y = new float[batch * filters * outputs];
        for (int i = 0; i < y.Length; i++) y[i] = Bias is null ? 0 : Bias.Span<float>()[i / Math.Max(outputs, 1) % filters];
        for (int i = 0; i < inputs; i++)
        {
            for (int k = 0; k < taps; k++)
            {
                int at = Place(i, k, output, begin);
                if (at < 0) continue;
                for (int n = 0; n < batch; n++)
                {
                    for (int c = 0; c < channels; c++)
                    {
                        float value = x[(n * channels + c) * inputs + i];
                        for (int f = 0; f < perGroup; f++) y[(n * filters + c / (channels / groups) * perGroup + f) * outputs + at] += value * w[(c * perGroup + f) * taps + k];
                    }
                }
            }
        }
        return Tensor.From<float>([batch, filters, .. output], y);
    }

    private int Place(int input, int tap, int[] output, int[] begin)
    {
        int at = 0, step = 1;
        for (int d = Input.Length - 1; d >= 0; d--)
        {
            long place = input % Input[d] * Operator.Window.Stride(d) + tap % Kernel[d] * Operator.Window.Dilation(d) - begin[d];
            if (place < 0 || place >= output[d]) return -1;
            at += (int)place * step;
            step *= output[d];
            (input, tap) = (input / Input[d], tap / Kernel[d]);
        }
        return at;
    }
}
