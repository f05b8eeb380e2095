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

        // Quantised and integer

        // Control flow
        Custom("If", 1, IfLowering.Lower),

        // com.microsoft
    ];
}
