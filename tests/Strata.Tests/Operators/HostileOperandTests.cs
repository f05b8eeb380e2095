using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Operands and attributes that fuzzing found to leave with another exception than a typed one.</summary>
public class HostileOperandTests
{
    private static readonly Tensor s_matrix = Tensor.From([2, 3], [1f, 2, 3, 4, 5, 6]);

    [Fact]
    public void AScalarCannotBeSplit() => Assert.Contains("cannot be cut", Refusal(new Split { NumOutputs = 1 }, ""), StringComparison.Ordinal);

    [Fact]
    public void SplitNeedsParts()
    {
        var probe = new ShapeProbe();
        Assert.Throws<InvalidNetworkException>(() => probe.Builder.Add(new Split { NumOutputs = 0 }, [probe.F32("4")], [], ""));
    }

    [Fact]
    public void ADiagonalIsOneNumber()
    {
        var error = Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new Trilu(), s_matrix, Tensor.Vector<long>()));
        Assert.Contains("input 1 must have one element", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PaddedExtentsFitTheirNumbers()
    {
        var x = Tensor.Zeros(ElementType.Float32, 1, 1, 4);
        var window = new WindowAttributes { KernelShape = [2], Pads = [int.MaxValue, int.MaxValue] };
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new AveragePool { Window = window }, x));
    }

    // Nothing is known of the operand beforehand, so its rank meets the attribute only in the run.
    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void RulesAreCheckedOnceTheRankIsKnown(long batchDims)
    {
        var builder = new NetworkBuilder("n");
        var x = builder.Input("x", new TensorType(ElementType.Float32, null));
        var indices = builder.Input("i", new TensorType(ElementType.Int64, null));
        builder.Output("y", builder.Add(new GatherND { BatchDims = batchDims }, x, indices));
        var error = Assert.Throws<InvalidInputException>(() => new Interpreter(builder.Build()).Run([s_matrix, Tensor.From([2, 1], [0L, 1])]));
        Assert.Contains($"batch_dims is {batchDims}", error.Message, StringComparison.Ordinal);
    }

    private static string Refusal(Operator op, string dims)
    {
        var probe = new ShapeProbe();
        return probe.Refusal(op, probe.F32(dims));
    }
}
