using System.Reflection;

namespace Strata.Tests.Support;

public class TestDataTests
{
    [Fact]
    public void EveryRequiredSourceIsHere() =>
        Assert.Equal(TestSource.None, TestData.Required & ~TestData.Present);

    [Theory]
    [InlineData(null, TestSource.None)]
    [InlineData("", TestSource.None)]
    [InlineData("testdata", TestSource.TestData)]
    [InlineData("testdata, onnxruntime", TestSource.TestData | TestSource.OnnxRuntime)]
    [InlineData("shared,testdata", TestSource.Shared | TestSource.TestData)]
    public void RequiredSourcesAreReadFromAList(string? list, TestSource expected) =>
        Assert.Equal(expected, TestData.ParseRequired(list));

    [Fact]
    public void AnUnknownRequiredSourceIsAnError() =>
        Assert.Contains("'onnx'", Assert.Throws<InvalidOperationException>(() => TestData.ParseRequired("testdata,onnx")).Message);

    /// <summary>Where all other sources are required, exactly the tests that need the shared folder may be skipped.</summary>
    [Fact]
    public void AllowedSkipsAreTheTestsThatNeedTheSharedFolder()
    {
        IEnumerable<string> needShared =
            from type in typeof(TestDataTests).Assembly.GetTypes()
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
            where method.GetCustomAttributes().OfType<IRequires>().Any(a => a.Needed.HasFlag(TestSource.Shared))
            select $"{type.FullName}.{method.Name}";

        IEnumerable<string> listed = Repository.ReadText("tests", "allowed-skips.txt")
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'));

        Assert.Equal(needShared.Order(StringComparer.Ordinal), listed);
    }
}
