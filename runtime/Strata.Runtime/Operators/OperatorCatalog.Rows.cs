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
        new(401, "conv_transpose", new ConvTranspose()),
        new(410, "average_pool", new AveragePool()),
        new(411, "max_pool", new MaxPool()),
        new(412, "lp_pool", new LpPool()),
        new(413, "global_average_pool", new GlobalAveragePool()),
        new(414, "global_max_pool", new GlobalMaxPool()),
        new(415, "global_lp_pool", new GlobalLpPool()),
        new(430, "resize", new Resize()),
        new(440, "batch_norm", new BatchNormalization()),
        new(441, "instance_norm", new InstanceNormalization()),
        new(442, "group_norm", new GroupNormalization()),
        new(443, "layer_norm", new LayerNormalization()),
        new(444, "rms_norm", new RmsNormalization()),
        new(445, "lp_normalization", new LpNormalization()),
        new(450, "softmax", new Softmax()),
        new(451, "log_softmax", new LogSoftmax()),
        new(452, "hardmax", new Hardmax()),
        new(461, "stft", new Stft()),
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
        new(650, "qlinear_conv", new QLinearConv()),
        new(651, "conv_integer", new ConvInteger()),
        new(652, "qlinear_average_pool", new QLinearAveragePool()),
        new(653, "qlinear_global_average_pool", new QLinearGlobalAveragePool()),
    ];

    private static OperatorRow[] Control =>
    [
        new(700, "if", new If()),
        new(701, "loop", new Loop()),
        new(702, "scan", new Scan()),
    ];
}
