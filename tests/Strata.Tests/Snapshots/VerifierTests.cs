using VerifyXunit;

namespace Strata.Tests.Snapshots;

/// <summary>The snapshot call itself, whichever source it comes from.</summary>
public class VerifierTests
{
    [Fact]
    public Task MatchesTheVerifiedFile() => Verifier.Verify("first line\nsecond line: größer\n");

    [Theory]
    [InlineData(1, "a/b")]
    [InlineData(2, null)]
    public async Task ARowHasAFileOfItsOwn(int number, string? text) =>
        await Verifier.Verify($"{number} {text}").UseParameters(number, text);

#if !SNAPSHOTS_BY_VERIFY
    [Fact]
    public async Task ADifferenceFailsAndLeavesWhatWasReceived()
    {
        using var folder = new SnapshotFolder("one\ntwo");
        var e = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Verifier.Verify("one\n2", folder.Source));
        Assert.Contains("first in line 2", e.Message);
        Assert.Equal("one\n2", folder.Received);

        await Verifier.Verify("one\ntwo", folder.Source);
        Assert.Null(folder.Received);
    }

    [Fact]
    public async Task ANewSnapshotFails()
    {
        using var folder = new SnapshotFolder(verified: null);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await Verifier.Verify("text", folder.Source, "Test"));
        Assert.Equal("text", folder.Received);
    }

    /// <summary>A folder of one snapshot, of the test that makes it.</summary>
    private sealed class SnapshotFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("strata-snapshots-");

        public SnapshotFolder(string? verified, [System.Runtime.CompilerServices.CallerMemberName] string method = "")
        {
            if (verified is not null)
            {
                File.WriteAllText(Path.Combine(_folder.FullName, $"Tests.{method}.verified.txt"), verified);
            }
        }

        public string Source => Path.Combine(_folder.FullName, "Tests.cs");

        public string? Received =>
            _folder.GetFiles("*.received.txt").SingleOrDefault() is { } file ? File.ReadAllText(file.FullName) : null;

        public void Dispose() => _folder.Delete(recursive: true);
    }
#endif
}
