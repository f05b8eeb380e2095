using System.Globalization;
using System.Text;
using Strata.Bitstream;
using Strata.Tests.Bitstream;
using Strata.Tests.Support;

namespace Strata.Tests.Docs;

/// <summary>What docs/bitstream.md states as fact.</summary>
public class BitstreamDocumentTests
{
    private static readonly string s_page = Repository.ReadText("docs", "bitstream.md");

    [Fact]
    public void ItsExampleIsTheGoldenFile()
    {
        byte[] file = File.ReadAllBytes(GoldenNetworks.PathOf("minimal-v1"));
        Assert.Contains($"```\n{Hex(file)}```\n", s_page, StringComparison.Ordinal);
        Assert.Contains($"```\n{EncodedNetwork.Trace(new MemoryByteSource(file))}```\n", s_page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("", 0)]
    public void TheChecksumHasItsCheckValues(string text, uint expected) => Assert.Equal(expected, Checksum.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void TheChecksumContinues()
    {
        Assert.Equal(0x8A9136AA, Checksum.Of(new byte[32]));
        Assert.Equal(0xE3069283, Checksum.Of("6789"u8, Checksum.Of("12345"u8)));
    }

    private static string Hex(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (var (line, index) in bytes.Chunk(16).Select((line, index) => (line, index)))
        {
            string printable = string.Concat(line.Select(b => b is >= 0x20 and < 0x7F ? (char)b : '.'));
            text.Append(CultureInfo.InvariantCulture, $"{index * 16:x4}  {string.Join(' ', line.Select(b => b.ToString("x2", CultureInfo.InvariantCulture))),-47}  {printable}\n");
        }
        return text.ToString();
    }
}
