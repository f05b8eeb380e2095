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
        Direct("Concat", 4, new Concat()),
        Custom("Constant", 1, ConstantLowering.Lower),
        Direct("Shape", 1, new ShapeOf()),

        // Reductions

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
