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
        new(202, "reshape", new Reshape()),
        new(203, "transpose", new Transpose()),
        new(204, "split", new Split()),
        new(205, "slice", new Slice()),
        new(206, "gather", new Gather()),
        new(207, "gather_elements", new GatherElements()),
        new(208, "gather_nd", new GatherND()),
        new(209, "scatter_elements", new ScatterElements()),
        new(210, "scatter_nd", new ScatterND()),
        new(211, "pad", new Pad()),
        new(212, "tile", new Tile()),
        new(213, "expand", new Expand()),
        new(214, "squeeze", new Squeeze()),
        new(215, "unsqueeze", new Unsqueeze()),
        new(216, "flatten", new Flatten()),
        new(217, "identity", new Identity()),
        new(218, "size", new Size()),
        new(219, "range", new NumberRange()),
        new(220, "constant_of_shape", new ConstantOfShape()),
        new(221, "one_hot", new OneHot()),
        new(222, "eye_like", new EyeLike()),
        new(223, "dropout", new Dropout()),
        new(224, "center_crop_pad", new CenterCropPad()),
        new(225, "depth_to_space", new DepthToSpace()),
        new(226, "space_to_depth", new SpaceToDepth()),
        new(227, "trilu", new Trilu()),
        new(228, "reverse_sequence", new ReverseSequence()),
        new(229, "compress", new Compress()),
        new(230, "non_zero", new NonZero()),
        new(231, "unique", new Unique()),
        new(232, "tensor_scatter", new TensorScatter()),
        new(250, "sequence_construct", new SequenceConstruct()),
        new(251, "sequence_empty", new SequenceEmpty()),
        new(252, "sequence_insert", new SequenceInsert()),
        new(253, "sequence_erase", new SequenceErase()),
        new(254, "sequence_at", new SequenceAt()),
        new(255, "sequence_length", new SequenceLength()),
        new(256, "split_to_sequence", new SplitToSequence()),
        new(257, "concat_from_sequence", new ConcatFromSequence()),
        new(258, "sequence_map", new SequenceMap()),
        new(270, "optional", new MakeOptional()),
        new(271, "optional_has_element", new OptionalHasElement()),
        new(272, "optional_get_element", new OptionalGetElement()),
    ];

    private static OperatorRow[] Reduction =>
    [
        new(300, "reduce_max", new ReduceMax()),
        new(301, "reduce_mean", new ReduceMean()),
        new(302, "reduce_min", new ReduceMin()),
        new(303, "reduce_prod", new ReduceProd()),
        new(304, "reduce_sum", new ReduceSum()),
        new(305, "reduce_l1", new ReduceL1()),
        new(306, "reduce_l2", new ReduceL2()),
        new(307, "reduce_log_sum", new ReduceLogSum()),
        new(308, "reduce_log_sum_exp", new ReduceLogSumExp()),
        new(309, "reduce_sum_square", new ReduceSumSquare()),
        new(310, "arg_max", new ArgMax()),
        new(311, "arg_min", new ArgMin()),
        new(312, "top_k", new TopK()),
        new(313, "cum_sum", new CumSum()),
        new(314, "cum_prod", new CumProd()),
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
