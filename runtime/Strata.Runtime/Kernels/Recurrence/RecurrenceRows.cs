using Strata.Kernels.Simd;
using Strata.Operators;

namespace Strata.Kernels.Recurrence;

/// <summary>The rows of f32 recurrences, one per operator and vector width.</summary>
internal static class RecurrenceRows
{
    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All => [.. Widths(typeof(Lstm), "lstm"), .. Widths(typeof(Gru), "gru"), .. Widths(typeof(Rnn), "rnn")];

    private static KernelRow[] Widths(Type type, string name) =>
    [
        Row<F512>(type, $"{name}.v512", SimdLevel.Vector512, 30),
        Row<F256>(type, $"{name}.v256", SimdLevel.Vector256, 16),
        Row<F128>(type, $"{name}.v128", SimdLevel.Vector128, 8),
        Row<F32>(type, $"{name}.scalar", SimdLevel.Scalar, 1),
    ];

    private static KernelRow Row<V>(Type type, string name, SimdLevel needs, double multiplicationsPerNanosecond) where V : struct, ISimd<V> => new()
    {
        Name = name,
        Operator = type,
        Needs = needs,
        Supports = RecurrenceKernel<V>.Supports,
        Cost = request => 200 + Multiplications(RecurrenceShape.Of(request)!) / multiplicationsPerNanosecond,
        Create = RecurrenceKernel<V>.Create,
    };

    private static double Multiplications(RecurrenceShape shape) => (double)shape.Sequence * shape.Batch * shape.Directions * shape.Gated * (shape.Features + shape.Hidden);
}
