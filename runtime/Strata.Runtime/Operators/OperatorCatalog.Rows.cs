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
        new(500, "matmul", new MatMul()),
        new(501, "gemm", new Gemm()),
        new(510, "rnn", new Rnn()),
        new(511, "gru", new Gru()),
        new(512, "lstm", new Lstm()),
    ];

    private static OperatorRow[] Quantized =>
    [
    ];

    private static OperatorRow[] Control =>
    [
        new(700, "if", new If()),
        new(701, "loop", new Loop()),
        new(702, "scan", new Scan()),
    ];
}
