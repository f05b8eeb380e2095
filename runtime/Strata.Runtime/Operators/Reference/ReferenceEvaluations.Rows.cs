namespace Strata.Operators.Reference;

public static partial class ReferenceEvaluations
{
    // One entry per operator: One<T> for a single output, Many<T> otherwise.
    private static void AddAll(Dictionary<Type, ReferenceEvaluation> table)
    {
        // Elementwise
        One<Add>(table, static (_, c) => Broadcasting.Arithmetic(c[0], c[1], static (a, b) => a + b, static (a, b) => a + b, static (a, b) => a + b));

        // Data movement
        One<Concat>(table, ConcatReference.Evaluate);
        One<ShapeOf>(table, ShapeOfReference.Evaluate);

        // Reductions

        // Convolution, pooling, resampling
        One<AveragePool>(table, PoolingReference.Average);
        Many<BatchNormalization>(table, NormalizationReference.Batch);
        One<Conv>(table, ConvReference.Evaluate);
        One<ConvTranspose>(table, ConvTransposeReference.Evaluate);
        One<GlobalAveragePool>(table, static (_, c) => PoolingReference.GlobalAverage(c));
        One<GlobalLpPool>(table, PoolingReference.GlobalNorm);
        One<GlobalMaxPool>(table, static (_, c) => PoolingReference.GlobalMax(c));
        One<GroupNormalization>(table, NormalizationReference.Group);
        One<Hardmax>(table, AlongAxisReference.Hardmax);
        One<InstanceNormalization>(table, NormalizationReference.Instance);
        Many<LayerNormalization>(table, NormalizationReference.Layer);
        One<LogSoftmax>(table, AlongAxisReference.LogSoftmax);
        One<LpNormalization>(table, AlongAxisReference.LpNormalization);
        One<LpPool>(table, PoolingReference.Norm);
        Many<MaxPool>(table, PoolingReference.Max);
        One<Resize>(table, ResizeReference.Evaluate);
        Many<RmsNormalization>(table, NormalizationReference.Rms);
        One<Softmax>(table, AlongAxisReference.Softmax);
        One<Stft>(table, StftReference.Evaluate);

        // Matrix products, normalisation, recurrence, attention
        One<Gemm>(table, MatMulReference.Evaluate);
        Many<Gru>(table, RecurrenceReference.Evaluate);
        Many<Lstm>(table, RecurrenceReference.Evaluate);
        One<MatMul>(table, MatMulReference.Evaluate);
        Many<Rnn>(table, RecurrenceReference.Evaluate);

        // Quantised and integer
        One<ConvInteger>(table, QuantizedConvReference.Integer);
        One<QLinearAveragePool>(table, QLinearPoolingReference.Average);
        One<QLinearConv>(table, QuantizedConvReference.Linear);
        One<QLinearGlobalAveragePool>(table, QLinearPoolingReference.GlobalAverage);

        // Control flow
        Many<If>(table, IfReference.Evaluate);
        Many<Loop>(table, LoopReference.Evaluate);
        Many<Scan>(table, LoopReference.Evaluate);
    }
}
