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
        One<Conv>(table, ConvReference.Evaluate);

        // Matrix products, normalisation, recurrence, attention
        One<Gemm>(table, MatMulReference.Evaluate);
        Many<Gru>(table, RecurrenceReference.Evaluate);
        Many<Lstm>(table, RecurrenceReference.Evaluate);
        One<MatMul>(table, MatMulReference.Evaluate);
        Many<Rnn>(table, RecurrenceReference.Evaluate);

        // Quantised and integer

        // Control flow
        Many<If>(table, IfReference.Evaluate);
        Many<Loop>(table, LoopReference.Evaluate);
        Many<Scan>(table, LoopReference.Evaluate);
    }
}
