using Strata.Models.Building;

namespace Strata.Tests.Models;

public class RandomStreamTests
{
    [Fact]
    public void IsSplitMix64()
    {
        var random = new RandomStream(1234567);
        ulong[] published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.Equal(published, published.Select(_ => random.Bits()));
    }

    [Fact]
    public void SeedsAreFnv1a() => Assert.Equal(0x85944171F73967E8, RandomStream.SeedOf("foobar"));

    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(2)]
    [InlineData(1.4142135623730951)]
    [InlineData(0.9999999999999999)]
    [InlineData(1e-300)]
    [InlineData(3.7e250)]
    public void TheLogarithmIsAccurate(double x) =>
        Assert.InRange(RandomStream.Log(x) - Math.Log(x), -3e-16 * Math.Max(1, Math.Abs(Math.Log(x))), 3e-16 * Math.Max(1, Math.Abs(Math.Log(x))));

    [Fact]
    public void DeviatesHaveTheMomentsTheyState()
    {
        const int Count = 200_000;
        var random = new RandomStream(1);
        double[] normal = [.. Enumerable.Range(0, Count).Select(_ => random.Normal())];
        double[] heavy = [.. Enumerable.Range(0, Count).Select(_ => random.HeavyTailed())];

        Assert.InRange(normal.Average(), -0.01, 0.01);
        Assert.InRange(normal.Average(x => x * x), 0.98, 1.02);
        Assert.InRange(normal.Average(x => x * x * x * x), 2.9, 3.1);
        Assert.InRange(heavy.Average(), -0.01, 0.01);
        Assert.InRange(heavy.Average(x => x * x), 0.98, 1.02);
        Assert.InRange(heavy.Average(x => x * x * x * x), 3.55, 3.95);
    }
}
