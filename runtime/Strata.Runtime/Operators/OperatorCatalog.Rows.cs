namespace Strata.Operators;

public sealed partial class OperatorCatalog
{
    private static OperatorRow[] Elementwise =>
    [
        new(1, "add", new Add()),
    ];

    private static OperatorRow[] Movement =>
    [
        new(200, "concat", new Concat()),
        new(201, "shape", new ShapeOf()),
    ];

    private static OperatorRow[] Reduction =>
    [
    ];

    private static OperatorRow[] Convolution =>
    [
        new(400, "conv", new Conv()),
    ];

    private static OperatorRow[] Algebra =>
    [
    ];

    private static OperatorRow[] Quantized =>
    [
    ];

    private static OperatorRow[] Control =>
    [
        new(700, "if", new If()),
    ];
}
