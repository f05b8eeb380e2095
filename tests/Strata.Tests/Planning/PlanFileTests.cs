using System.Text;
using Strata.Compiler.Planning;
using Strata.Passes;

namespace Strata.Tests.Planning;

/// <summary>Plans as documents: what is written is read back, and what cannot be meant is refused with the row.</summary>
public class PlanFileTests
{
    [Fact]
    public void WhatIsWrittenIsRead()
    {
        var rows = new List<(WeightPlanRow Row, PlanFacts? Facts)> { (new("kept \"ä\"", "layer", null), new(10, 40, null, "it contains NaN or infinity")), (new(null, "whole layer", null), null) };
        foreach (var format in WeightFormat.All)
        {
            foreach (string group in format.IsScaled ? ["channel", "tensor", "48"] : new[] { "channel" })
            {
                foreach (var search in format.IsScaled ? [ScaleSearch.SquaredError, ScaleSearch.AbsMax] : new[] { ScaleSearch.SquaredError })
                    rows.Add((new($"{format.Name} {group} {search}", null, new(format, WeightGroups.Parse(group)!.Value, search)), new(1000, 12, double.PositiveInfinity)));
            }
        }
        using var stream = new MemoryStream();
        PlanFile.Write(stream, rows, ("model.onnx", new string('0', 64)));
        Assert.Equal(rows.Select(r => r.Row), PlanFile.Read(stream.ToArray(), "plan.json").Rows);
    }

    [Fact]
    public void PeopleMayLeaveOutWhatHasADefault()
    {
        var rows = Read("""{"schema": "strata.plan/1", /* mine */ "weights": [{"weight": "a", "format": "int4"}, {"layer": "b", "format": "int8", "group": "tensor"},]}""").Rows;
        Assert.Equal<WeightPlanRow>([new("a", null, new(WeightFormat.Find("int4")!, new(32))), new(null, "b", new(WeightFormat.Find("int8")!, WeightGroups.Tensor))], rows);
    }

    [Theory]
    [InlineData("[]", "a plan is an object")]
    [InlineData("{", "line 1: not JSON")]
    [InlineData("""{"weights": []}""", "a plan is an object")]
    [InlineData("""{"schema": "strata.plan/2", "weights": []}""", "this version reads 'strata.plan/1'")]
    [InlineData("""{"schema": "strata.plan/1"}""", "no array \"weights\"")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [3]}""", "row 1 is no object")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"format": "int8"}]}""", "row 1 names neither")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"weight": "a", "format": "int8"}, {"weight": "b"}]}""", "row 2 ('b'): there is no \"format\"")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"weight": "a", "format": "int9"}]}""", "row 1 ('a'): the format 'int9' does not exist")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"weight": "a", "format": "int8", "group": 1}]}""", "the group '1'")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"weight": "a", "format": "int8", "group": 1.5}]}""", "the group '1.5'")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"weight": "a", "format": "int8", "scales": "max"}]}""", "scales 'max' do not exist")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"weight": "a", "format": "f16", "group": 32}]}""", "f16 has no scales")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"weight": "a", "fromat": "int8"}]}""", "unknown property 'fromat'; near 'format'")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"weight": 5, "format": "int8"}]}""", "\"weight\" is no text")]
    public void WhatCannotBeMeantIsRefused(string json, string message) =>
        Assert.Contains(message, Assert.Throws<StrataFormatException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"weight": "a", "format": "int8"}, {"weight": "a", "format": "keep"}]}""", "two rows of the plan name the weight 'a'")]
    [InlineData("""{"schema": "strata.plan/1", "weights": [{"layer": "a", "format": "int8"}, {"layer": "a", "format": "keep"}]}""", "two rows of the plan name the layer 'a'")]
    public void RowsThatContradictEachOtherAreRefused(string json, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidOptionException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void TheNearestNamesComeFirst()
    {
        string[] known = ["block1/conv.weight", "block2/conv.weight", "block12/conv.weight", "head.weight"];
        Assert.Equal("block12/conv.weight", NearNames.Of("block12/conv.wieght", known)[0]);
        Assert.Equal("head.weight", NearNames.Of("head", known)[0]);
        Assert.Empty(NearNames.Of("any", []));
    }

    private static WeightPlan Read(string json) => PlanFile.Read(Encoding.UTF8.GetBytes(json), "plan.json");
}
