using Strata.Kernels;
using Strata.Kernels.Simd;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Operators;

namespace Strata.Tests.Kernels;

/// <summary>Makes a kernel of one vector width.</summary>
internal interface IKernelMaker
{
    IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V>;
}

/// <summary>
/// Runs kernels by themselves and holds them against the reference evaluation: at every vector width that the process has, with
/// guard bytes around every output, twice with the parts in opposite orders (equal bits), and with fixed operands given as
/// constants or not.
/// </summary>
internal static unsafe class KernelProbe
{
    /// <summary>2⁻²⁴: the relative error of one rounding.</summary>
    public const double Unit = 1.0 / (1 << 24);

    private const int Guard = 256;
    private const byte GuardByte = 0xA5;

    /// <summary>
    /// Checks output 0 (and others that are wanted) of an operator. <paramref name="bound"/> gives the allowed error of element i
    /// of an output from the reference's value.
    /// </summary>
    public static void Check<TMaker>(TMaker maker, Operator op, Tensor?[] inputs, Func<int, int, double, double> bound, int outputs = 1, bool[]? constants = null)
        where TMaker : struct, IKernelMaker
    {
        var expected = Evaluation.RunMany(op, outputs, inputs);
        var request = Request(op, inputs, expected, constants ?? new bool[inputs.Length]);
        if (KernelTable.Level >= SimdLevel.Vector512) CheckWidth<TMaker, F512>(maker, request, inputs, expected, bound);
        if (KernelTable.Level >= SimdLevel.Vector256) CheckWidth<TMaker, F256>(maker, request, inputs, expected, bound);
        if (KernelTable.Level >= SimdLevel.Vector128) CheckWidth<TMaker, F128>(maker, request, inputs, expected, bound);
        CheckWidth<TMaker, F32>(maker, request, inputs, expected, bound);
    }

    /// <summary>A request for a kernel with given operands and results.</summary>
    public static KernelRequest Request(Operator op, Tensor?[] inputs, Tensor[] outputs, bool[] constants, Epilogue? epilogue = null) => new(
        op,
        [.. inputs.Select((t, i) => t is null ? null : new KernelOperand(t.ElementType, [.. t.Dims], constants[i] ? Constant.Of(t) : null))],
        [.. outputs.Select(t => new KernelOperand(t.ElementType, [.. t.Dims]))],
        epilogue ?? Epilogue.None,
        new PackedWeights());

    /// <summary>Runs all parts of all phases, in order or in the opposite one; fails when anything beyond the outputs is written.</summary>
    public static Tensor[] Run(IKernel kernel, KernelRequest request, Tensor?[] inputs, bool reversed)
    {
        var buffers = new List<PinnedBuffer>();
        var addresses = new nint[request.Inputs.Count + request.Outputs.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i] is not { } tensor) continue;
            if (request.Inputs[i]!.Constant is not null && !kernel.Reads(i)) continue;
            addresses[i] = Take(tensor.Bytes.Length, tensor);
        }
        for (int i = 0; i < request.Outputs.Count; i++) addresses[inputs.Length + i] = Take((int)request.Outputs[i]!.Type.ByteCount(request.Outputs[i]!.Count), null);
        byte* shared = (byte*)Take(checked((int)kernel.SharedBytes), null), scratch = (byte*)Take(checked((int)kernel.ScratchBytes), null);
        fixed (nint* table = addresses)
        {
            var all = new KernelBuffers((void**)table, shared, scratch);
            for (int phase = 0; phase < kernel.Phases; phase++)
            {
                int parts = kernel.Parts(phase);
                for (int p = 0; p < parts; p++) kernel.Run(phase, reversed ? parts - 1 - p : p, all);
            }
        }
        foreach (var buffer in buffers)
        {
            int length = (int)buffer.Bytes - 2 * Guard;
            for (int i = 0; i < Guard; i++) Assert.True(buffer.Address[i] == GuardByte && buffer.Address[Guard + length + i] == GuardByte, $"{kernel.GetType()} wrote beyond {length} bytes of buffer {buffers.IndexOf(buffer)}");
        }
        for (int i = 0; i < inputs.Length; i++)
        {
            if (addresses[i] != 0) Assert.True(new ReadOnlySpan<byte>((void*)addresses[i], inputs[i]!.Bytes.Length).SequenceEqual(inputs[i]!.Bytes.Span), $"input {i} was changed");
        }
        return [.. request.Outputs.Select((o, i) => Tensor.FromBytes(o!.Type, o.Dims, new ReadOnlySpan<byte>((void*)addresses[inputs.Length + i], (int)o.Type.ByteCount(o.Count)).ToArray()))];

        // Memory between guards; every byte of it is the guard byte, too: what a kernel leaves unwritten shows.
        nint Take(int length, Tensor? content)
        {
            var buffer = new PinnedBuffer(length + 2 * Guard);
            buffers.Add(buffer);
            new Span<byte>(buffer.Address, length + 2 * Guard).Fill(GuardByte);
            content?.Bytes.Span.CopyTo(new(buffer.Address + Guard, length));
            return (nint)buffer.Address + Guard;
        }
    }

    /// <summary>A tensor of numbers in [−1, 1), some of them zero.</summary>
    public static Tensor Draw(Random random, params int[] dims)
    {
        var values = new float[Tensor.CountOf(dims)];
        for (int i = 0; i < values.Length; i++) values[i] = random.Next(16) == 0 ? 0 : random.NextSingle() * 2 - 1;
        return Tensor.From<float>(dims, values);
    }

    /// <summary>The absolute values of a tensor.</summary>
    public static Tensor? Magnitude(Tensor? tensor) => tensor is null ? null : Tensor.From<float>([.. tensor.Dims], Array.ConvertAll(tensor.Span<float>().ToArray(), Math.Abs));

    /// <summary>The bound of a sum of <paramref name="terms"/> products: <c>(terms + 2) · 2⁻²⁴ · Σ|a||b|</c>, where the sum is the operator's own on magnitudes.</summary>
    public static Func<int, int, double, double> SumBound(Operator op, Tensor?[] inputs, long terms)
    {
        var sums = Evaluation.Run(op, [.. inputs.Select(Magnitude)]).Span<float>().ToArray();
        return (_, i, _) => (terms + 2) * Unit * sums[i] + (terms + 2) * float.Epsilon;
    }

    private static void CheckWidth<TMaker, V>(TMaker maker, KernelRequest request, Tensor?[] inputs, Tensor[] expected, Func<int, int, double, double> bound)
        where TMaker : struct, IKernelMaker where V : struct, ISimd<V>
    {
        var kernel = maker.Make<V>(request);
        Assert.True(kernel is not null, $"no kernel for {request.Operator}");
        var results = Run(kernel, request, inputs, reversed: false);
        var again = Run(kernel, request, inputs, reversed: true);
        for (int o = 0; o < expected.Length; o++)
        {
            Assert.True(results[o].BitEquals(again[o]), $"{kernel.GetType()}: output {o} depends on the order of parts");
            double[] wanted = expected[o].ToDoubles(), got = results[o].ToDoubles();
            for (int i = 0; i < wanted.Length; i++)
            {
                bool same = double.IsNaN(wanted[i]) ? double.IsNaN(got[i]) : got[i] == wanted[i] || Math.Abs(got[i] - wanted[i]) <= bound(o, i, wanted[i]);
                Assert.True(same, $"{typeof(V).Name}, {request.Operator}, inputs {string.Join(" ", inputs.Select(t => t?.ToString() ?? "-"))}: element {i} of output {o} {results[o]} is {got[i]:R}, expected {wanted[i]:R} ± {bound(o, i, wanted[i]):R}");
            }
        }
    }
}
