using System.Text;
using Strata.Networks;
using Strata.Networks.Text;
using VerifyXunit;

namespace Strata.Tests.Networks;

public class ParserErrorTests
{
    private const string Hash = "@0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// <summary>Statements of a network in which <c>%x : f32[N]</c> and <c>%i : i64[2]</c> are defined.</summary>
    private static readonly string[] Bad =
    [
        "",
        "}",
        "network \"inner\" {}",
        "metadata \"k\" \"v\"",
        "metadata \"k\" = \"v\" metadata \"k\" = \"w\"",
        "metadata \"k\" = \"\\x\"",
        "metadata \"k\" = \"no end",
        "input x : f32[]",
        "input %x : f32[]",
        "input %\"\" : f32[]",
        "input % : f32[]",
        "input %a : f31[]",
        "input %a : f32[1, 2, 3, 4, 5, 6, 7, 8, 9]",
        "input %a : f32[N",
        "input %a : f32[N +]",
        "input %a : f32[N / 2]",
        "input %a : f32[2N]",
        "input %a : f32[floordiv(N, 0)]",
        "input %a : f32[floordiv(N)]",
        "input %a : f32[9223372036854775808]",
        "input %a : f32[9223372036854775807*N + N]",
        "input %a : f32[\"\"]",
        "input %a : seq(f32[]",
        "input %a : map(i64)",
        "input %a : i8<axis=0>[2]",
        "input %a : i8<axis=99999999999, scale=f32[] 1>[2]",
        "input %a : i8<scale=f32[N] 1>[2]",
        "const %a : f32[N] = [1]",
        "const %a : f32[-1] = [1]",
        "const %a : f32[*] = [1]",
        "const %a : seq(f32[]) = [1]",
        "const %a : f32[2000000000] = [1, 2]",
        "const %a : f32[2000000000, 2000000000, 2000000000] = [1, 2]",
        "const %a : f32[2] = [1]",
        "const %a : f32[2] = [1, 2, 3]",
        "const %a : f32[2] = 1",
        "const %a : f32[] = [1]",
        "const %a : f32[] = 1e39",
        "const %a : f32[] = 0x1ffffffff",
        "const %a : f32[] = one",
        "const %a : f64[] = 1.2.3",
        "const %a : f16[] = 65520",
        "const %a : f8e4m3fn[] = 449",
        "const %a : f8e4m3fn[] = inf",
        "const %a : f4e2m1[] = 7",
        "const %a : f8e8m0[] = -1",
        "const %a : f8e8m0[] = 0",
        "const %a : i4[] = 8",
        "const %a : i4[] = -9",
        "const %a : u2[] = -1",
        "const %a : i64[] = 9223372036854775808",
        "const %a : u64[] = 99999999999999999999999999999999999999999999999999",
        "const %a : bool[] = 1",
        "const %a : bool[] = 0x100",
        "const %a : str[] = word",
        "const %a : c64[] = (1)",
        $"const %a : f32[100] = {Hash}",
        "const %a : f32[100] = @12",
        "%a = nothing(%x)",
        "%a = add(%x, %y)",
        "%a = add(%x %x)",
        "%a = add(%x)",
        "%a = add(%x, %i)",
        "%a, %a = add(%x, %x)",
        "%x = add(%x, %x)",
        "%a : f32[N] add(%x, %x)",
        "%a = shape(%x) {begin = 1}",
        "%a = shape(%x) {start = 1, start = 2}",
        "%a = shape(%x) {start = [1]}",
        "%a = shape(%x) {start = none}",
        "%a = shape(%x) {start = 1 2}",
        "%a = shape(%x) {start = 1",
        "%a = shape(%x) {start}",
        "%a = conv(%x, %x) {auto_pad = SAME}",
        "%a = conv(%x, %x) {strides = [1 1]}",
        "%a = concat(%x) \"name\" \"again\"",
        "%a : f32[] = if(%x) {then_branch = 3}",
        "%a : f32[] = if(%x) {then_branch = network \"n\" {output \"o\" = %x}}",
        "constrain N = W : \"reason\"",
        "constrain N == W",
        "output \"o\" = %nowhere",
        "output %x = \"o\"",
        "& nonsense",
        "\u0007",
    ];

    [Fact]
    public Task ErrorsSayWhereWhatWasFoundAndWhatWasExpected()
    {
        var report = new StringBuilder();
        foreach (string statement in Bad)
        {
            string message = statement.Length == 0 ? Fails("") : Fails($"network \"n\" {{\n  input %x : f32[N]\n  const %i : i64[2] = [1, 2]\n  {statement}\n}}\n");
            report.Append($"{statement.Replace("\u0007", "BEL")}\n    {message}\n");
        }
        return Verifier.Verify(report.ToString());
    }

    [Fact]
    public void NestingIsBounded()
    {
        Assert.Contains("nest", Fails($"network \"n\" {{ input %a : {Repeat("seq(", 100_000)}"), StringComparison.Ordinal);
        Assert.Contains("nest", Fails($"network \"n\" {{ input %a : f32[{Repeat("min(N, ", 100_000)}"), StringComparison.Ordinal);
        Assert.Contains("nest", Fails($"network \"n\" {{ input %a : {Repeat("f32<scale=", 100_000)}"), StringComparison.Ordinal);
        const int depth = 100;
        Assert.Contains("nest", Fails($"{Repeat("network \"n\" { %y : f32[] = if() {then_branch = ", depth)} network \"n\" {{}}{Repeat("}}", depth)}"), StringComparison.Ordinal);
    }

    [Fact]
    public void SizesAreBounded()
    {
        Fails($"network \"n\" {{ input %a : f32[{Repeat("N*", 100_000)}N] }}");
        Fails($"network \"n\" {{ input %a : f32[{string.Join(" + ", Enumerable.Range(0, 100_000).Select(i => $"N{i}"))}] }}");
        Fails($"network \"n\" {{ input %{new string('a', 5000)} : f32[] }}");
        Fails($"network \"{new string('é', 2100)}\" {{}}");

        long before = GC.GetAllocatedBytesForCurrentThread();
        Fails("network \"n\" { const %a : f32[2000000000] = [1, 2] }");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>Mutated texts are read or refused with the one error type, whatever they have become.</summary>
    [Theory]
    [MemberData(nameof(TextFormTests.Samples), MemberType = typeof(TextFormTests))]
    public void MutatedTextIsReadOrRefused(string name)
    {
        var network = SampleNetworks.All.Single(s => s.Name == name).Network;
        var store = ConstantStore.Of(network);
        string text = network.ToText(SampleNetworks.Operators);
        string[] pieces = [.. SampleNetworks.All.SelectMany(s => s.Network.ToText(SampleNetworks.Operators).Split([' ', '\n'])).Distinct().Where(p => p.Length < 200)];
        var random = new Random(text.Length);
        int refused = 0;
        for (int round = 0; round < 400; round++)
        {
            string mutated = text;
            for (int i = random.Next(1, 4); i > 0; i--) mutated = Mutate(random, mutated, pieces);
            try
            {
                var read = NetworkParser.Parse(mutated, SampleNetworks.Operators, new() { Constants = store.Find, FillSeed = 1 });
                string again = read.ToText(SampleNetworks.Operators);
                var same = NetworkParser.Parse(again, SampleNetworks.Operators, new() { Constants = ConstantStore.Of(read).Find });
                Assert.Null(NetworkComparer.FirstDifference(read, same));
            }
            catch (StrataFormatException error)
            {
                refused++;
                Assert.Matches(@"^line \d+, column \d+: ", error.Message);
            }
        }
        Assert.InRange(refused, 1, 400);
    }

    [Theory]
    [MemberData(nameof(TextFormTests.Samples), MemberType = typeof(TextFormTests))]
    public void TruncatedTextIsRefused(string name)
    {
        var network = SampleNetworks.All.Single(s => s.Name == name).Network;
        string text = network.ToText(SampleNetworks.Operators).TrimEnd();
        var options = new ParseOptions { Constants = ConstantStore.Of(network).Find };
        for (int length = 0; length < text.Length; length += 1 + text.Length / 500)
            Assert.Throws<StrataFormatException>(() => NetworkParser.Parse(text[..length], SampleNetworks.Operators, options));
    }

    private static string Mutate(Random random, string text, string[] pieces)
    {
        int at = random.Next(text.Length), length = random.Next(Math.Min(12, text.Length - at));
        return random.Next(5) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, pieces[random.Next(pieces.Length)]),
            2 => text.Remove(at, 1).Insert(at, ((char)random.Next(1, 128)).ToString()),
            3 => text.Insert(at, text.Substring(random.Next(text.Length - length), length)),
            _ => text.Remove(at, length).Insert(at, pieces[random.Next(pieces.Length)]),
        };
    }

    private static string Fails(string text) =>
        Assert.Throws<StrataFormatException>(() => NetworkParser.Parse(text, SampleNetworks.Operators)).Message;

    private static string Repeat(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();
}
