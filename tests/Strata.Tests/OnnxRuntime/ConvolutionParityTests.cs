#if HAVE_ONNXRUNTIME
using Strata.Tensors;
#endif
using Strata.Tests.Support;

namespace Strata.Tests.OnnxRuntime;

/// <summary>Convolution, pooling, resampling and their quantised forms against ONNX Runtime, where no recorded case exists.</summary>
public class ConvolutionParityTests
{
    [TheoryRequiring(TestSource.OnnxRuntime)]
    [MemberData(nameof(Cases))]
    public void AgreesWithOnnxRuntime(string name)
    {
        TestData.Require(TestSource.OnnxRuntime);
#if HAVE_ONNXRUNTIME
        Runs[name]();
#else
        Assert.NotNull(name);
#endif
    }

#if HAVE_ONNXRUNTIME
    private const string Microsoft = "com.microsoft";

    public static TheoryData<string> Cases => [.. Runs.Keys];

    private static readonly SortedDictionary<string, Action> Runs = new(StringComparer.Ordinal)
    {
        ["ConvTranspose output_shape"] = () => Node("ConvTranspose", 11).With("strides", new[] { 2, 3 }).With("output_shape", new[] { 9, 15 }).OnFloats(1, 2, 4, 5).OnFloats(2, 3, 4, 4).OnFloats(3).Agrees(),
        ["ConvTranspose same_upper"] = () => Node("ConvTranspose", 11).With("strides", new[] { 2, 2 }).With("auto_pad", "SAME_UPPER").OnFloats(1, 2, 4, 5).OnFloats(2, 3, 3, 3).Agrees(),
        ["ConvTranspose same_lower"] = () => Node("ConvTranspose", 11).With("strides", new[] { 2, 2 }).With("auto_pad", "SAME_LOWER").OnFloats(1, 2, 4, 5).OnFloats(2, 3, 3, 3).Agrees(),
        ["ConvTranspose groups, dilations, output_padding, uneven pads"] = () => Node("ConvTranspose", 11).With("group", 2).With("strides", new[] { 3, 2 }).With("dilations", new[] { 1, 2 })
            .With("output_padding", new[] { 2, 1 }).With("pads", new[] { 0, 1, 2, 1 }).OnFloats(2, 4, 3, 4).OnFloats(4, 3, 3, 2).OnFloats(6).Agrees(),
        ["Conv same_lower"] = () => Node("Conv", 11).With("strides", new[] { 2, 2 }).With("auto_pad", "SAME_LOWER").OnFloats(1, 2, 7, 6).OnFloats(3, 2, 4, 3).Agrees(),
        ["AveragePool ceil, padding counted"] = () => Node("AveragePool", 19).With("kernel_shape", new[] { 3, 3 }).With("strides", new[] { 2, 2 }).With("pads", new[] { 1, 0, 1, 0 }).With("ceil_mode", 1).With("count_include_pad", 1).OnFloats(1, 2, 8, 8).Agrees(),
        ["AveragePool ceil, padding not counted"] = () => Node("AveragePool", 11).With("kernel_shape", new[] { 3, 3 }).With("strides", new[] { 2, 2 }).With("pads", new[] { 1, 1, 1, 1 }).With("ceil_mode", 1).OnFloats(1, 2, 8, 7).Agrees(),
        ["AveragePool dilations"] = () => Node("AveragePool", 19).With("kernel_shape", new[] { 2, 2 }).With("dilations", new[] { 2, 3 }).With("pads", new[] { 1, 1, 0, 1 }).OnFloats(1, 2, 8, 7).Agrees(),
        ["MaxPool positions, column-major"] = () => Node("MaxPool", 12).With("kernel_shape", new[] { 2, 3 }).With("strides", new[] { 2, 1 }).With("pads", new[] { 0, 1, 1, 1 }).With("storage_order", 1).OnFloats(2, 2, 5, 4).Agrees(outputs: 2),
        ["MaxPool positions in three dimensions"] = () => Node("MaxPool", 12).With("kernel_shape", new[] { 2, 3, 2 }).With("dilations", new[] { 1, 1, 2 }).OnFloats(1, 2, 4, 4, 5).Agrees(outputs: 2),
        ["MaxPool i8"] = () => Node("MaxPool", 12).With("kernel_shape", new[] { 2, 2 }).With("ceil_mode", 1).With("strides", new[] { 2, 2 }).OnCodes(ElementType.Int8, 1, 2, 5, 5).Agrees(),
        ["LpPool p 3"] = () => Node("LpPool", 11).With("kernel_shape", new[] { 2, 2 }).With("p", 3).With("pads", new[] { 1, 0, 0, 1 }).OnFloats(1, 2, 5, 5).Agrees(),
        ["GlobalLpPool"] = () => Node("GlobalLpPool", 2).With("p", 1).OnFloats(2, 3, 4, 4).Agrees(),
        ["Softmax of several axes"] = () => Node("Softmax", 11).With("axis", 1).OnFloats(2, 3, 4).Agrees(),
        ["LogSoftmax of several axes"] = () => Node("LogSoftmax", 11).With("axis", -2).OnFloats(2, 3, 4).Agrees(),
        ["Hardmax of several axes"] = () => Node("Hardmax", 11).With("axis", 1).OnFloats(2, 3, 4).Agrees(),
        ["BatchNormalization 7"] = () => Node("BatchNormalization", 7).On(Numbers(2, 3, 4)).On(Numbers(3)).On(Numbers(3)).On(Numbers(3)).On(Positive(3)).Agrees(),
        ["BatchNormalization 7, not spatial"] = () => Node("BatchNormalization", 7).With("spatial", 0).On(Numbers(2, 3, 4)).On(Numbers(3, 4)).On(Numbers(3, 4)).On(Numbers(3, 4)).On(Positive(3, 4)).Agrees(),
        ["LayerNormalization with statistics"] = () => Node("LayerNormalization", 17).With("axis", 1).OnFloats(2, 3, 4).OnFloats(3, 4).OnFloats(3, 4).Agrees(outputs: 3),
        ["Upsample nearest"] = () => Node("Upsample", 9).OnFloats(1, 2, 3, 4).On(Tensor.Vector(1f, 1f, 2f, 3f), constant: true).Agrees(),
        ["Upsample linear"] = () => Node("Upsample", 7).With("mode", "linear").With("scales", new[] { 1f, 1f, 2f, 2.5f }).OnFloats(1, 2, 3, 4).Agrees(),
        ["Resize 10 up and down"] = () => Node("Resize", 10).OnFloats(1, 1, 6, 5).On(Tensor.Vector(1f, 1f, 0.6f, 1.7f), constant: true).Agrees(),
        ["Resize 10 linear"] = () => Node("Resize", 10).With("mode", "linear").OnFloats(1, 1, 6, 5).On(Tensor.Vector(1f, 1f, 0.6f, 1.7f), constant: true).Agrees(),
        ["MaxRoiPool"] = () => Node("MaxRoiPool", 1).With("pooled_shape", new[] { 2, 3 }).With("spatial_scale", 0.5f).OnFloats(2, 2, 8, 9).On(Tensor.From<float>([3, 5], [0, 1, 2, 11, 13, 1, 0, 0, 5, 5, 0, 4, 4, 4, 4])).Agrees(),
        ["RoiAlign 10"] = () => Node("RoiAlign", 10).With("output_height", 2).With("output_width", 3).With("sampling_ratio", 2).With("spatial_scale", 0.5f).OnFloats(2, 2, 8, 9).On(Regions).On(Tensor.Vector(0L, 1L)).Agrees(),
        ["RoiAlign adaptive"] = () => Node("RoiAlign", 16).With("output_height", 2).With("output_width", 2).OnFloats(2, 2, 8, 9).On(Regions).On(Tensor.Vector(1L, 0L)).Agrees(),
        ["MeanVarianceNormalization"] = () => Node("MeanVarianceNormalization", 9).OnFloats(2, 3, 4, 5).Agrees(tolerance: 1e-4),
        ["LRN"] = () => Node("LRN", 13).With("size", 5).With("alpha", 0.5f).OnFloats(1, 7, 2, 2).Agrees(),
        ["LpNormalization"] = () => Node("LpNormalization", 1).With("axis", 1).With("p", 1).OnFloats(2, 3, 4).Agrees(),
        ["DFT of an odd length"] = () => Node("DFT", 17).With("axis", 1).With("onesided", 1).OnFloats(2, 15, 1).Agrees(),
        ["STFT with a window"] = () => Node("STFT", 17).OnFloats(2, 40, 1).On(Tensor.Scalar(6L), constant: true).On(Positive(12)).Agrees(),
        ["GridSample bicubic reflection"] = () => Node("GridSample", 16).With("mode", "bicubic").With("padding_mode", "reflection").OnFloats(1, 2, 5, 6).OnFloats(1, 4, 3, 2).Agrees(),
        ["GridSample bilinear border"] = () => Node("GridSample", 16).With("padding_mode", "border").With("align_corners", 1).OnFloats(2, 2, 5, 6).OnFloats(2, 4, 3, 2).Agrees(),
        ["ConvInteger"] = () => Node("ConvInteger", 10).With("group", 2).With("pads", new[] { 1, 0, 1, 2 }).OnCodes(ElementType.UInt8, 1, 4, 5, 5).OnCodes(ElementType.UInt8, 4, 2, 3, 3).On(Tensor.Scalar((byte)3)).On(Tensor.Scalar((byte)130)).Agrees(),
        ["QLinearConv per channel"] = () => Node("QLinearConv", 10).With("pads", new[] { 1, 1, 1, 1 }).With("strides", new[] { 2, 1 }).OnCodes(ElementType.UInt8, 1, 3, 7, 6).On(Tensor.Scalar(0.03f)).On(Tensor.Scalar((byte)120))
            .OnCodes(ElementType.Int8, 4, 3, 3, 3).On(Tensor.Vector(0.01f, 0.02f, 0.05f, 0.005f)).On(Tensor.From<sbyte>([4], [0, 0, 0, 0])).On(Tensor.Scalar(0.25f)).On(Tensor.Scalar((byte)100)).On(Tensor.Vector(100, -2000, 30, 5000)).Agrees(),
        ["QLinearAveragePool"] = () => Fused("QLinearAveragePool").With("kernel_shape", new[] { 3, 2 }).With("strides", new[] { 2, 1 }).With("pads", new[] { 1, 1, 0, 1 }).OnCodes(ElementType.UInt8, 1, 2, 7, 6)
            .On(Tensor.Scalar(0.05f)).On(Tensor.Scalar((byte)120)).On(Tensor.Scalar(0.04f)).On(Tensor.Scalar((byte)110)).Agrees(),
        ["QLinearAveragePool ties beside an odd zero-point"] = () => Fused("QLinearAveragePool").With("kernel_shape", new[] { 1, 2 }).With("strides", new[] { 1, 2 }).On(Tensor.From<byte>([1, 1, 1, 6], [0, 1, 1, 2, 2, 3]))
            .On(Tensor.Scalar(1f)).On(Tensor.Scalar((byte)0)).On(Tensor.Scalar(1f)).On(Tensor.Scalar((byte)3)).Agrees(),
        ["QLinearAveragePool channels last"] = () => Fused("QLinearAveragePool").With("kernel_shape", new[] { 3, 2 }).With("channels_last", 1).With("count_include_pad", 1).With("pads", new[] { 1, 1, 1, 0 }).OnCodes(ElementType.Int8, 1, 7, 6, 3)
            .On(Tensor.Scalar(0.05f)).On(Tensor.Scalar((sbyte)-5)).On(Tensor.Scalar(0.04f)).On(Tensor.Scalar((sbyte)3)).Agrees(),
        ["QLinearGlobalAveragePool"] = () => Fused("QLinearGlobalAveragePool").With("channels_last", 0).OnCodes(ElementType.UInt8, 2, 3, 7, 6).On(Tensor.Scalar(0.05f)).On(Tensor.Scalar((byte)120)).On(Tensor.Scalar(0.01f)).On(Tensor.Scalar((byte)110)).Agrees(),
        ["NhwcMaxPool"] = () => Fused("NhwcMaxPool").With("kernel_shape", new[] { 2, 2 }).With("strides", new[] { 2, 2 }).OnCodes(ElementType.UInt8, 1, 6, 4, 3).Agrees(),
        ["QLinearConv channels last"] = () => Fused("QLinearConv").With("channels_last", 1).With("kernel_shape", new[] { 2, 2 }).OnCodes(ElementType.UInt8, 1, 6, 5, 3).On(Tensor.Scalar(0.03f)).On(Tensor.Scalar((byte)120))
            .OnCodes(ElementType.UInt8, 2, 3, 2, 2).On(Tensor.Scalar(0.02f)).On(Tensor.Scalar((byte)128)).On(Tensor.Scalar(0.5f)).On(Tensor.Scalar((byte)100)).Agrees(),
        ["FusedConv Relu with a residual"] = () => Fused("FusedConv").With("activation", "Relu").With("kernel_shape", new[] { 3, 3 }).OnFloats(1, 2, 6, 6).OnFloats(3, 2, 3, 3).OnFloats(3).OnFloats(1, 3, 4, 4).Agrees(),
        ["FusedConv LeakyRelu"] = () => Fused("FusedConv").With("activation", "LeakyRelu").With("activation_params", new[] { 0.25f }).With("kernel_shape", new[] { 3, 3 }).OnFloats(1, 2, 6, 6).OnFloats(3, 2, 3, 3).Agrees(),
        ["FusedConv Clip"] = () => Fused("FusedConv").With("activation", "Clip").With("activation_params", new[] { -1f, 2f }).With("kernel_shape", new[] { 3, 3 }).OnFloats(1, 2, 6, 6).OnFloats(3, 2, 3, 3).Agrees(),
        ["FusedConv HardSigmoid"] = () => Fused("FusedConv").With("activation", "HardSigmoid").With("activation_params", new[] { 0.3f, 0.4f }).With("kernel_shape", new[] { 3, 3 }).OnFloats(1, 2, 6, 6).OnFloats(3, 2, 3, 3).Agrees(),
        ["CropAndResize"] = () => Fused("CropAndResize").With("extrapolation_value", 9f).OnFloats(2, 2, 5, 6).On(Tensor.From<float>([2, 4], [0.1f, 0.2f, 0.9f, 0.8f, -0.2f, 0, 1.2f, 1])).On(Tensor.Vector(1, 0)).On(Tensor.Vector(3, 4)).Agrees(),
        ["ConvTransposeWithDynamicPads"] = () => Fused("ConvTransposeWithDynamicPads").With("strides", new[] { 2, 2 }).OnFloats(1, 2, 4, 5).OnFloats(2, 3, 3, 3).On(Tensor.Vector(1L, 0, 1, 1), constant: true).Agrees(),
    };

    static ConvolutionParityTests()
    {
        foreach (string mode in new[] { "nearest", "linear", "cubic" })
        {
            foreach (string transformation in new[] { "half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric" })
            {
                foreach (bool bySizes in new[] { false, true })
                {
                    // ONNX aligns corners of the exact, ONNX Runtime of the rounded extent; recorded cases decide for ONNX.
                    if (transformation == "align_corners" && !bySizes) continue;
                    foreach (bool up in new[] { false, true })
                    {
                        Runs[$"Resize {mode} {transformation} {(bySizes ? "sizes" : "scales")} {(up ? "up" : "down")}"] = () =>
                        {
                            var node = Node("Resize", 13).With("mode", mode).With("coordinate_transformation_mode", transformation).OnFloats(1, 2, 6, 7).On(null);
                            if (bySizes) node.On(null).On(up ? Tensor.Vector(1L, 2, 11, 20) : Tensor.Vector(1L, 2, 4, 3)).Agrees();
                            else node.On(up ? Tensor.Vector(1f, 1, 1.75f, 3) : Tensor.Vector(1f, 1, 0.7f, 0.45f)).Agrees();
                        };
                    }
                }
            }
        }
        foreach (string rounding in new[] { "round_prefer_floor", "round_prefer_ceil", "floor", "ceil" })
        {
            Runs[$"Resize nearest {rounding}"] = () => Node("Resize", 18).With("nearest_mode", rounding).With("axes", new[] { 3, 2 }).OnFloats(1, 1, 6, 7).On(null).On(Tensor.Vector(1.5f, 0.5f)).Agrees();
        }
    }

    private static Tensor Regions => Tensor.From<float>([2, 4], [1, 2, 11, 13, 0.5f, 0.25f, 6, 7]);

    private static SingleNode Node(string name, int opset) => new("", name, opset);

    private static SingleNode Fused(string name) => new(Microsoft, name, 17);

    private static Tensor Numbers(params int[] dims) => Wave(dims, i => MathF.Sin(i));

    private static Tensor Positive(params int[] dims) => Wave(dims, i => 1.5f + MathF.Sin(i));

    private static Tensor Wave(int[] dims, Func<int, float> of) => Tensor.From<float>(dims, [.. Enumerable.Range(0, dims.Aggregate(1, static (a, b) => a * b)).Select(of)]);
#else
    public static TheoryData<string> Cases => ["none"];
#endif
}
