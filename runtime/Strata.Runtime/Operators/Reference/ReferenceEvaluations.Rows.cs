using Strata.Tensors;

namespace Strata.Operators.Reference;

public static partial class ReferenceEvaluations
{
    // One entry per operator: One<T> for a single output, Many<T> otherwise.
    private static void AddAll(Dictionary<Type, ReferenceEvaluation> table)
    {
        // Elementwise
        One<Abs>(table, static (_, c) => UnaryReference.Abs(c[0]));
        One<Acos>(table, static (_, c) => Elementwise.Map(c[0], Math.Acos));
        One<Acosh>(table, static (_, c) => Elementwise.Map(c[0], Math.Acosh));
        One<Add>(table, static (_, c) => Broadcasting.Arithmetic(c[0], c[1], static (a, b) => a + b, static (a, b) => a + b, static (a, b) => a + b));
        One<And>(table, static (op, c) => BinaryReference.Logical(op, c[0], c[1]));
        One<Asin>(table, static (_, c) => Elementwise.Map(c[0], Math.Asin));
        One<Asinh>(table, static (_, c) => Elementwise.Map(c[0], Math.Asinh));
        One<Atan>(table, static (_, c) => Elementwise.Map(c[0], Math.Atan));
        One<Atanh>(table, static (_, c) => Elementwise.Map(c[0], Math.Atanh));
        One<Bernoulli>(table, static (op, c) => RandomReference.Bernoulli(op, c[0]));
        One<BitCast>(table, static (op, c) => c[0].Reinterpret(op.To!.Value));
        One<BitShift>(table, static (op, c) => BinaryReference.BitShift(op, c[0], c[1]));
        One<BitwiseAnd>(table, static (_, c) => BinaryReference.Bitwise(c[0], c[1], static (a, b) => a & b));
        One<BitwiseNot>(table, static (_, c) => UnaryReference.BitwiseNot(c[0]));
        One<BitwiseOr>(table, static (_, c) => BinaryReference.Bitwise(c[0], c[1], static (a, b) => a | b));
        One<BitwiseXor>(table, static (_, c) => BinaryReference.Bitwise(c[0], c[1], static (a, b) => a ^ b));
        One<Cast>(table, CastReference.Evaluate);
        One<Ceil>(table, static (_, c) => Elementwise.Map(c[0], Math.Ceiling));
        One<Celu>(table, static (op, c) => UnaryReference.Celu(op, c[0]));
        One<Clip>(table, static (_, c) => BinaryReference.Clip(c));
        One<Cos>(table, static (_, c) => Elementwise.Map(c[0], Math.Cos));
        One<Cosh>(table, static (_, c) => Elementwise.Map(c[0], Math.Cosh));
        One<Div>(table, static (_, c) => BinaryReference.Div(c[0], c[1]));
        One<Elu>(table, static (op, c) => UnaryReference.Elu(op, c[0]));
        One<Equal>(table, static (_, c) => BinaryReference.Equal(c[0], c[1]));
        One<Erf>(table, static (_, c) => Elementwise.Map(c[0], SpecialFunctions.Erf));
        One<Exp>(table, static (_, c) => Elementwise.Map(c[0], Math.Exp));
        One<Floor>(table, static (_, c) => Elementwise.Map(c[0], Math.Floor));
        One<Gelu>(table, static (op, c) => UnaryReference.Gelu(op, c[0]));
        One<Greater>(table, static (_, c) => BinaryReference.Compare(c[0], c[1], static (a, b) => a > b, static (a, b) => a > b));
        One<GreaterOrEqual>(table, static (_, c) => BinaryReference.Compare(c[0], c[1], static (a, b) => a >= b, static (a, b) => a >= b));
        One<HardSigmoid>(table, static (op, c) => UnaryReference.HardSigmoid(op, c[0]));
        One<HardSwish>(table, static (_, c) => UnaryReference.HardSwish(c[0]));
        One<IsInf>(table, static (op, c) => UnaryReference.IsInf(op, c[0]));
        One<IsNaN>(table, static (_, c) => Elementwise.Test(c[0], double.IsNaN));
        One<LeakyRelu>(table, static (op, c) => UnaryReference.LeakyRelu(op, c[0]));
        One<Less>(table, static (_, c) => BinaryReference.Compare(c[0], c[1], static (a, b) => a < b, static (a, b) => a < b));
        One<LessOrEqual>(table, static (_, c) => BinaryReference.Compare(c[0], c[1], static (a, b) => a <= b, static (a, b) => a <= b));
        One<Log>(table, static (_, c) => Elementwise.Map(c[0], Math.Log));
        One<Max>(table, static (_, c) => BinaryReference.Max(c));
        One<Mean>(table, static (_, c) => BinaryReference.Sum(c, c.InputCount));
        One<Min>(table, static (_, c) => BinaryReference.Min(c));
        One<Mish>(table, static (_, c) => UnaryReference.Mish(c[0]));
        One<Mod>(table, static (op, c) => BinaryReference.Mod(op, c[0], c[1]));
        One<Mul>(table, static (_, c) => Broadcasting.Arithmetic(c[0], c[1], static (a, b) => a * b, static (a, b) => a * b, static (a, b) => a * b));
        One<Multinomial>(table, static (op, c) => RandomReference.Multinomial(op, c[0]));
        One<Neg>(table, static (_, c) => UnaryReference.Neg(c[0]));
        One<Not>(table, static (_, c) => UnaryReference.Not(c[0]));
        One<Or>(table, static (op, c) => BinaryReference.Logical(op, c[0], c[1]));
        One<PRelu>(table, static (_, c) => BinaryReference.PRelu(c[0], c[1]));
        One<Pow>(table, static (_, c) => BinaryReference.Pow(c[0], c[1]));
        One<RandomNormal>(table, static (op, _) => RandomReference.Normal(op));
        One<RandomNormalLike>(table, static (op, c) => RandomReference.NormalLike(op, c[0]));
        One<RandomUniform>(table, static (op, _) => RandomReference.Uniform(op));
        One<RandomUniformLike>(table, static (op, c) => RandomReference.UniformLike(op, c[0]));
        One<Reciprocal>(table, static (_, c) => Elementwise.Map(c[0], static x => 1 / x));
        One<RegexFullMatch>(table, static (op, c) => StringReference.FullMatch(op, c[0]));
        One<Relu>(table, static (_, c) => UnaryReference.Relu(c[0]));
        One<Round>(table, static (_, c) => UnaryReference.Round(c[0]));
        One<Selu>(table, static (op, c) => UnaryReference.Selu(op, c[0]));
        One<Shrink>(table, static (op, c) => UnaryReference.Shrink(op, c[0]));
        One<Sigmoid>(table, static (_, c) => Elementwise.Map(c[0], SpecialFunctions.Sigmoid));
        One<Sign>(table, static (_, c) => UnaryReference.Sign(c[0]));
        One<Sin>(table, static (_, c) => Elementwise.Map(c[0], Math.Sin));
        One<Sinh>(table, static (_, c) => Elementwise.Map(c[0], Math.Sinh));
        One<Softplus>(table, static (_, c) => Elementwise.Map(c[0], SpecialFunctions.Softplus));
        One<Softsign>(table, static (_, c) => UnaryReference.Softsign(c[0]));
        One<Sqrt>(table, static (_, c) => Elementwise.Map(c[0], Math.Sqrt));
        One<StringConcat>(table, static (_, c) => StringReference.Concat(c[0], c[1]));
        One<StringNormalizer>(table, static (op, c) => StringReference.Normalize(op, c[0]));
        Many<StringSplit>(table, StringReference.Split);
        One<Sub>(table, static (_, c) => Broadcasting.Arithmetic(c[0], c[1], static (a, b) => a - b, static (a, b) => a - b, static (a, b) => a - b));
        One<Sum>(table, static (_, c) => BinaryReference.Sum(c, 1));
        One<Swish>(table, static (op, c) => UnaryReference.Swish(op, c[0]));
        One<Tan>(table, static (_, c) => Elementwise.Map(c[0], Math.Tan));
        One<Tanh>(table, static (_, c) => Elementwise.Map(c[0], Math.Tanh));
        One<ThresholdedRelu>(table, static (op, c) => UnaryReference.ThresholdedRelu(op, c[0]));
        One<Where>(table, static (_, c) => BinaryReference.Where(c[0], c[1], c[2]));
        One<Xor>(table, static (op, c) => BinaryReference.Logical(op, c[0], c[1]));

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
        One<AffineGrid>(table, AffineGridReference.Evaluate);
        One<AveragePool>(table, PoolingReference.Average);
        Many<BatchNormalization>(table, NormalizationReference.Batch);
        One<BlackmanWindow>(table, SpectralReference.Window);
        One<Col2Im>(table, Col2ImReference.Evaluate);
        One<Conv>(table, ConvReference.Evaluate);
        One<ConvTranspose>(table, ConvTransposeReference.Evaluate);
        One<CropAndResize>(table, CropAndResizeReference.Evaluate);
        One<DeformConv>(table, DeformConvReference.Evaluate);
        One<Dft>(table, DftReference.Evaluate);
        One<GlobalAveragePool>(table, static (_, c) => PoolingReference.GlobalAverage(c));
        One<GlobalLpPool>(table, PoolingReference.GlobalNorm);
        One<GlobalMaxPool>(table, static (_, c) => PoolingReference.GlobalMax(c));
        One<GridSample>(table, GridSampleReference.Evaluate);
        One<GroupNormalization>(table, NormalizationReference.Group);
        One<HammingWindow>(table, SpectralReference.Window);
        One<HannWindow>(table, SpectralReference.Window);
        One<Hardmax>(table, AlongAxisReference.Hardmax);
        One<ImageDecoder>(table, Images.ImageDecoderReference.Evaluate);
        One<InstanceNormalization>(table, NormalizationReference.Instance);
        One<Interleave>(table, InterleaveReference.Evaluate);
        Many<LayerNormalization>(table, NormalizationReference.Layer);
        One<LogSoftmax>(table, AlongAxisReference.LogSoftmax);
        One<LpNormalization>(table, AlongAxisReference.LpNormalization);
        One<LpPool>(table, PoolingReference.Norm);
        One<Lrn>(table, LrnReference.Evaluate);
        Many<MaxPool>(table, PoolingReference.Max);
        One<MaxRoiPool>(table, RegionPoolingReference.Max);
        One<MaxUnpool>(table, MaxUnpoolReference.Evaluate);
        One<MeanVarianceNormalization>(table, LrnReference.MeanVariance);
        One<MelWeightMatrix>(table, SpectralReference.MelWeights);
        One<NonMaxSuppression>(table, NonMaxSuppressionReference.Evaluate);
        One<Resize>(table, ResizeReference.Evaluate);
        Many<RmsNormalization>(table, NormalizationReference.Rms);
        One<RoiAlign>(table, RegionPoolingReference.Align);
        One<Softmax>(table, AlongAxisReference.Softmax);
        One<Stft>(table, StftReference.Evaluate);

        // Matrix products, normalisation, recurrence, attention
        Many<Attention>(table, AttentionReference.Evaluate);
        Many<CausalConvWithState>(table, CausalConvWithStateReference.Evaluate);
        One<Det>(table, SquareMatricesReference.Evaluate);
        One<Einsum>(table, EinsumReference.Evaluate);
        One<Gemm>(table, MatMulReference.Evaluate);
        Many<GroupQueryAttention>(table, GroupQueryAttentionReference.Evaluate);
        Many<Gru>(table, RecurrenceReference.Evaluate);
        One<Inverse>(table, SquareMatricesReference.Evaluate);
        Many<LinearAttention>(table, LinearAttentionReference.Evaluate);
        Many<Lstm>(table, RecurrenceReference.Evaluate);
        One<MatMul>(table, MatMulReference.Evaluate);
        One<NegativeLogLikelihoodLoss>(table, NegativeLogLikelihoodLossReference.Evaluate);
        Many<Rnn>(table, RecurrenceReference.Evaluate);
        One<RotaryEmbedding>(table, RotaryEmbeddingReference.Evaluate);
        One<TfIdfVectorizer>(table, TfIdfVectorizerReference.Evaluate);

        // Quantised and integer
        One<ConvInteger>(table, QuantizedConvReference.Integer);
        One<DequantizeLinear>(table, LinearQuantizationReference.Dequantize);
        Many<DynamicQuantizeLinear>(table, LinearQuantizationReference.DynamicQuantize);
        One<MatMulInteger>(table, QuantizedMatMulReference.Evaluate);
        One<MatMulNBits>(table, QuantizedMatMulReference.Evaluate);
        One<QLinearAveragePool>(table, QLinearPoolingReference.Average);
        One<QLinearConv>(table, QuantizedConvReference.Linear);
        One<QLinearGlobalAveragePool>(table, QLinearPoolingReference.GlobalAverage);
        One<QLinearMatMul>(table, QuantizedMatMulReference.Evaluate);
        One<QuantizeLinear>(table, LinearQuantizationReference.Quantize);

        // Control flow
        Many<If>(table, IfReference.Evaluate);
        Many<Loop>(table, LoopReference.Evaluate);
        Many<Scan>(table, LoopReference.Evaluate);

        // Learning
        One<CastMap>(table, LabelReference.Evaluate);
        One<DictVectorizer>(table, LabelReference.Evaluate);
        One<LabelEncoder>(table, LabelReference.Evaluate);
        One<ScoreTransform>(table, ScoreTransforms.Evaluate);
        Many<SvmClassifier>(table, SupportVectorReference.Evaluate);
        One<SvmRegressor>(table, SupportVectorReference.Evaluate);
        One<TreeEnsemble>(table, TreeReference.Evaluate);
        Many<TreeEnsembleClassifier>(table, TreeReference.Evaluate);
        One<TreeEnsembleRegressor>(table, TreeReference.Evaluate);
        One<ZipMap>(table, LabelReference.Evaluate);
    }
}
