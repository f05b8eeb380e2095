using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using static Strata.Tests.Operators.Evaluation;

namespace Strata.Tests.Operators;

public class StringTests
{
    private static Tensor Text(params string[] items) => Tensor.FromStrings([items.Length], items);

    [Fact]
    public void PiecesAreCountedAndPadded()
    {
        var results = RunMany(new StringSplit { Delimiter = "," }, 2, Text("a,b,,c", "", "x"));
        Assert.Equal([3, 4], results[0].Dims.ToArray());
        Assert.Equal(["a", "b", "", "c", "", "", "", "", "x", "", "", ""], results[0].Strings.ToArray());
        Assert.Equal([4L, 1, 1], results[1].Span<long>().ToArray());
    }

    [Fact]
    public void WhiteSpaceSeparatesInRuns()
    {
        var results = RunMany(new StringSplit(), 2, Text("  hello \t world ", "   ", "one"));
        Assert.Equal(["hello", "world", "", "", "one", ""], results[0].Strings.ToArray());
        Assert.Equal([2L, 0, 1], results[1].Span<long>().ToArray());
        results = RunMany(new StringSplit { MaxSplit = 1 }, 2, Text(" a  b c "));
        Assert.Equal(["a", "b c "], results[0].Strings.ToArray());
        Assert.Equal([2, 0], Run(new StringSplit(), Tensor.Zeros(ElementType.String, 2)).Dims.ToArray());
    }

    [Fact]
    public void StopWordsGo()
    {
        var days = Text("monday", "Tuesday", "MONDAY");
        Assert.Equal(["TUESDAY"], Run(new StringNormalizer { CaseChangeAction = CaseChange.Upper, Stopwords = ["Monday"] }, days).Strings.ToArray());
        Assert.Equal(["tuesday", "monday"], Run(new StringNormalizer { CaseChangeAction = CaseChange.Lower, IsCaseSensitive = true, Stopwords = ["monday"] }, days).Strings.ToArray());
        var nothing = Run(new StringNormalizer { Stopwords = ["monday"] }, Tensor.FromStrings([1, 1], "monday"));
        Assert.Equal([1, 1], nothing.Dims.ToArray());
        Assert.Equal([""], nothing.Strings.ToArray());
    }

    [Theory]
    [InlineData(@"www\.[\w.-]+\.\bcom\b", "www.google.com", true)]
    [InlineData(@"a|ab", "ab", true)]
    [InlineData(@"(?P<year>\d{4})", "2024", true)]
    [InlineData(@"\d", "٣", false)] // ARABIC-INDIC DIGIT THREE: classes are ASCII
    [InlineData(@"[^\d\s]+", "ab", true)]
    [InlineData(@"[]a]+", "a]", true)]
    [InlineData(@"a", "a\n", false)]
    [InlineData(@"", "", true)]
    public void ExpressionsMatchTheWholeString(string pattern, string text, bool matches) =>
        Assert.Equal([matches], Run(new RegexFullMatch { Pattern = pattern }, Text(text)).Span<bool>().ToArray());

    [Fact]
    public void NoExpressionTakesExponentialTime() =>
        Assert.Equal([false], Run(new RegexFullMatch { Pattern = "(a*)*b" }, Text(new string('a', 50_000))).Span<bool>().ToArray());

    [Fact]
    public void ABrokenExpressionIsAnError() =>
        Assert.Contains("is not a valid expression", Assert.Throws<InvalidInputException>(() => Run(new RegexFullMatch { Pattern = "(" }, Text("a"))).Message, StringComparison.Ordinal);

    [Fact]
    public void StringsJoinElementByElement()
    {
        Assert.Equal(["ac", "bc"], Run(new StringConcat(), Text("a", "b"), Tensor.FromStrings([], "c")).Strings.ToArray());
        Assert.Contains("input 1 must be a string, is f32", Refusal(new StringConcat(), Type(ElementType.String, 1), F32(1)), StringComparison.Ordinal);
    }
}

public class RandomTests
{
    [Fact]
    public void TheSeedDecides()
    {
        Operator[] ops = [new RandomNormal { Dimensions = [64] }, new RandomUniform { Dimensions = [64] }, new RandomNormal { Dimensions = [64], Seed = 1 }];
        Assert.All(ops, op => Assert.True(Run(op).BitEquals(Run(op))));
        Assert.False(Run(ops[0]).BitEquals(Run(ops[2])));
    }

    [Fact]
    public void DistributionsHaveTheirMoments()
    {
        var normal = Run(new RandomNormal { Dimensions = [100_000], Mean = 3, Scale = 2, Dtype = ElementType.Float64 }).ToDoubles();
        Assert.Equal(3, normal.Average(), 0.03); // five standard errors
        Assert.Equal(4, normal.Average(v => (v - 3) * (v - 3)), 0.1);
        var uniform = Run(new RandomUniformLike { Low = -1, High = 1 }, Tensor.Zeros(ElementType.Float32, 100_000)).ToDoubles();
        Assert.InRange(uniform.Min(), -1, -0.99);
        Assert.InRange(uniform.Max(), 0.99, 1);
        Assert.Equal(0, uniform.Average(), 0.01);
        Assert.Equal(0.25, Run(new Bernoulli { Dtype = ElementType.Bool }, Of(ElementType.Float32, [100_000], [.. Enumerable.Repeat(0.25, 100_000)])).ToDoubles().Average(), 0.008);
        var classes = Run(new Multinomial { SampleSize = 100_000, Dtype = ElementType.Int64 }, Tensor.From<float>([1, 3], [MathF.Log(1), MathF.Log(2), MathF.Log(5)])).ToInt64s();
        Assert.Equal(5 / 8.0, classes.Count(c => c == 2) / 100_000.0, 0.008);
    }

    [Fact]
    public void TypesAreChecked()
    {
        Assert.Equal("f16[2, 3]", Infer(new RandomUniform { Dimensions = [2, 3], Dtype = ElementType.Float16 }));
        Assert.Equal("f32[N]", Infer(new RandomNormalLike { Dtype = ElementType.Float32 }, Type(ElementType.Int64, "N")));
        Assert.Contains("set dtype", Refusal(new RandomNormalLike(), Type(ElementType.Int64, "N")), StringComparison.Ordinal);
        Assert.Contains("shape contains -1", Refusal(new RandomNormal { Dimensions = [-1] }), StringComparison.Ordinal);
    }
}
