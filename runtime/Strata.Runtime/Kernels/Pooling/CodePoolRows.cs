using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Strata.Kernels.Conversion;
using Strata.Kernels.Elementwise;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Pooling;

/// <summary>Rows of pooling of 8-bit codes: the greatest and the mean of windows by way of f32, the mean of whole channels in integers.</summary>
internal static class CodePoolRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        new()
        {
            Name = "maxpool.codes",
            Operator = typeof(MaxPool),
            Supports = static r => QuantizedOperands.IsByte(r.Input(0).Type) && KernelTable.Find(Largest(r)) is not null,
            Cost = static r => Cost(r, Largest(r)),
            Create = static r => Around(r, Largest(r), KernelTable.Find(Largest(r))!.Create(Largest(r)), new FunctionConversion(FromCodes(r.Input(0).Type)), new FunctionConversion(ToCodes(r.Output.Type))),
        },
        new()
        {
            Name = "qlinearaveragepool",
            Operator = typeof(QLinearAveragePool),
            Supports = static r => !((QLinearPooling)r.Operator).ChannelsLast && HasScalars(r) && KernelTable.Find(Mean(r)) is not null,
            Cost = static r => Cost(r, Mean(r)),
            Create = static r => Around(r, Mean(r), PoolRows.OrderedMean(Mean(r)), new FunctionConversion(FromCodes(r.Input(0).Type), 1, Given(r, 2)),
                new FunctionConversion(r.Output.Type == ElementType.Int8 ? new ShiftedCodes<sbyte, I8Elements>(sbyte.MinValue, sbyte.MaxValue) : new ShiftedCodes<byte, U8Elements>(byte.MinValue, byte.MaxValue), 3, Given(r, 4))),
        },
        new()
        {
            Name = "qlinearglobalaveragepool",
            Operator = typeof(QLinearGlobalAveragePool),
            Supports = static r => HasScalars(r),
            Cost = static r => 100 + 1.0 * r.Input(0).Count,
            Create = static r => new CodeMeanKernel(r),
        },
    ];

    private static bool HasScalars(KernelRequest request) => Enumerable.Range(1, request.Inputs.Count - 1).All(i => !request.Has(i) || request.Input(i).Count == 1);

    private static int Given(KernelRequest request, int input) => request.Has(input) ? input : -1;

    private static KernelRequest Largest(KernelRequest request) => request with { Inputs = [InF32(request.Input(0))], Outputs = [InF32(request.Output), .. request.Outputs.Skip(1)] };

    private static KernelRequest Mean(KernelRequest request)
    {
        var op = (QLinearAveragePool)request.Operator;
        return request with { Operator = new AveragePool { Window = op.Window, CeilMode = op.CeilMode, CountIncludePad = op.CountIncludePad }, Inputs = [InF32(request.Input(0))], Outputs = [InF32(request.Output)] };
    }

    private static KernelOperand InF32(KernelOperand operand) => new(ElementType.Float32, operand.Dims);

    private static double Cost(KernelRequest request, KernelRequest wide) => KernelTable.Find(wide)!.Cost(wide) + 50 + 0.2 * (request.Input(0).Count + request.Output.Count);

    private static ConvertingKernel Around(KernelRequest request, KernelRequest wide, IKernel kernel, ElementConversion before, ElementConversion after) =>
        new(request, wide, kernel, [new(0, before)], [new(request.OutputIndex(), after)]);

    internal static ElementFunction FromCodes(ElementType type) => type == ElementType.Int8 ? new DequantizeFrom<sbyte, I8Elements>() : new DequantizeFrom<byte, U8Elements>();

    private static ElementFunction ToCodes(ElementType type) => type == ElementType.Int8 ? new QuantizeTo<sbyte, I8Elements>(sbyte.MinValue, sbyte.MaxValue) : new QuantizeTo<byte, U8Elements>(byte.MinValue, byte.MaxValue);

    /// <summary>f32 to codes: <c>saturate(round(x / scale + zero))</c>. The zero-point is added before rounding: an odd one turns ties the other way.</summary>
    private sealed unsafe class ShiftedCodes<T, TCode>(float least, float most) : ElementFunction where T : unmanaged where TCode : struct, IElements<T>
    {
        public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
        {
            if (Vector512.IsHardwareAccelerated) Run<F512>((float*)a, (float*)b, (T*)c, (T*)results, count);
            else if (Vector256.IsHardwareAccelerated) Run<F256>((float*)a, (float*)b, (T*)c, (T*)results, count);
            else if (Vector128.IsHardwareAccelerated) Run<F128>((float*)a, (float*)b, (T*)c, (T*)results, count);
            else Run<F32>((float*)a, (float*)b, (T*)c, (T*)results, count);
        }

        private void Run<V>(float* x, float* scale, T* zero, T* y, int count) where V : struct, ISimd<V>
        {
            int i = 0;
            for (; i <= count - V.Count; i += V.Count) TCode.Store(Code(V.Load(x + i), V.Of(*scale), Parameters.Of<T, TCode, V>(zero, false, 0, 0)), y + i);
            for (; i < count; i++) TCode.Store(Code(F32.Load(x + i), F32.Of(*scale), Parameters.Of<T, TCode, F32>(zero, false, 0, 0)), y + i);
        }

        // NaN gives the least code.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private V Code<V>(V x, V scale, V zero) where V : struct, ISimd<V> => V.Min(V.Max(V.Round(x / scale + zero), V.Of(least)), V.Of(most));
    }
}
