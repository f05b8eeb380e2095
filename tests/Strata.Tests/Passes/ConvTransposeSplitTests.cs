using Strata.Bitstream;
using Strata.Compiler.Frontend.Onnx;
using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Passes.Decomposition;
using Strata.Tensors;
using Strata.Tests.Bitstream;
using Strata.Tests.Kernels;
using VerifyXunit;

namespace Strata.Tests.Passes;

public class ConvTransposeSplitTests() : RuleTest(new ConvTransposeSplit())
{
    private const int Blocks = 8;

    private static readonly int PerBlock = int.TryParse(Environment.GetEnvironmentVariable("STRATA_CONV_TRANSPOSES"), out int wanted) ? (wanted + Blocks - 1) / Blocks : 60;

    // Steps of 2 with unknown extents, one with taps left for half of the outputs only, groups along one axis with dilation, SAME, and no step at all.
    protected override string Firing => """
        input %x : f32[N, 3, H, W]
        input %row : f32[2, 4, L]
        const %w : f32[3, 5, 4, 4] = @0000000000000000000000000000000000000000000000000000000000000001
        const %b : f32[5] = @0000000000000000000000000000000000000000000000000000000000000002
        const %few : f32[3, 2, 1, 3] = @0000000000000000000000000000000000000000000000000000000000000003
        const %shift : f32[2] = [1, -2]
        const %grouped : f32[4, 3, 3] = @0000000000000000000000000000000000000000000000000000000000000004
        const %flat : f32[3, 2, 3, 3] = @0000000000000000000000000000000000000000000000000000000000000005
        %doubled = conv_transpose(%x, %w, %b) {strides = [2, 2], pads = [1, 1, 1, 1]}
        %sparse = conv_transpose(%x, %few, %shift) {strides = [2, 1], output_padding = [1, 0]}
        %signal = conv_transpose(%row, %grouped) {group = 2, strides = [3], dilations = [2], pads = [-1, 4]}
        %same = conv_transpose(%row, %grouped) {group = 2, strides = [2], auto_pad = SAME_UPPER}
        %turned = conv_transpose(%x, %flat) {pads = [1, 1, 1, 1]}
        output "doubled" = %doubled
        output "sparse" = %sparse
        output "signal" = %signal
        output "same" = %same
        output "turned" = %turned
        """;

    protected override IReadOnlyList<string> NearMisses =>
    [
        // Too many sub-filters.
        """
        input %x : f32[1, 2, 3, 3]
        input %w : f32[2, 1, 3, 3]
        %y = conv_transpose(%x, %w) {strides = [17, 16]}
        output "y" = %y
        """,
        // Outputs do not grow with inputs.
        """
        input %x : f32[1, 2, L]
        input %w : f32[2, 1, 3]
        %y = conv_transpose(%x, %w) {strides = [2], output_shape = [9]}
        output "y" = %y
        """,
        // Taps that are not known, nothing to give, and nothing that a tap reaches.
        """
        input %x : f32[1, 2, 4]
        input %w : f32[2, 1, K]
        %y = conv_transpose(%x, %w) {strides = [2]}
        output "y" = %y
        """,
        """
        input %x : f32[1, 2, 2]
        input %w : f32[2, 1, 3]
        %y = conv_transpose(%x, %w) {strides = [2], pads = [3, 2]}
        output "y" = %y
        """,
        """
        input %x : f32[1, 2, 1]
        input %w : f32[2, 1, 1]
        %y = conv_transpose(%x, %w) {strides = [3], pads = [-1, 1]}
        output "y" = %y
        """,
    ];

    protected override double Bound => 1e-6;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, Blocks)];

    [Fact]
    public Task Fires() => Verifier.Verify(BeforeAndAfter());

    /// <summary>Whole numbers, which no order of additions rounds: by the interpreter and by kernels, encoded, and exported again. STRATA_CONV_TRANSPOSES asks for more.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void WholeNumbersStayExact(int seed)
    {
        var random = new Random(seed);
        int split = 0, joined = 0;
        for (int done = 0; done < PerBlock;)
        {
            var draw = DrawnConvTranspose.From(random);
            if (draw.Expected() is not { } expected) continue;
            done++;
            bool hasOpenExtents = random.Next(2) == 0, isConstant = random.Next(4) > 0;
            var network = Draw(draw, hasOpenExtents, isConstant);
            var after = Run(network);
            if (ReferenceEquals(after, network)) continue;
            split++;
            RuntimeValue?[] inputs = isConstant ? [draw.X] : draw.Bias is null ? [draw.X, draw.W] : [draw.X, draw.W, draw.Bias];
            Require(new Interpreter(after).Run(inputs), expected, after, "interpreter");
            using var model = Model.Of(done % 4 == 0 ? EncodedFile.Decode(EncodedFile.Encode(after)) : after);
            using var session = model.CreateSession();
            foreach (var (input, value) in after.Inputs.Zip(inputs)) session.SetInput(input.Name, value!);
            session.Run();
            Require([session.GetOutput("y")], expected, after, "engine");
            if (after.Layers.FirstOrDefault(l => l.Operator is Interleave) is not { } last || !isConstant) continue;
            Assert.True(SubFilterJoin.Of(last) is not null, $"not recognised as one layer\n{Print(after)}");
            joined++;
            if (done % 4 != 0) continue;
            using var exported = OnnxModel.Parse(OnnxExporter.Export(after), "exported");
            var again = OnnxImporter.Import(exported);
            Assert.IsType<ConvTranspose>(Assert.Single(again.Layers).Operator);
            Require(new Interpreter(again).Run(inputs), expected, after, "exported");
        }
        Assert.True(split > PerBlock / 2 && joined > PerBlock / 4, $"{split} of {PerBlock} were split, {joined} joined");
    }

    private static void Require(IReadOnlyList<RuntimeValue?> results, Tensor expected, Network network, string by) =>
        Assert.True(((Tensor)results[0]!).Dims.SequenceEqual(expected.Dims) && ((Tensor)results[0]!).Span<float>().SequenceEqual(expected.Span<float>()), $"{by}: {results[0]} against {expected}\n{Print(network)}");

    private static Network Draw(DrawnConvTranspose draw, bool hasOpenExtents, bool isConstant)
    {
        var builder = new NetworkBuilder("drawn");
        Dim[] dims = [.. draw.X.Dims.Select((d, i) => hasOpenExtents && i is 0 or > 1 ? Dim.Symbol($"d{i}") : (Dim)d)];
        var x = builder.Input("x", new TensorType(ElementType.Float32, Shape.Create(dims)));
        Value w = Operand(draw.W, "w");
        Value?[] operands = draw.Bias is null ? [x, w] : [x, w, Operand(draw.Bias, "b")];
        builder.Output("y", builder.Add(draw.Operator, operands, [new OutputSpec("y")], "drawn").Outputs[0]!);
        return builder.Build();

        Value Operand(Tensor tensor, string name) => isConstant ? builder.Constant(Constant.Of(tensor), name) : builder.Input(name, TensorType.Of(tensor));
    }
}
