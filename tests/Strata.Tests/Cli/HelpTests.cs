using VerifyXunit;

namespace Strata.Tests.Cli;

public class HelpTests
{
    [Theory]
    [InlineData("")]
    [InlineData("compile")]
    [InlineData("inspect")]
    [InlineData("decode")]
    [InlineData("run")]
    [InlineData("verify")]
    [InlineData("check")]
    [InlineData("diff")]
    [InlineData("bench")]
    [InlineData("explain")]
    [InlineData("passes")]
    [InlineData("sensitivity")]
    public async Task EveryVerbExplainsItself(string verb)
    {
        using var cli = new CliRun();
        await Verifier.Verify(cli.Transcript($"{verb} --help".Trim())).UseParameters(verb);
    }

    [Fact]
    public void VersionIsOneLine()
    {
        using var cli = new CliRun();
        Assert.Equal(0, cli.Run("--version"));
        Assert.Single(cli.Out.TrimEnd('\n').Split('\n'));
    }
}
