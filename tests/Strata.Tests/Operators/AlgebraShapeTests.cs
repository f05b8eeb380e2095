using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Shape rules of products, recurrences and attention with symbolic dimensions, unknown ranks and refused operands.</summary>
public class AlgebraShapeTests
{
    private readonly ShapeProbe probe = new();

    [Theory]
    [InlineData("B, H, S, 64", "B, H, 64, T", "f32[B, H, S, T]")]
    [InlineData("N, K", "K, M", "f32[N, M]")]
    [InlineData("5, 1, N, K", "7, K, M", "f32[5, 7, N, M]")]
    [InlineData("K", "K, M", "f32[M]")]
    [InlineData("B, N, K", "K", "f32[B, N]")]
    [InlineData("K", "K", "f32[]")]
    [InlineData(null, "4, 5", "f32[*]")]
    public void MatMulInfers(string? a, string? b, string expected) => Assert.Equal(expected, probe.Type(new MatMul(), probe.F32(a), probe.F32(b)));

    [Fact]
    public void ProductsRefuse()
    {
        Assert.Contains("last but one of the right: 3 against 4", probe.Refusal(new MatMul(), probe.F32("2, 3"), probe.F32("4, 5")));
        Assert.Contains("a scalar is not a matrix", probe.Refusal(new MatMul(), probe.F32(""), probe.F32("4, 5")));
        Assert.Contains("element types differ: f32 and i64", probe.Refusal(new MatMul(), probe.F32("2, 3"), probe.I64("3, 5")));
        Assert.Contains("inner dimensions of a and b must agree", probe.Refusal(new Gemm { TransB = true }, probe.F32("2, 3"), probe.F32("3, 4")));
        Assert.Contains("must be a matrix, is [2, 3, 4]", probe.Refusal(new Gemm(), probe.F32("2, 3, 4"), probe.F32("4, 4")));
        Assert.Contains("c must broadcast to [1, 4], is [2, 4]", probe.Refusal(new Gemm(), probe.F32("1, 3"), probe.F32("3, 4"), probe.F32("2, 4")));
        Assert.Equal("f32[M, N]", probe.Type(new Gemm { TransA = true }, probe.F32("K, M"), probe.F32("K, N"), probe.F32("N")));
    }

    [Fact]
    public void IntegerProductsWrap()
    {
        var a = Tensor.From<int>([1, 2], [int.MaxValue, 2]);
        var b = Tensor.From<int>([2, 1], [2, 3]);
        Assert.Equal([unchecked(int.MaxValue * 2 + 6)], ShapeProbe.Run(new MatMul(), a, b).Span<int>().ToArray());
    }

    [Fact]
    public void AnInfiniteFactorReachesOnlyItsRow()
    {
        var a = Tensor.From<float>([2, 2], [float.PositiveInfinity, 0, 1, 2]);
        var b = Tensor.From<float>([2, 2], [0, 1, 3, 4]);
        Assert.Equal([float.NaN, float.PositiveInfinity, 6, 9], ShapeProbe.Run(new MatMul(), a, b).Span<float>().ToArray());
    }

    [Fact]
    public void RecurrencesInferInBothLayouts()
    {
        Assert.Equal(["f32[S, 1, B, 8]", "f32[1, B, 8]", "f32[1, B, 8]"], probe.Types(new Lstm(), 3, probe.F32("S, B, 5"), probe.F32("1, 32, 5"), probe.F32("1, 32, 8")));
        Assert.Equal(["f32[B, S, 2, 8]", "f32[B, 2, 8]"], probe.Types(new Gru { Layout = 1, Direction = RecurrenceDirection.Bidirectional }, 2, probe.F32("B, S, 5"), probe.F32("2, 24, 5"), probe.F32("2, 24, 8")));
        Assert.Equal("f32[?0, 1, ?1, 8]", probe.Type(new Rnn { HiddenSize = 8 }, probe.F32(null), probe.F32(null), probe.F32(null)));
    }

    [Fact]
    public void RecurrencesRefuse()
    {
        var (x, w, r) = (probe.F32("S, B, 5"), probe.F32("1, 32, 5"), probe.F32("1, 32, 8"));
        Assert.Contains("the weights (input 1) must have shape [2, 32, 5]", probe.Refusal(new Lstm { Direction = RecurrenceDirection.Bidirectional }, x, w, r));
        Assert.Contains("hidden_size must be the last dimension of the recurrence weights: 8 against 7", probe.Refusal(new Lstm { HiddenSize = 7 }, x, w, r));
        Assert.Contains("activation 'Gelu' is unknown; allowed are Relu, Tanh", probe.Refusal(new Lstm { Activations = ["Sigmoid", "Gelu", "Tanh"] }, x, w, r));
        Assert.Contains("activations needs 3 names, has 1", probe.Refusal(new Lstm { Activations = ["Sigmoid"] }, x, w, r));
        Assert.Contains("layout is 2, allowed are 0 and 1", probe.Refusal(new Lstm { Layout = 2 }, x, w, r));
    }

    [Fact]
    public void AttentionGrowsItsCache()
    {
        var op = new Attention { QNumHeads = 8, KvNumHeads = 2 };
        var (q, k) = (probe.F32("B, S, 512"), probe.F32("B, S, 128"));
        Assert.Equal(
            ["f32[B, S, 512]", "f32[B, 2, P + S, 64]", "f32[B, 2, P + S, 64]", "f32[B, 8, S, P + S]"],
            probe.Types(op, 4, q, k, k, null, probe.F32("B, 2, P, 64"), probe.F32("B, 2, P, 64")));
        Assert.Equal("f32[B, 4, S, 16]", probe.Type(new Attention(), probe.F32("B, 4, S, 32"), probe.F32("B, 2, T, 32"), probe.F32("B, 2, T, 16")));
        Assert.Equal("f32[*]", probe.Type(new Attention(), probe.F32(null), probe.F32(null), probe.F32(null)));
    }

    [Fact]
    public void AttentionRefuses()
    {
        var q = probe.F32("B, S, 512");
        Assert.Contains("operands of rank 3 need q_num_heads and kv_num_heads", probe.Refusal(new Attention(), q, q, q));
        Assert.Contains("3 key heads must divide 8 query heads", probe.Refusal(new Attention(), probe.F32("1, 8, 2, 4"), probe.F32("1, 3, 2, 4"), probe.F32("1, 3, 2, 4")));
        Assert.Contains("7 heads must divide the last dimension of input 0, 512", probe.Refusal(new Attention { QNumHeads = 7, KvNumHeads = 7 }, q, q, q));
        Assert.Contains("past keys and past values go together", probe.Refusal(new Attention { QNumHeads = 8, KvNumHeads = 8 }, q, q, q, null, probe.F32("B, 8, P, 64")));
        Assert.Contains("qk_matmul_output_mode is 4, allowed are 0 to 3", probe.Refusal(new Attention { QkMatmulOutputMode = (AttentionScores)4 }, q, q, q));
    }

    [Theory]
    [InlineData("bij,bjk->bik", "B, N, K", "B, K, M", "f32[B, N, M]")]
    [InlineData("...ij,jk", "5, N, 4", "4, M", "f32[5, N, M]")]
    [InlineData("ii,ij->j", "N, N", "N, M", "f32[M]")]
    [InlineData("i,j", null, "M", "f32[*]")]
    public void EinsumInfers(string equation, string? a, string? b, string expected) => Assert.Equal(expected, probe.Type(new Einsum { Equation = equation }, probe.F32(a), probe.F32(b)));

    [Theory]
    [InlineData("ij,jk->ikk", "has 'k' twice in its result")]
    [InlineData("ij,jk->iz", "has 'z' in its result only")]
    [InlineData("ij->ij", "has 1 operands, 2 are given")]
    [InlineData("i,jk->ik", "gives operand 0 1 labels, it has 2 dimensions")]
    [InlineData("i.j,jk->ik", "malformed term")]
    [InlineData("ij,jk->i->k", "more than one arrow")]
    public void EinsumRefuses(string equation, string sentence) => Assert.Contains(sentence, probe.Refusal(new Einsum { Equation = equation }, probe.F32("2, 3"), probe.F32("3, 4")));

    [Fact]
    public void DeterminantsOfSingularAndEmptyMatrices()
    {
        Assert.Equal([0f], ShapeProbe.Run(new Det(), Tensor.From<float>([2, 2], [1, 2, 2, 4])).Span<float>().ToArray());
        Assert.Equal([1f, 1f], ShapeProbe.Run(new Det(), Tensor.Zeros(ElementType.Float32, 2, 0, 0)).Span<float>().ToArray());
        Assert.Equal([0f, 0.5f, 1, -0.5f], ShapeProbe.Run(new Inverse(), Tensor.From<float>([2, 2], [1, 1, 2, 0])).Span<float>().ToArray());
        Assert.Contains("the matrices must be square: 2 against 3", probe.Refusal(new Det(), probe.F32("N, 2, 3")));
    }

    [Fact]
    public void AQueryWithoutKeysGivesZeros()
    {
        var x = Tensor.From<float>([1, 1, 2, 1], [1, 2]);
        var mask = Tensor.From<bool>([2, 2], [false, false, true, false]);
        Assert.Equal([0f, 1], ShapeProbe.Run(new Attention(), x, x, x, mask).Span<float>().ToArray());
    }

    [Fact]
    public void ASymbolMayBeTheOneThatGemmNeeds()
    {
        Assert.Equal("f32[2, 1]", probe.Type(new Gemm(), probe.F32("2, 3"), probe.F32("3, 1"), probe.F32("2, N")));
        Assert.Equal("N == 1", string.Join(", ", probe.Builder.Build().Constraints.Select(c => $"{c.Left} == {c.Right}")));
        Assert.Contains("c must broadcast to [2, 1], is [2, 4]", probe.Refusal(new Gemm(), probe.F32("2, 3"), probe.F32("3, 1"), probe.F32("2, 4")));
        Assert.Contains("c must broadcast to [2, 1], is [1, 2, 1]", probe.Refusal(new Gemm(), probe.F32("2, 3"), probe.F32("3, 1"), probe.F32("1, 2, 1")));
    }
}
