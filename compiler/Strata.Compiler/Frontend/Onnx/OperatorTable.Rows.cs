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
        Direct("Conv", 1, new Conv()),

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

        // Control flow
        Custom("If", 1, IfLowering.Lower),
        Custom("Loop", 1, LoopLowering.Lower),
        Custom("Scan", 9, ScanLowering.Lower),
        Custom("Scan", 8, ScanLowering.LowerBatched),

        // com.microsoft
    ];
}
