using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Operators.Reference;
using Strata.Tensors;
using Strata.Tests.Properties;

namespace Strata.Tests.Execution;

/// <summary>A run keeps to its memory limit and can be cancelled, whatever attributes and operands ask for.</summary>
public class RunMemoryTests
{
    private const long Limit = 16 << 20;

    private static readonly Tensor Image = Tensor.Zeros(ElementType.Float32, 1, 1, 3, 3), Regions = Tensor.From<float>([1, 4], [0, 0, 2, 2]), First = Tensor.Vector(0L);

    /// <summary>Layers of small operands whose outputs, or whose working memory, would be gigabytes.</summary>
    private static readonly Dictionary<string, (Operator Operator, Tensor?[] Operands)> Hostile = new()
    {
        ["roi_align"] = (new RoiAlign { OutputHeight = 30000, OutputWidth = 30000 }, [Image, Regions, First]),
        ["max_roi_pool"] = (new MaxRoiPool { PooledShape = [30000, 30000] }, [Image, Tensor.From<float>([1, 5], [0, 0, 0, 2, 2])]),
        ["crop_and_resize"] = (new CropAndResize(), [Image, Regions, Tensor.Vector(0), Tensor.Vector(30000, 30000)]),
        ["average_pool, many windows"] = (new AveragePool { Window = new() { KernelShape = [2, 2], Pads = [20000, 20000, 20000, 20000] } }, [Image]),
        ["average_pool, a large window"] = (new AveragePool { Window = new() { KernelShape = [30000, 30000], Strides = [30000, 30000], Pads = [29999, 29999, 29999, 29999] } }, [Image]),
        ["max_pool, a large window"] = (new MaxPool { Window = new() { KernelShape = [30000, 30000], Pads = [15000, 15000, 15000, 15000] } }, [Image]),
        ["conv, many windows"] = (new Conv { Window = new() { Pads = [20000, 20000, 20000, 20000] } }, [Image, Tensor.Zeros(ElementType.Float32, 1, 1, 1, 1)]),
        ["conv_transpose"] = (new ConvTranspose { Window = new() { Strides = [20000, 20000] } }, [Image, Tensor.Zeros(ElementType.Float32, 1, 1, 1, 1)]),
        ["expand"] = (new Expand(), [Tensor.Scalar(1f), Tensor.Vector(30000L, 30000)]),
        ["tile"] = (new Tile(), [Image, Tensor.Vector(1L, 1, 10000, 10000)]),
        ["pad"] = (new Pad(), [Image, Tensor.Vector(0L, 0, 20000, 20000, 0, 0, 0, 0)]),
        ["center_crop_pad"] = (new CenterCropPad(), [Image, Tensor.Vector(1L, 1, 30000, 30000)]),
        ["constant_of_shape"] = (new ConstantOfShape(), [Tensor.Vector(30000L, 30000)]),
        ["number_range"] = (new NumberRange(), [Tensor.Scalar(0L), Tensor.Scalar(1_000_000_000L), Tensor.Scalar(1L)]),
        ["number_range of floats"] = (new NumberRange(), [Tensor.Scalar(0f), Tensor.Scalar(1e9f), Tensor.Scalar(1f)]),
        ["one_hot"] = (new OneHot(), [Tensor.Zeros(ElementType.Int64, 1000), Tensor.Scalar(1_000_000L), Tensor.Vector(0f, 1)]),
        ["resize by sizes"] = (new Resize(), [Image, null, null, Tensor.Vector(1L, 1, 30000, 30000)]),
        ["resize by scales"] = (new Resize { Mode = Interpolation.Linear }, [Image, null, Tensor.Vector(1f, 1, 10000, 10000)]),
        ["resize, large between axes"] = (new Resize { Mode = Interpolation.Cubic }, [Tensor.Zeros(ElementType.Float32, 1, 1000), null, null, Tensor.Vector(1_000_000L, 1)]),
        ["affine_grid"] = (new AffineGrid(), [Tensor.Zeros(ElementType.Float32, 1, 2, 3), Tensor.Vector(1L, 1, 30000, 30000)]),
        ["max_unpool"] = (new MaxUnpool { Window = new() { KernelShape = [1, 1] } }, [Image, Tensor.Zeros(ElementType.Int64, 1, 1, 3, 3), Tensor.Vector(1L, 1, 30000, 30000)]),
        ["dft"] = (new Dft(), [Tensor.Zeros(ElementType.Float32, 1, 4, 1), Tensor.Scalar(1L << 28)]),
        ["random_normal"] = (new RandomNormal { Dimensions = [30000, 30000] }, []),
    };

    public static TheoryData<string> HostileNames => [.. Hostile.Keys];

    [Theory]
    [MemberData(nameof(HostileNames))]
    public void HostileLayersAreRefusedBeforeTheyAllocate(string name)
    {
        var (op, operands) = Hostile[name];
        var builder = new NetworkBuilder("hostile");
        Value?[] inputs = [.. operands.Select((o, i) => o is null ? null : builder.Input($"x{i}", new TensorType(o.ElementType, Shape.Create([.. o.Dims.Select((_, d) => Dim.Symbol($"x{i}_{d}"))]))))];
        builder.Output("y", builder.Add(op, inputs, [new OutputSpec("y")], "culprit").Outputs[0]!);
        var interpreter = new Interpreter(builder.Build());
        RuntimeValue?[] values = [.. operands.OfType<Tensor>()];

        long before = GC.GetTotalAllocatedBytes();
        var error = Assert.Throws<ResourceLimitException>(() => interpreter.Run(values, new RunOptions { MaxMemory = Limit }));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 4 * Limit); // other tests run beside this one
        Assert.StartsWith("layer 'culprit' (", error.Message, StringComparison.Ordinal);
        Assert.Contains($"the memory limit of the run is {Limit}; give smaller inputs, or raise the limit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ValuesCountWhileTheyAreNeeded()
    {
        // Eight layers of 1 MiB: two at a time in a chain, all of them as outputs.
        var x = Tensor.Zeros(ElementType.Float32, 1 << 18);
        Network chain = Negations(keep: false), all = Negations(keep: true);
        var options = new RunOptions { MaxMemory = 3 << 20 };
        Assert.Single(new Interpreter(chain).Run([x], options));
        var error = Assert.Throws<ResourceLimitException>(() => new Interpreter(all).Run([x], options));
        Assert.Equal($"layer 'n3' (Neg): it needs 1048576 bytes beside 3145728 in use, the memory limit of the run is 3145728; give smaller inputs, or raise the limit (MaxMemory, --max-memory)", error.Message);
        Assert.Equal(8, new Interpreter(all).Run([x], new RunOptions { MaxMemory = 8 << 20 }).Count);

        static Network Negations(bool keep)
        {
            var builder = new NetworkBuilder("n");
            Value last = builder.Input("x", new TensorType(ElementType.Float32, [1 << 18]));
            for (int i = 0; i < 8; i++)
            {
                last = builder.Add(new Neg(), [last], [new OutputSpec($"y{i}")], $"n{i}").Outputs[0]!;
                if (keep || i == 7) builder.Output($"y{i}", last);
            }
            return builder.Build();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ALoopThatCollectsOrGrowsMeetsTheLimit(bool collects)
    {
        // Each iteration gives 1 KiB to a stack, or doubles what it carries.
        var body = new NetworkBuilder("body");
        body.Input("i", new TensorType(ElementType.Int64, []));
        var go = body.Input("go", new TensorType(ElementType.Bool, []));
        var carried = body.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("n")]));
        var next = collects ? carried : body.Add(new Concat { Axis = 0 }, carried, carried);
        body.Output("go", go);
        body.Output("x", next);
        if (collects) body.Output("part", body.Add(new Neg(), carried));

        var builder = new NetworkBuilder("loop");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("m")]));
        var layer = builder.Add(new Loop { Body = body.Build() }, [null, null, x], [.. Enumerable.Range(0, collects ? 2 : 1).Select(i => new OutputSpec($"y{i}"))], "loop");
        builder.Output("y", layer.Outputs[^1]!);
        var error = Assert.Throws<ResourceLimitException>(() => new Interpreter(builder.Build()).Run([Tensor.Zeros(ElementType.Float32, 256)], new RunOptions { MaxMemory = Limit }));
        Assert.Contains($"the memory limit of the run is {Limit}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ShapeRulesForetellWhatLayersAllocate()
    {
        // Their extents follow from elements; they are bounded by their operands.
        string[] open = ["CastMap", "Compress", "ConcatFromSequence", "ImageDecoder", "NonMaxSuppression", "NonZero", "SequenceAt", "StringSplit", "TfIdfVectorizer", "Unique", "OptionalGetElement"];
        var wrong = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var draw in OperatorDraw.All)
        {
            for (int seed = 0; seed < 4; seed++)
            {
                var drawn = NetworkGenerator.Create(seed, 1, [draw]);
                var values = drawn.Network.Constants.ToDictionary(c => c, c => (RuntimeValue?)c.Constant!.Materialize());
                foreach (var (input, value) in drawn.Network.Inputs.Zip(drawn.Inputs)) values[input] = value;
                new Interpreter(drawn.Network).Run(drawn.Inputs, null, (layer, results) =>
                {
                    long foretold = RunMemory.Foretell(layer, [.. layer.Inputs.Select(v => v is null ? null : values[v])]), real = 0;
                    for (int i = 0; i < layer.Outputs.Length; i++)
                    {
                        if (layer.Outputs[i] is not { } output) continue;
                        values[output] = results[i];
                        if (results[i] is Tensor { ElementType: not ElementType.String } tensor) real += tensor.Footprint;
                    }
                    if (foretold < real && layer.Operator.Bodies.IsEmpty) wrong.Add(layer.Operator.ToString());
                });
            }
        }
        Assert.Empty(wrong.Except(open));
    }

    /// <summary>Layers whose work is out of proportion to their operands and outputs.</summary>
    private static readonly Dictionary<string, (Operator Operator, Tensor?[] Operands)> Long = new()
    {
        ["roi_align"] = (new RoiAlign { SamplingRatio = 40000 }, [Image, Regions, First]),
        ["average_pool"] = (new AveragePool { Window = new() { KernelShape = [2, 2] } }, [Image]),
        ["conv"] = (new Conv(), [Image, Image]),
        ["conv_transpose"] = (new ConvTranspose(), [Image, Image]),
        ["matmul"] = (new MatMul(), [Tensor.Zeros(ElementType.Float32, 64, 300), Tensor.Zeros(ElementType.Float32, 300, 64)]),
        ["matmul in parallel"] = (new MatMul(), [Tensor.Zeros(ElementType.Float32, 128, 128), Tensor.Zeros(ElementType.Float32, 128, 128)]),
        ["resize"] = (new Resize { Mode = Interpolation.Linear }, [Image, null, null, Tensor.Vector(1L, 1, 5, 5)]),
        ["grid_sample"] = (new GridSample(), [Image, Tensor.Zeros(ElementType.Float32, 1, 1, 1, 2)]),
        ["lrn"] = (new Lrn { Size = 3 }, [Image]),
        ["dft"] = (new Dft(), [Tensor.Zeros(ElementType.Float32, 1, 9, 1)]),
        ["non_max_suppression"] = (new NonMaxSuppression(), [Tensor.Zeros(ElementType.Float32, 1, 2, 4), Tensor.Zeros(ElementType.Float32, 1, 1, 2), Tensor.Scalar(2L)]),
    };

    public static TheoryData<string> LongNames => [.. Long.Keys];

    [Theory]
    [MemberData(nameof(LongNames))]
    public void CancellationIsNoticedWithinALayer(string name)
    {
        var (op, operands) = Long[name];
        var context = new ReferenceContext(operands, [new TensorType(ElementType.Float32, null)], (_, _) => throw new InvalidOperationException(), null, new CancellationToken(canceled: true));
        Assert.ThrowsAny<OperationCanceledException>(() => ReferenceEvaluations.Find(op)!(op, context));
    }
}
