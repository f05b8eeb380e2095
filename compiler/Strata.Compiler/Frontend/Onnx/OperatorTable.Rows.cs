using Strata.Compiler.Frontend.Onnx.Lowering;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx;

internal static partial class OperatorTable
{
    private static OnnxOperator[] Rows() =>
    [
        // Elementwise
        Direct("Add", 7, new Add()),

        // Data movement
        Direct("CenterCropPad", 18, new CenterCropPad()),
        Direct("Concat", 4, new Concat()),
        Custom("Concat", 1, MovementLowering.ConcatDefaultAxis),
        Custom("Constant", 1, ConstantLowering.Lower),
        Direct("ConstantOfShape", 9, new ConstantOfShape()),
        Custom("Dropout", 12, MovementLowering.Dropout, new Dropout()),
        Custom("Dropout", 10, MovementLowering.DropoutAttribute(boolMask: true)),
        Custom("Dropout", 1, MovementLowering.DropoutAttribute(boolMask: false)),
        Direct("Expand", 8, new Expand()),
        Direct("EyeLike", 9, new EyeLike()),
        Direct("Flatten", 1, new Flatten()),
        Direct("Gather", 1, new Gather()),
        Direct("GatherElements", 11, new GatherElements()),
        Direct("GatherND", 11, new GatherND()),
        Direct("Identity", 1, new Identity()),
        Direct("OneHot", 9, new OneHot()),
        Direct("Pad", 11, new Pad()),
        Custom("Pad", 2, MovementLowering.PadAttribute("pads")),
        Custom("Pad", 1, MovementLowering.PadAttribute("paddings")),
        Direct("Range", 11, new NumberRange()),
        Direct("Reshape", 5, new Reshape()),
        Custom("Reshape", 1, MovementLowering.ReshapeAttribute),
        Custom("Scatter", 9, MovementLowering.Scatter),
        Direct("ScatterElements", 11, new ScatterElements()),
        Direct("ScatterND", 11, new ScatterND()),
        Direct("Shape", 1, new ShapeOf()),
        Direct("Size", 1, new Size()),
        Direct("Slice", 10, new Slice()),
        Custom("Slice", 1, MovementLowering.SliceAttribute),
        Direct("Split", 18, new Split()),
        Custom("Split", 13, MovementLowering.Split),
        Custom("Split", 1, MovementLowering.SplitAttribute),
        Direct("Squeeze", 13, new Squeeze()),
        Custom("Squeeze", 1, MovementLowering.SqueezeAttribute),
        Direct("Tile", 6, new Tile()),
        Custom("Tile", 1, MovementLowering.TileOneAxis),
        Direct("Transpose", 1, new Transpose()),
        Direct("Unsqueeze", 13, new Unsqueeze()),
        Custom("Unsqueeze", 1, MovementLowering.UnsqueezeAttribute),

        // Reductions
        Direct("ArgMax", 1, new ArgMax()),
        Direct("ArgMin", 1, new ArgMin()),
        Direct("CumProd", 26, new CumProd()),
        Direct("CumSum", 11, new CumSum()),
        Direct("ReduceL1", 18, new ReduceL1()),
        Custom("ReduceL1", 1, ReductionLowering.AxesAttribute(new ReduceL1())),
        Direct("ReduceL2", 18, new ReduceL2()),
        Custom("ReduceL2", 1, ReductionLowering.AxesAttribute(new ReduceL2())),
        Direct("ReduceLogSum", 18, new ReduceLogSum()),
        Custom("ReduceLogSum", 1, ReductionLowering.AxesAttribute(new ReduceLogSum())),
        Direct("ReduceLogSumExp", 18, new ReduceLogSumExp()),
        Custom("ReduceLogSumExp", 1, ReductionLowering.AxesAttribute(new ReduceLogSumExp())),
        Direct("ReduceMax", 18, new ReduceMax()),
        Custom("ReduceMax", 1, ReductionLowering.AxesAttribute(new ReduceMax())),
        Direct("ReduceMean", 18, new ReduceMean()),
        Custom("ReduceMean", 1, ReductionLowering.AxesAttribute(new ReduceMean())),
        Direct("ReduceMin", 18, new ReduceMin()),
        Custom("ReduceMin", 1, ReductionLowering.AxesAttribute(new ReduceMin())),
        Direct("ReduceProd", 18, new ReduceProd()),
        Custom("ReduceProd", 1, ReductionLowering.AxesAttribute(new ReduceProd())),
        Direct("ReduceSum", 13, new ReduceSum()),
        Custom("ReduceSum", 1, ReductionLowering.AxesAttribute(new ReduceSum())),
        Direct("ReduceSumSquare", 18, new ReduceSumSquare()),
        Custom("ReduceSumSquare", 1, ReductionLowering.AxesAttribute(new ReduceSumSquare())),
        Direct("TopK", 10, new TopK()),
        Custom("TopK", 1, ReductionLowering.TopKAttribute),

        // Convolution, pooling, resampling
        Direct("AveragePool", 1, new AveragePool()),
        Custom("BatchNormalization", 1, BatchNormalizationLowering.BeforeTrainingMode),
        Direct("BatchNormalization", 14, new BatchNormalization()),
        Direct("Conv", 1, new Conv()),
        Direct("ConvTranspose", 1, new ConvTranspose()),
        Direct("GlobalAveragePool", 1, new GlobalAveragePool()),
        Custom("GlobalLpPool", 1, LpPoolLowering.Global1),
        Direct("GlobalLpPool", 2, new GlobalLpPool()),
        Direct("GlobalMaxPool", 1, new GlobalMaxPool()),
        Direct("GroupNormalization", 21, new GroupNormalization()),
        Custom("Hardmax", 1, node => SoftmaxLowering.Coerced(node, axis => new Hardmax { Axis = axis })),
        Direct("Hardmax", 13, new Hardmax()),
        Custom("InstanceNormalization", 1, InstanceNormalizationLowering.Lower1),
        Direct("InstanceNormalization", 6, new InstanceNormalization()),
        Direct("LayerNormalization", 1, new LayerNormalization()), // before 17: written by ONNX Runtime's optimiser
        Custom("LogSoftmax", 1, node => SoftmaxLowering.Coerced(node, axis => new LogSoftmax { Axis = axis })),
        Direct("LogSoftmax", 13, new LogSoftmax()),
        Direct("LpNormalization", 1, new LpNormalization()),
        Custom("LpPool", 1, LpPoolLowering.Lower1),
        Direct("LpPool", 2, new LpPool()),
        Direct("MaxPool", 1, new MaxPool()),
        Direct("RMSNormalization", 23, new RmsNormalization()),
        Custom("Resize", 10, ResizeLowering.Resize10),
        Direct("Resize", 11, new Resize()),
        Direct("STFT", 17, new Stft()),
        Custom("Softmax", 1, node => SoftmaxLowering.Coerced(node, axis => new Softmax { Axis = axis })),
        Direct("Softmax", 13, new Softmax()),
        Custom("Upsample", 1, ResizeLowering.Upsample1),
        Custom("Upsample", 7, ResizeLowering.Upsample7),
        Custom("Upsample", 9, ResizeLowering.Upsample9),

        // Matrix products, normalisation, recurrence, attention
        Direct("Gemm", 7, new Gemm()),
        Custom("Gemm", 1, GemmLowering.Lower),
        Direct("GRU", 7, new Gru()),
        Custom("GRU", 1, RecurrenceLowering.Lower<Gru>),
        Direct("LSTM", 7, new Lstm()),
        Custom("LSTM", 1, RecurrenceLowering.Lower<Lstm>),
        Direct("MatMul", 1, new MatMul()),
        Direct("RNN", 7, new Rnn()),
        Custom("RNN", 1, RecurrenceLowering.Lower<Rnn>),

        // Quantised and integer
        Direct("ConvInteger", 10, new ConvInteger()),
        Direct("QLinearConv", 10, new QLinearConv()),

        // Control flow
        Custom("If", 1, IfLowering.Lower),
        Custom("Loop", 1, LoopLowering.Lower),
        Custom("Scan", 9, ScanLowering.Lower),
        Custom("Scan", 8, ScanLowering.LowerBatched),

        // com.microsoft
        Direct("QLinearAveragePool", 1, new QLinearAveragePool(), Microsoft),
        Direct("QLinearGlobalAveragePool", 1, new QLinearGlobalAveragePool(), Microsoft),
    ];
}
