using Strata.Networks;

namespace Strata.Tests.Networks;

public class DimTests
{
    private static readonly Dim N = Dim.Symbol("N"), W = Dim.Symbol("W");

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("N", "N")]
    [InlineData("N + N", "2*N")]
    [InlineData("N - N", "0")]
    [InlineData("1 + W + N", "N + W + 1")]
    [InlineData("W*2*N*3 - 1", "6*N*W - 1")]
    [InlineData("-N - 2 * W", "-N - 2*W")]
    [InlineData("N*-1", null)]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("N - 9223372036854775808", "N - 9223372036854775808")]
    [InlineData("\"N\"", "N")]
    [InlineData("\"floordiv\" + \"min\"*minimum", "\"floordiv\" + \"min\"*minimum")]
    [InlineData("\"a*b\"*?0*x.y_1", "\"a*b\"*?0*x.y_1")]
    [InlineData("floordiv(7, 2) + floordiv(-7, 2) + floordiv(7, -2)", "-5")]
    [InlineData("floordiv(2*N + W + 5, 2)", "N + floordiv(W + 1, 2) + 2")]
    [InlineData("floordiv(3*N, 2)", "N + floordiv(N, 2)")]
    [InlineData("floordiv(-N, 3)", "-N + floordiv(2*N, 3)")]
    [InlineData("floordiv(N, -2)", "-N + floordiv(N, 2)")]
    [InlineData("floordiv(2*N + 3, 4)", "floordiv(N + 1, 2)")]
    [InlineData("floordiv(floordiv(W - 1, 2) + 1, 2)", "floordiv(W + 1, 4)")]
    [InlineData("floordiv(floordiv(N, W), 2)", "floordiv(floordiv(N, W), 2)")]
    [InlineData("floordiv(3*N*W*W + N, N*W)", "3*W + floordiv(N, N*W)")]
    [InlineData("floordiv(N + W, N + W)", "1")]
    [InlineData("floordiv(N, 9223372036854775807)", "floordiv(N, 9223372036854775807)")]
    [InlineData("min(N, 0)", "0")]
    [InlineData("max(0, N + 1)", "N + 1")]
    [InlineData("max(N - 5, 0)", "max(0, N - 5)")]
    [InlineData("min(N - 5, 0)", "min(0, N - 5)")]
    [InlineData("min(W, N)", "min(N, W)")]
    [InlineData("max(N + 3, N - 2) + min(N + W, N)", "2*N + 3")]
    [InlineData("max(floordiv(N, 2), 0)", "floordiv(N, 2)")]
    public void HasOneCanonicalForm(string text, string? canonical)
    {
        if (canonical is null)
        {
            Assert.Throws<StrataFormatException>(() => Dim.Parse(text));
            return;
        }
        Assert.Equal(canonical, Dim.Parse(text).ToString());
        Assert.Equal(Dim.Parse(text), Dim.Parse(canonical));
    }

    [Fact]
    public void SaysWhatItIs()
    {
        Assert.Equal(0, Dim.Zero.Constant);
        Assert.Equal(-3, Dim.Of(-3).Constant);
        Assert.Null((N + 1).Constant);
        Assert.Equal("N", N.SymbolName);
        Assert.Null((2 * N).SymbolName);
        Assert.Null((N * N).SymbolName);
        Assert.Equal(["N", "W"], Dim.Parse("floordiv(N, W) + N").Symbols.Order());
        Assert.Equal(Dim.Parse("floordiv(W + 1, 2)"), Dim.Parse("floordiv(N, 2)").Substitute(s => s == "N" ? W + 1 : null));
        Assert.Null(N.Evaluate(_ => null));
    }

    [Fact]
    public void StridedChainsOfAnyGroupingAreEqual()
    {
        // Five layers of stride 2, kernel 3, padding 1 against one division by 32.
        var extent = W;
        for (int i = 0; i < 5; i++) extent = Dim.FloorDiv(extent - 1, 2) + 1;
        Assert.Equal(Dim.FloorDiv(W - 1, 32) + 1, extent);
        Assert.Equal(Dim.CeilDiv(W, 32), extent);
    }

    [Fact]
    public void FloorDivisionIdentitiesHold()
    {
        Assert.Equal(N, Dim.FloorDiv(N * 6, 6));
        Assert.Equal(N + 1, Dim.FloorDiv(N * W + W, W));
        Assert.Equal(Dim.FloorDiv(N, 2) + 3, Dim.FloorDiv(N + 6, 2));
        Assert.Equal(Dim.FloorDiv(N, 6), Dim.FloorDiv(Dim.FloorDiv(N, 2), 3));
        Assert.Equal(Dim.FloorDiv(N, 6), Dim.FloorDiv(Dim.FloorDiv(N, 3), 2));
        Assert.Equal(Dim.FloorDiv(N * 2, 6), Dim.FloorDiv(N, 3));
        Assert.Equal(N, Dim.FloorDiv(N, 2) + Dim.FloorDiv(N, 2) + (N - 2 * Dim.FloorDiv(N, 2)));
        Assert.Equal(-1L, Dim.FloorDiv(Dim.Of(-1), 5).Constant);
    }

    [Fact]
    public void RefusesWhatHasNoValue()
    {
        Assert.Throws<InvalidNetworkException>(() => Dim.FloorDiv(N, 0));
        Assert.Throws<InvalidNetworkException>(() => Dim.Of(long.MaxValue) + 1);
        Assert.Throws<InvalidNetworkException>(() => Dim.FloorDiv(N * long.MinValue, -1));
        Assert.Throws<InvalidNetworkException>(() => Dim.FloorDiv(N * long.MinValue, N * -1));
        Assert.Throws<InvalidNetworkException>(() => Dim.Symbol(""));
        Assert.Throws<InvalidInputException>(() => Dim.FloorDiv(N, W).Evaluate(_ => 0));
        Assert.Throws<InvalidInputException>(() => (N * N).Evaluate(_ => long.MaxValue));
    }

    [Fact]
    public void FormulasAreBounded()
    {
        Assert.Throws<ResourceLimitException>(() => Repeat(N + W, d => d * (d + 1)));
        Assert.Throws<ResourceLimitException>(() => Repeat(N, d => Dim.FloorDiv(d, W) + 1));

        static Dim Repeat(Dim dim, Func<Dim, Dim> step)
        {
            for (int i = 0; i < 1000; i++) dim = step(dim);
            return dim;
        }
    }

    /// <summary>Random formulas against their evaluation step by step; canonical forms survive printing and parsing.</summary>
    [Fact]
    public void FormulasKeepTheirValue()
    {
        var random = new Random(20_240_817);
        for (int round = 0; round < 1500; round++)
        {
            var values = new Dictionary<string, long> { ["N"] = random.Next(0, 40), ["W"] = random.Next(1, 40), ["a b"] = random.Next(1, 9) };
            var (dim, value) = Random(random, values, depth: random.Next(1, 6));

            Assert.Equal(value, dim.Evaluate(s => values[s]));
            Assert.Equal(dim, Dim.Parse(dim.ToString()));
            Assert.Equal(dim.ToString(), dim.Substitute(_ => null).ToString());
            Assert.Equal(value, dim.Substitute(s => Dim.Of(values[s])).Constant);
        }
    }

    [Fact]
    public void ArithmeticIsThatOfARing()
    {
        var random = new Random(7);
        var values = new Dictionary<string, long> { ["N"] = 5, ["W"] = 3, ["a b"] = 2 };
        for (int round = 0; round < 200; round++)
        {
            Dim a = Random(random, values, 3).Dim, b = Random(random, values, 3).Dim, c = Random(random, values, 2).Dim;
            Assert.Equal(a + b, b + a);
            Assert.Equal(a * b, b * a);
            Assert.Equal((a + b) + c, a + (b + c));
            Assert.Equal((a * b) * c, a * (b * c));
            Assert.Equal(a * (b + c), a * b + a * c);
            Assert.Equal(Dim.Zero, a - a);
            Assert.Equal(Dim.Min(a, b), Dim.Min(b, a));
            Assert.Equal((a + b).GetHashCode(), (b + a).GetHashCode());
        }
    }

    private static (Dim Dim, long Value) Random(Random random, Dictionary<string, long> values, int depth)
    {
        if (depth == 0)
        {
            if (random.Next(3) == 0)
            {
                int constant = random.Next(-6, 12);
                return (constant, constant);
            }
            string symbol = values.Keys.ElementAt(random.Next(values.Count));
            return (Dim.Symbol(symbol), values[symbol]);
        }
        var (a, x) = Random(random, values, depth - 1);
        var (b, y) = Random(random, values, random.Next(depth));
        switch (random.Next(7))
        {
            case 0: return (a + b, x + y);
            case 1: return (a - b, x - y);
            case 2 when Math.Abs(x) < 100_000 && Math.Abs(y) < 100_000: return (a * b, x * y);
            case 3: return (Dim.Min(a, b), Math.Min(x, y));
            case 4: return (Dim.Max(a, b), Math.Max(x, y));
            case 5 when y != 0 && !b.Is(0): return (Dim.FloorDiv(a, b), (long)Math.Floor((decimal)x / y));
            default:
                int divisor = random.Next(1, 9);
                return (Dim.FloorDiv(a, divisor), (long)Math.Floor((decimal)x / divisor));
        }
    }
}
