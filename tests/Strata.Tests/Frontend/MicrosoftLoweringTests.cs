using Strata.Networks;
using Strata.Tensors;

namespace Strata.Tests.Frontend;

/// <summary>Operators that ONNX Runtime runs on graphics processors only: expected values by arithmetic in the test.</summary>
public class MicrosoftLoweringTests
{
    private static readonly Random Numbers = new(3);

    private static Tensor Reals(params int[] dims) => Tensor.From<float>(dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(_ => (float)(4 * Numbers.NextDouble() - 2))]);

    private static SingleNode Node(string name, params (string, object)[] attributes) => new(name, 1, "com.microsoft") { Attributes = attributes };

    private static void Near(IEnumerable<double> expected, Tensor actual, double bound = 1e-5)
    {
        double[] wanted = [.. expected], got = actual.ToDoubles();
        Assert.Equal(wanted.Length, got.Length);
        Assert.All(wanted.Zip(got), p => Assert.InRange(p.Second, p.First - bound, p.First + bound));
    }

    private static double Gelu(double x) => x * 0.5 * (1 + Erf(x / Math.Sqrt(2)));

    // Abramowitz and Stegun 7.1.26, |error| ≤ 1.5e-7.
    private static double Erf(double x)
    {
        double t = 1 / (1 + 0.3275911 * Math.Abs(x));
        double y = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.Exp(-x * x);
        return Math.Sign(x) * y;
    }

    [Fact]
    public void BiasesAreAdded()
    {
        Tensor x = Reals(2, 3, 4), bias = Reals(4), skip = Reals(2, 3, 4);
        double[] a = x.ToDoubles(), b = bias.ToDoubles(), c = skip.ToDoubles();
        Near(a.Select((v, i) => v + b[i % 4] + c[i]), Node("BiasAdd").Run(x, bias, skip));
        Near(a.Select((v, i) => v + b[i % 4] + c[i]), Node("BiasDropout").Run(x, bias, skip, Tensor.Scalar(0.5f)));
        Near(Enumerable.Range(0, 12).Select(i => (a[i / 2 * 4 + i % 2] + b[i % 2]) * Gelu(a[i / 2 * 4 + i % 2 + 2] + b[i % 2 + 2])), Node("BiasSplitGelu").Run(x, bias), 1e-5);
        Near(a.Select((v, i) => v + c[i] * b[i / 4 % 3]), Node("GatedAdd").Run(x, skip, Tensor.From<float>([3, 1], [.. bias.Span<float>()[..3]])));
    }

    [Fact]
    public void SoftmaxTakesTheBiasFirst()
    {
        Tensor x = Reals(2, 2, 3), bias = Reals(2, 1, 3);
        double[] exp = [.. x.ToDoubles().Select((v, i) => Math.Exp(v + bias.ToDoubles()[i / 6 * 3 + i % 3]))];
        Near(exp.Select((v, i) => v / exp.Skip(i / 3 * 3).Take(3).Sum()), Node("BiasSoftmax", ("axis", 2), ("is_inner_broadcast", 1)).Run(x, bias));
        Near(exp.Select((v, i) => v / exp.Skip(i / 6 * 6).Take(6).Sum()), Node("BiasSoftmax", ("axis", 1), ("is_inner_broadcast", 1)).Run(x, bias));
    }

    [Theory]
    [InlineData("ComplexMul", 1)]
    [InlineData("ComplexMulConj", -1)]
    public void ComplexNumbersMultiply(string name, int sign)
    {
        Tensor a = Reals(3, 2), b = Reals(3, 2);
        double[] x = a.ToDoubles(), y = b.ToDoubles();
        Near(Enumerable.Range(0, 3).SelectMany(i => (double[])[x[2 * i] * y[2 * i] - sign * x[2 * i + 1] * y[2 * i + 1], sign * x[2 * i] * y[2 * i + 1] + x[2 * i + 1] * y[2 * i]]), Node(name).Run(a, b));
    }

    [Fact]
    public void SpectraComeAndGo()
    {
        var x = Reals(2, 6);
        double[] v = x.ToDoubles();
        var spectrum = Node("Rfft", ("signal_ndim", 1)).Run(x);
        Assert.Equal([2, 4, 2], spectrum.Dims.ToArray());
        Near(Enumerable.Range(0, 2).SelectMany(r => Enumerable.Range(0, 4).SelectMany(k => (double[])[Sum(r, k, Math.Cos), -Sum(r, k, Math.Sin)])), spectrum);
        Near(v, Node("Irfft", ("signal_ndim", 1)).Run(spectrum));
        Near(v, Node("Irfft", ("signal_ndim", 2)).Run(Node("Rfft", ("signal_ndim", 2)).Run(x)));

        double Sum(int row, int k, Func<double, double> wave) => Enumerable.Range(0, 6).Sum(n => v[row * 6 + n] * wave(2 * Math.PI * k * n / 6));
    }

    [Fact]
    public void GroupsOfChannelsAreNormalized()
    {
        Tensor x = Reals(1, 1, 3, 4), scale = Reals(4), offset = Reals(4), skip = Reals(1, 4), bias = Reals(4);
        double[] v = x.ToDoubles(), g = scale.ToDoubles(), b = offset.ToDoubles();
        Near(Normalized(v, silu: false), Node("GroupNorm", ("groups", 2), ("activation", 0)).Run(x, scale, offset));
        Near(Normalized(v, silu: true), Node("GroupNorm", ("groups", 2), ("activation", 1)).Run(x, scale, offset));
        double[] sum = [.. v.Select((value, i) => value + skip.ToDoubles()[i % 4] + bias.ToDoubles()[i % 4])];
        Near(Normalized(sum, silu: false), Node("SkipGroupNorm", ("groups", 2), ("activation", 0)).Run(x, scale, offset, skip, bias));

        IEnumerable<double> Normalized(double[] values, bool silu)
        {
            for (int i = 0; i < values.Length; i++)
            {
                double[] group = [.. values.Where((_, j) => j % 4 / 2 == i % 4 / 2)];
                double mean = group.Average(), variance = group.Average(e => (e - mean) * (e - mean));
                double y = (values[i] - mean) / Math.Sqrt(variance + 1e-5) * g[i % 4] + b[i % 4];
                yield return silu ? y / (1 + Math.Exp(-y)) : y;
            }
        }
    }

    [Fact]
    public void MishIsATanhOfASoftplus()
    {
        var x = Reals(3, 4);
        Near(x.ToDoubles().Select(v => v * Math.Tanh(Math.Log(1 + Math.Exp(v)))), new SingleNode("Mish", 18).Run(x));
    }

    [Fact]
    public void LinearAttentionSumsOuterProducts()
    {
        Tensor q = Reals(1, 2, 2), k = Reals(1, 2, 2), v = Reals(1, 2, 2);
        double[] a = q.ToDoubles(), b = k.ToDoubles(), c = v.ToDoubles();
        double Score(int row, int of) => a[2 * row] * b[2 * of] + a[2 * row + 1] * b[2 * of + 1];
        Near(Enumerable.Range(0, 4).Select(i => Enumerable.Range(0, i / 2 + 1).Sum(of => Score(i / 2, of) * c[2 * of + i % 2])),
            Node("LinearAttention", ("q_num_heads", 1), ("kv_num_heads", 1), ("update_rule", "linear"), ("scale", 1f)).Run(q, k, v));
    }

    [Fact]
    public void GatesFollowTheNorm()
    {
        Tensor x = Reals(2, 4), scale = Reals(2), gate = Reals(2, 4);
        double[] v = x.ToDoubles(), s = scale.ToDoubles(), g = gate.ToDoubles();
        Near(v.Select((value, i) => value / Math.Sqrt((v[i / 2 * 2] * v[i / 2 * 2] + v[i / 2 * 2 + 1] * v[i / 2 * 2 + 1]) / 2 + 1e-3) * s[i % 2] * g[i] / (1 + Math.Exp(-g[i]))),
            Node("GatedRMSNorm", ("epsilon", 1e-3f)).Run(x, scale, gate));
    }

    [Fact]
    public void ProductsAreActivated()
    {
        Tensor a = Reals(2, 3), b = Reals(3, 2), bias = Reals(2);
        double[] product = [.. Enumerable.Range(0, 4).Select(i => Enumerable.Range(0, 3).Sum(k => a.ToDoubles()[i / 2 * 3 + k] * b.ToDoubles()[k * 2 + i % 2]))];
        Near(product.Select(v => Math.Max(0, 0.5 * v)), Node("FusedMatMulActivation", ("alpha", 0.5f), ("activation", "Relu")).Run(a, b));
        Near(product.Select(v => v > 0 ? v : 0.2 * v), Node("FusedMatMulActivation", ("activation", "LeakyRelu"), ("activation_alpha", 0.2f)).Run(a, b));
        Near(product.Select((v, i) => Math.Exp(v) / (Math.Exp(product[i / 2 * 2]) + Math.Exp(product[i / 2 * 2 + 1]))), Node("FusedMatMulActivation", ("activation", "Softmax"), ("activation_axis", 1)).Run(a, b));
        Near(product.Select((v, i) => Tanh(v + bias.ToDoubles()[i % 2])), Node("GemmFastGelu").Run(a, b, bias));

        static double Tanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    [Fact]
    public void CodesAreSummedAndMultiplied()
    {
        Tensor a = Tensor.From<byte>([2, 3], [1, 2, 250, 4, 5, 6]), b = Tensor.From<byte>([3], [7, 0, 255]);
        Assert.Equal([-9 * 4, -8 * -3, 240 * 252, -6 * 4, -5 * -3, -4 * 252], Node("MulInteger").Run(a, Tensor.Scalar<byte>(10), b, Tensor.Scalar<byte>(3)).Span<int>().ToArray());
        Assert.Equal([253u, 15u], Node("ReduceSumInteger", ("axes", new long[] { 1 }), ("keepdims", 0)).Run(a).Span<uint>().ToArray());
        Assert.Equal([(byte)(10 + Math.Round((253 / 3.0 - 5) * 0.5 / 0.25)), (byte)(10 + Math.Round((15 / 3.0 - 5) * 0.5 / 0.25))],
            Node("QLinearReduceMean", ("axes", new long[] { 1 }), ("keepdims", 0)).Run(a, Tensor.Scalar(0.5f), Tensor.Scalar<byte>(5), Tensor.Scalar(0.25f), Tensor.Scalar<byte>(10)).Span<byte>().ToArray());
    }

    [Theory]
    [InlineData("NhwcConv")]
    [InlineData("NhwcFusedConv")]
    public void ChannelsComeLast(string name)
    {
        Tensor x = Reals(1, 2, 3, 2), weights = Reals(1, 2, 1, 1);
        double[] v = x.ToDoubles(), w = weights.ToDoubles();
        var y = Node(name).Run(x, weights);
        Assert.Equal([1, 2, 3, 1], y.Dims.ToArray());
        Near(Enumerable.Range(0, 6).Select(i => v[2 * i] * w[0] + v[2 * i + 1] * w[1]), y);
    }

    [Fact]
    public void RowsAndPointsAreGathered()
    {
        var table = Reals(4, 2);
        double[] v = table.ToDoubles();
        Near([v[6], v[7], v[2], v[3]], Node("TorchEmbedding").Run(table, Tensor.Vector<long>(3, 1)));
        Near([v[7], v[2]], Node("GatherND").Run(table, Tensor.From<long>([2, 2], [3, 1, 1, 0])));
    }

    [Fact]
    public void AnglesTurnQueriesAndKeys()
    {
        Tensor angles = Reals(1, 2, 2), q = Reals(1, 1, 2, 2), turned = Reals(1, 1, 2, 2), k = Reals(1, 1, 2, 2), turnedK = Reals(1, 1, 2, 2);
        double[] a = angles.ToDoubles(), x = q.ToDoubles(), y = turned.ToDoubles();
        Near(x.Select((v, i) => v * Math.Cos(a[i]) + y[i] * Math.Sin(a[i])), Node("GemmaRotaryEmbedding").Run(angles, q, turned, k, turnedK));
    }

    [Fact]
    public void DroppedOperatorsFillShapes()
    {
        Assert.Equal([2, 3, 1], new SingleNode("ConstantFill", 6) { Attributes = [("shape", new long[] { 2, 3 }), ("extra_shape", new long[] { 1 }), ("value", 5f)] }.Run().Dims.ToArray());
        Assert.Equal([4L, 4L], new SingleNode("ConstantFill", 6) { Attributes = [("input_as_shape", 1), ("value", 4f), ("dtype", 7)] }.Run(Tensor.Vector<long>(2)).Span<long>().ToArray());
        Assert.Equal([2, 2], new SingleNode("GivenTensorFill", 6) { Attributes = [("shape", new long[] { 2, 2 }), ("values", new float[] { 1, 2, 3, 4 })] }.Run().Dims.ToArray());
        Near([3, -6], new SingleNode("Scale", 6) { Attributes = [("scale", 3f)] }.Run(Tensor.Vector(1f, -2f)));
        Assert.Equal([2, 1], Split(Tensor.Vector<long>(2, 1)));

        static int[] Split(Tensor extents)
        {
            var node = new SingleNode("Split", 1) { Outputs = 2, FirstConstant = 1 };
            return [.. node.Import(Tensor.Vector(1f, 2f, 3f), extents).Outputs.Select(o => (int)((TensorType)o.Value.Type).Shape![0].Constant!)];
        }
    }
}
