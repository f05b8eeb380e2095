using System.Text;
using Strata.Compiler;
using Strata.Compiler.Data;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Support;

namespace Strata.Tests.Fidelity;

/// <summary>Recorded inputs in the forms that users have them.</summary>
public sealed class RecordedDataTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("[n, 3, 4, 4]", "5,3,4,4", 5, "1,3,4,4")] // a set per picture where a batch is open
    [InlineData("[1, 6]", "5,6", 5, "1,6")] // and where it is one
    [InlineData("[2, 6]", "8,6", 4, "2,6")] // or fixed
    [InlineData("[3, 4]", "5,3,4", 5, "3,4")] // an axis more than the input has
    [InlineData("[n, 6]", "5,6", 1, "5,6")] // the open axis of a matrix may be a length
    [InlineData("[n]", "50", 1, "50")]
    public void AnArrayHoldsSetsAlongItsFirstAxis(string shape, string dims, int sets, string each)
    {
        var network = Of(shape);
        var all = Counting(Ints(dims));
        using (var file = File.Create(In("all.npy"))) NpyFile.Write(file, all);
        var read = RecordedData.Read(In("all.npy"), network);
        Assert.Equal(sets, read.Count);
        Assert.All(read, set => Assert.Equal(Ints(each), ((Tensor)set.Inputs[0]!).Dims.ToArray()));
        Assert.Equal(all.Span<float>().ToArray(), read.SelectMany(set => ((Tensor)set.Inputs[0]!).Span<float>().ToArray()));
        Assert.Equal(sets, read.Select(set => set.Name).Distinct().Count());
    }

    [Fact]
    public void AnArchiveHoldsASetByNamesOfInputsAndOutputs()
    {
        var builder = new NetworkBuilder("sum");
        var type = new TensorType(ElementType.Float32, Shape.Of(2));
        builder.Output("sum", builder.Add(new Add(), builder.Input("a", type), builder.Input("b", type)));
        var network = builder.Build();
        foreach (int k in new[] { 2, 1 })
        {
            using var file = File.Create(In($"{k}.npz"));
            NpzFile.Write(file, [new("b", Tensor.Vector<float>([k, 1])), new("a", Tensor.Vector<double>([k, 2])), new("sum", Tensor.Vector<float>([2 * k, 3]))]);
        }
        var sets = RecordedData.Read(folder.Path, network);
        Assert.Equal(["1.npz", "2.npz"], sets.Select(s => s.Name));
        Assert.Equal([1f, 2f], ((Tensor)sets[0].Inputs[0]!).Span<float>().ToArray()); // of 64 bits, as NumPy's are
        Assert.Equal([2f, 1f], ((Tensor)sets[1].Inputs[1]!).Span<float>().ToArray());
        Assert.True(sets[0].HasOutputs);

        using (var file = File.Create(In("3.npz"))) NpzFile.Write(file, [new("c", Tensor.Vector<float>([1]))]);
        var error = Assert.Throws<InvalidOptionException>(() => RecordedData.Read(In("3.npz"), network)[0]);
        Assert.Contains("3.npz: the network has no input or output 'c'; inputs are a, b", error.Message, StringComparison.Ordinal);
        using (var file = File.Create(In("x.npy"))) NpyFile.Write(file, Tensor.Vector<float>([1, 2]));
        Assert.Contains("record .npz files", Assert.Throws<InvalidOptionException>(() => RecordedData.Read(In("x.npy"), network)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ProtoFilesHoldASetEach()
    {
        File.WriteAllBytes(In("b.pb"), OnnxValues.Serialize(Tensor.Vector<float>([3, 4]), "x"));
        File.WriteAllBytes(In("a.pb"), OnnxValues.Serialize(Tensor.Vector<float>([1, 2]), "x"));
        var sets = RecordedData.Read(folder.Path, Of("[2]"));
        Assert.Equal(["a.pb", "b.pb"], sets.Select(s => s.Name));
        Assert.Equal([3f, 4f], ((Tensor)sets[1].Inputs[0]!).Span<float>().ToArray());
    }

    [Theory]
    [InlineData("[n, 3, 2, 2]", "", "0,40,1,41,10,50,11,51,20,60,21,61", 255)] // the centre of four rows and two columns, by channels
    [InlineData("[2, 2, 3]", "order=bgr divide=1", "20,10,0,60,50,40,21,11,1,61,51,41", 1)]
    [InlineData("[1, 3, 2, 2]", "mean=1,2,3 std=2 divide=1", "-0.5,19.5,0,20,4,24,4.5,24.5,8.5,28.5,9,29", 1)]
    public void PicturesAreCutAndScaled(string shape, string how, string expected, double unit)
    {
        // Two columns 0 and 40, the rows -1, 0, 1, 2 of which the outer two are cut off; channels 10 apart.
        Picture("p.ppm", 2, 4, (x, y, c) => 40 * x + 10 * c + (y is 1 or 2 ? y - 1 : 200));
        var value = (Tensor)Assert.Single(RecordedData.Read(folder.Path, Of(shape), ImagePreparation.Parse(how)))!.Inputs[0]!;
        Assert.Equal(expected.Split(',').Select(n => float.Parse(n, System.Globalization.CultureInfo.InvariantCulture) / unit), value.ToDoubles(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void PicturesOfFoldersAreScaledToTheInput()
    {
        Picture("cats/1.ppm", 40, 20, (_, _, _) => 100);
        Picture("dogs/1.ppm", 9, 30, (_, _, _) => 200);
        File.WriteAllText(In("labels.txt"), "0 1");
        var sets = RecordedData.Read(folder.Path, Of("[1, 3, 8, 8]"));
        Assert.Equal(["cats/1.ppm", "dogs/1.ppm"], sets.Select(s => s.Name));
        foreach (var (set, expected) in sets.Zip([100 / 255f, 200 / 255f]))
            Assert.All(((Tensor)set.Inputs[0]!).Span<float>().ToArray(), v => Assert.Equal(expected, v, 1e-5f));
        Assert.Equal([1, 3, 8, 8], ((Tensor)RecordedData.Read(folder.Path, Of("[n, 3, h, w]"), ImagePreparation.Parse("size=8x8 resize=16"))[0].Inputs[0]!).Dims.ToArray());
    }

    [Theory]
    [InlineData("[n, 3, h, w]", "", "leaves the size of pictures open; give it with size=HxW")]
    [InlineData("[n, 5]", "", "takes no single picture")]
    [InlineData("[1, 3, 8, 8]", "resize=4", "resize=4 leaves 4 x 4 pixels, the input takes 8 x 8")]
    [InlineData("[1, 1, 8, 8]", "mean=1,2,3", "one for each of the 1 channels")]
    public void WhatNoPictureFitsIsSaid(string shape, string how, string message)
    {
        Picture("p.ppm", 4, 4, (_, _, _) => 1);
        var sets = RecordedData.Read(folder.Path, Of(shape), ImagePreparation.Parse(how));
        Assert.Contains(message, Assert.Throws<InvalidOptionException>(() => sets[0]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedPicturesAreRefused()
    {
        File.WriteAllBytes(In("p.png"), [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 1, 2, 3]);
        Assert.Contains("p.png", Assert.Throws<StrataFormatException>(() => RecordedData.Read(folder.Path, Of("[1, 3, 8, 8]"))[0]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NothingKnownIsSaid()
    {
        File.WriteAllText(In("notes.txt"), "none");
        Assert.Contains("holds neither", Assert.Throws<InvalidOptionException>(() => RecordedData.Read(folder.Path, Of("[2]"))).Message, StringComparison.Ordinal);
        Assert.Contains("not '.txt'", Assert.Throws<InvalidOptionException>(() => RecordedData.Read(In("notes.txt"), Of("[2]"))).Message, StringComparison.Ordinal);
        Assert.Contains("no file or folder", Assert.Throws<InvalidOptionException>(() => RecordedData.Read(In("absent"), Of("[2]"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LabelsScoreByNameAndInOrder()
    {
        File.WriteAllText(In("names.txt"), "a.npy 1\nb.npy,0\n");
        File.WriteAllText(In("order.txt"), "1\n0\n\n2\n");
        var byName = Labels.Read(In("names.txt")).NewScorer();
        byName.Add("a.npy", Tensor.Vector<float>([0, 1, 0]));
        byName.Add("some/b.npy", Tensor.Vector<float>([0, 1, 2]));
        Assert.Equal(new TaskScore(2, 0.5, null), byName.Result());

        var inOrder = Labels.Read(In("order.txt")).NewScorer();
        inOrder.Add("x", Tensor.From<float>([2, 6], [0, 5, 1, 2, 3, 4, 0, 5, 1, 2, 3, 4]));
        Assert.Contains("3 labels for 2 rows", Assert.Throws<InvalidOptionException>(inOrder.Result).Message, StringComparison.Ordinal);
        inOrder.Add("y", Tensor.From<float>([1, 6], [0, 5, 1, 2, 3, 4]));
        Assert.Equal(new TaskScore(3, 1 / 3.0, 2 / 3.0), inOrder.Result());
        Assert.Contains("'c' has no label", Assert.Throws<InvalidOptionException>(() => byName.Add("c", Tensor.Vector<float>([0, 1, 0]))).Message, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(folder.Path, name);

    private static int[] Ints(string list) => [.. list.Split(',').Select(n => int.Parse(n, System.Globalization.CultureInfo.InvariantCulture))];

    private static Tensor Counting(int[] dims) => Tensor.From<float>(dims, [.. Enumerable.Range(0, Tensor.CountOf(dims)).Select(i => (float)i)]);

    private void Picture(string name, int width, int height, Func<int, int, int, int> pixel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        var bytes = new List<byte>(Encoding.ASCII.GetBytes($"P6\n{width} {height}\n255\n"));
        for (int i = 0; i < width * height * 3; i++) bytes.Add((byte)pixel(i / 3 % width, i / 3 / width, i % 3));
        File.WriteAllBytes(In(name), [.. bytes]);
    }

    private static Network Of(string shape)
    {
        var builder = new NetworkBuilder("identity");
        var symbols = new Dictionary<string, Dim>();
        var dims = shape.Trim('[', ']').Split(", ").Select(d => int.TryParse(d, out int n) ? Dim.Of(n) : symbols.TryGetValue(d, out var known) ? known : symbols[d] = builder.Fresh()).ToArray();
        builder.Output("y", builder.Add(new Identity(), builder.Input("x", new TensorType(ElementType.Float32, Shape.Create(dims)))));
        return builder.Build();
    }
}
