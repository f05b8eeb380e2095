using Strata.Tensors;

namespace Strata.Operators.Reference;

public static partial class ReferenceEvaluations
{
    // One entry per operator: One<T> for a single output, Many<T> otherwise.
    private static void AddAll(Dictionary<Type, ReferenceEvaluation> table)
    {
        // Elementwise
        One<Add>(table, static (_, c) => Broadcasting.Arithmetic(c[0], c[1], static (a, b) => a + b, static (a, b) => a + b, static (a, b) => a + b));

        // Data movement
        One<CenterCropPad>(table, MovementReference.Evaluate);
        One<Compress>(table, SelectionReference.Evaluate);
        One<Concat>(table, ConcatReference.Evaluate);
        One<ConcatFromSequence>(table, SequenceReference.Join);
        One<ConstantOfShape>(table, MovementReference.Evaluate);
        One<DepthToSpace>(table, SelectionReference.Evaluate);
        Many<Dropout>(table, FillReference.Evaluate);
        One<Expand>(table, MovementReference.Evaluate);
        One<EyeLike>(table, FillReference.Evaluate);
        One<Flatten>(table, MovementReference.Evaluate);
        One<Gather>(table, GatherReference.Evaluate);
        One<GatherElements>(table, GatherReference.Evaluate);
        One<GatherND>(table, GatherReference.Evaluate);
        One<Identity>(table, static (_, c) => c.Value(0));
        One<MakeOptional>(table, static (_, c) => new OptionalValue(c.Optional(0)));
        One<NonZero>(table, SelectionReference.Evaluate);
        One<NumberRange>(table, FillReference.Evaluate);
        One<OneHot>(table, FillReference.Evaluate);
        One<OptionalGetElement>(table, SequenceReference.GetElement);
        One<OptionalHasElement>(table, SequenceReference.HasElement);
        One<Pad>(table, PadReference.Evaluate);
        One<Reshape>(table, MovementReference.Evaluate);
        One<ReverseSequence>(table, SelectionReference.Evaluate);
        One<ScatterElements>(table, ScatterReference.Evaluate);
        One<ScatterND>(table, ScatterReference.Evaluate);
        One<SequenceAt>(table, SequenceReference.At);
        One<SequenceConstruct>(table, SequenceReference.Construct);
        One<SequenceEmpty>(table, static (_, _) => new SequenceValue([]));
        One<SequenceErase>(table, SequenceReference.Erase);
        One<SequenceInsert>(table, SequenceReference.Insert);
        One<SequenceLength>(table, SequenceReference.Length);
        Many<SequenceMap>(table, SequenceReference.Map);
        One<ShapeOf>(table, ShapeOfReference.Evaluate);
        One<Size>(table, static (_, c) => Tensor.Scalar((long)c[0].Count));
        One<Slice>(table, MovementReference.Evaluate);
        One<SpaceToDepth>(table, SelectionReference.Evaluate);
        Many<Split>(table, MovementReference.Evaluate);
        One<SplitToSequence>(table, SequenceReference.Split);
        One<Squeeze>(table, MovementReference.Evaluate);
        One<TensorScatter>(table, SelectionReference.Evaluate);
        One<Tile>(table, MovementReference.Evaluate);
        One<Transpose>(table, MovementReference.Evaluate);
        One<Trilu>(table, SelectionReference.Evaluate);
        Many<Unique>(table, SelectionReference.Evaluate);
        One<Unsqueeze>(table, MovementReference.Evaluate);

        // Reductions
        One<ArgMax>(table, static (op, c) => RankingReference.Evaluate(op, c, largest: true));
        One<ArgMin>(table, static (op, c) => RankingReference.Evaluate(op, c, largest: false));
        One<CumProd>(table, static (op, c) => RankingReference.Evaluate(op, c, 1, static (a, b) => a * b, static (a, b) => unchecked(a * b)));
        One<CumSum>(table, static (op, c) => RankingReference.Evaluate(op, c, 0, static (a, b) => a + b, static (a, b) => unchecked(a + b)));
        One<ReduceL1>(table, static (op, c) => ReductionReference.Evaluate(op, c, ReductionReference.L1));
        One<ReduceL2>(table, static (op, c) => ReductionReference.Evaluate(op, c, ReductionReference.L2));
        One<ReduceLogSum>(table, static (op, c) => ReductionReference.Evaluate(op, c, ReductionReference.LogSum));
        One<ReduceLogSumExp>(table, ReductionReference.LogSumExp);
        One<ReduceMax>(table, static (op, c) => ReductionReference.Evaluate(op, c, ReductionReference.Max));
        One<ReduceMean>(table, static (op, c) => ReductionReference.Evaluate(op, c, ReductionReference.Mean));
        One<ReduceMin>(table, static (op, c) => ReductionReference.Evaluate(op, c, ReductionReference.Min));
        One<ReduceProd>(table, static (op, c) => ReductionReference.Evaluate(op, c, ReductionReference.Prod));
        One<ReduceSum>(table, static (op, c) => ReductionReference.Evaluate(op, c, ReductionReference.Sum));
        One<ReduceSumSquare>(table, static (op, c) => ReductionReference.Evaluate(op, c, ReductionReference.SumSquare));
        Many<TopK>(table, RankingReference.Evaluate);

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
