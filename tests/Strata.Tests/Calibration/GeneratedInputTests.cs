using Strata.Compiler.Calibration;
using Strata.Networks;
using Strata.Tensors;
using Strata.Tests.Passes;

namespace Strata.Tests.Calibration;

/// <summary>Inputs that look like data.</summary>
public class GeneratedInputTests
{
    [Theory]
    [InlineData("f32[2, 3, 32, 24]")]
    [InlineData("f32[1, 32, 24, 3]")]
    [InlineData("f16[1, 40, 40]")]
    public void PicturesAreSmoothAndOfUnitSize(string type)
    {
        double[] values = Draw(type).ToDoubles();
        double mean = values.Average(), deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        Assert.InRange(mean, -1, 1);
        Assert.InRange(deviation, 0.3, 2);
        // Neighbours two apart are alike, whichever axis is last.
        double steps = Enumerable.Range(0, values.Length - 3).Average(i => Math.Abs(values[i + 3] - values[i]));
        Assert.True(steps < 0.8 * deviation, $"{steps} of {deviation}");
    }

    [Fact]
    public void BytesSpanTheirRange()
    {
        double[] values = Draw("u8[1, 64, 64, 3]").ToDoubles();
        Assert.InRange(values.Average(), 60, 200);
        Assert.True(values.Max() - values.Min() > 100);
    }

    [Fact]
    public void SoundsStayWithinOneAndHavePitch()
    {
        double[] values = Draw("f32[1, 4000]").ToDoubles();
        Assert.True(values.Max(Math.Abs) < 1.5);
        double power = values.Average(v => v * v), next = Enumerable.Range(0, 3999).Average(i => values[i] * values[i + 1]);
        Assert.True(next > 0.5 * power, $"{next} of {power}");
    }

    [Fact]
    public void TokensMasksAndPositionsFitTheirUse()
    {
        var network = RuleTest.Parse($"""
            input %input_ids : i64[B, S]
            input %attention_mask : i64[B, S]
            input %token_type_ids : i64[B, S]
            input %position_ids : i64[B, S]
            const %words : f32[300, 2] = @{new string('0', 64)}
            %ids = cast(%input_ids) {"{to = i32}"}
            %e = gather(%words, %ids)
            %t = gather(%words, %token_type_ids)
            %p = gather(%words, %position_ids)
            output "e" = %e
            output "t" = %t
            output "p" = %p
            output "m" = %attention_mask
            """);
        var dims = new Dictionary<string, long> { ["B"] = 2, ["S"] = 64 };
        var values = GeneratedInputs.Create(network, 5, dims).Cast<Tensor>().Select(t => t.ToInt64s()).ToArray();
        Assert.All(values[0], v => Assert.InRange(v, 0, 299));
        Assert.True(values[0].Distinct().Count() > 30);
        Assert.All(values[1], v => Assert.Equal(1, v));
        Assert.All(values[2], v => Assert.Equal(0, v));
        Assert.Equal(Enumerable.Range(0, 128).Select(i => i % 64L), values[3]);
        Assert.Equal(values[0], ((Tensor)GeneratedInputs.Create(network, 5, dims)[0]!).ToInt64s());
        Assert.NotEqual(values[0], ((Tensor)GeneratedInputs.Create(network, 6, dims)[0]!).ToInt64s());
    }

    [Theory]
    [InlineData("f32[0, 3, 32, 32]")]
    [InlineData("f32[5]")]
    [InlineData("i64[]")]
    [InlineData("bool[3]")]
    [InlineData("f64[1, 8]")]
    public void OtherInputsAreRandom(string type) => Draw(type);

    private static Tensor Draw(string type)
    {
        var network = RuleTest.Parse($"input %x : {type}\n%y = identity(%x)\noutput \"y\" = %y");
        return (Tensor)GeneratedInputs.Create(network, 1, new Dictionary<string, long>())[0]!;
    }
}
