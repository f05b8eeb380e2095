using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Operators of classical learning that neither recorded cases nor ONNX Runtime cover.</summary>
public class LearningTests
{
    private static readonly ShapeProbe Probe = new();

    [Fact]
    public void TheTopClassOfTwoWins()
    {
        // x ≤ 0 votes 0.7 : 0.3, otherwise 0.2 : 0.8.
        var trees = new TreeEnsembleClassifier
        {
            TreeIds = [0, 0, 0], NodeIds = [0, 1, 2], FeatureIds = [0, 0, 0], Modes = ["BRANCH_LEQ", "LEAF", "LEAF"], Values = [0, 0, 0],
            TrueNodeIds = [1, 0, 0], FalseNodeIds = [2, 0, 0], VoteTreeIds = [0, 0, 0, 0], VoteNodeIds = [1, 1, 2, 2], VoteIds = [0, 1, 0, 1],
            VoteWeights = [0.7f, 0.3f, 0.2f, 0.8f], LabelStrings = ["cat", "dog"],
        };
        var results = ShapeProbe.Run(trees, 2, Tensor.From<float>([2, 1], [-1, 1])).Cast<Tensor>().ToArray();
        Assert.Equal(["cat", "dog"], results[0].Strings.ToArray());
        Assert.Equal([0.7f, 0.3f, 0.2f, 0.8f], results[1].Span<float>().ToArray());
    }

    [Fact]
    public void BranchesTestMembershipAndMissingValues()
    {
        // Feature 0 in {1, 3} → leaf 0; otherwise feature 1 ≥ 2, or missing, → leaf 1, else leaf 2.
        var trees = new TreeEnsemble
        {
            Roots = [0], FeatureIds = [0, 1], Modes = Constant.Of(Tensor.Vector<byte>(6, 2)), Splits = Constant.Of(Tensor.Vector(0f, 2f)), Members = Constant.Of(Tensor.Vector(1f, 3f, float.NaN)),
            TrueIds = [0, 1], TrueLeafs = [1, 1], FalseIds = [1, 2], FalseLeafs = [0, 1], MissingTracksTrue = [0, 1], LeafTargets = [0, 1, 0], LeafWeights = Constant.Of(Tensor.Vector(5f, 6f, 7f)), Targets = 2,
        };
        var y = ShapeProbe.Run(trees, Tensor.From<float>([4, 2], [3, 0, 2, 2, 2, 1, 2, float.NaN]));
        Assert.Equal([5f, 0, 0, 6, 7, 0, 0, 6], y.Span<float>().ToArray());
        Assert.Equal("f32[N, 2]", Probe.Type(trees, Probe.F32("N, 2")));
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(trees with { TrueIds = [0, 9] }, Tensor.From<float>([1, 2], [2, 2])));
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(trees with { FalseIds = [0, 2] }, Tensor.From<float>([1, 2], [2, 2])));
    }

    [Fact]
    public void MapsComeAndGo()
    {
        var maps = (SequenceValue)ShapeProbe.Run(new ZipMap { Int64s = [7, 9] }, 1, Tensor.From<float>([2, 2], [1, 2, 3, 4]))[0]!;
        Assert.Equal(2, maps.Items.Length);
        var second = (MapValue)maps.Items[1];
        Assert.Equal([7L, 9], second.Keys.ToInt64s());
        Assert.Equal([3f, 4f], second.Values.Select(v => ((Tensor)v).Span<float>()[0]));
        Assert.Equal("seq(map(i64, f32[]))", Probe.Type(new ZipMap { Int64s = [7, 9] }, Probe.F32("N, 2")));

        // The example of the specification.
        var map = new MapValue(Tensor.FromStrings([2], "a", "c"), [Tensor.Scalar(4f), Tensor.Scalar(8f)]);
        Assert.Equal([4f, 8, 0, 0], ShapeProbe.Run(new DictVectorizer { Strings = ["a", "c", "b", "z"] }, map).Span<float>().ToArray());
        var sparse = new MapValue(Tensor.Vector(3L, 1L), [Tensor.Scalar(0.5f), Tensor.Scalar(-2f)]);
        Assert.Equal([-2f, 0.5f], ShapeProbe.Run(new CastMap(), sparse).Span<float>().ToArray());
        Assert.Equal([0f, -2, 0, 0.5f, 0], ShapeProbe.Run(new CastMap { Sparse = true, Length = 5 }, sparse).Span<float>().ToArray());
        Assert.Throws<InvalidInputException>(() => ShapeProbe.Run(new CastMap { Sparse = true, Length = 3 }, sparse));
    }

    [Fact]
    public void ModelsThatDoNotFitAreRefused()
    {
        Assert.Contains("the attributes of 1 nodes differ in length", Probe.Refusal(new TreeEnsembleRegressor { TreeIds = [0] }, Probe.F32("N, 2")));
        Assert.Contains("coefficients and rho must be given", Probe.Refusal(new SvmRegressor(), Probe.F32("N, 2")));
        Assert.Contains("must be i64, the type of the keys, is f32", Probe.Refusal(new LabelEncoder { Keys = Constant.Of(Tensor.Vector(1L)), Values = Constant.Of(Tensor.Vector(1L)) }, Probe.F32("N")));
        Assert.Contains("there must be one score per label: 3 against 2", Probe.Refusal(new ZipMap { Int64s = [1, 2] }, Probe.F32("N, 3")));
    }
}
