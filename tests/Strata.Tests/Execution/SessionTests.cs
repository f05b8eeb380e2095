using Strata.Bitstream;
using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Execution;

public class SessionTests
{
    [Fact]
    public void SpansGoInAndOut()
    {
        using var model = Model.Load(Encoded());
        using var session = model.CreateSession();
        session.SetInput<float>("x", [1, 2, 3, 4], 2, 2);
        session.Run();
        Assert.Equal([11, 22, 13, 24], session.GetOutput<float>("y").ToArray());
        Assert.Equal([2, 2], session.OutputDims("y").ToArray());
        var mine = new float[5];
        Assert.Equal(4, session.CopyOutput<float>("y", mine));
        Assert.Equal([11, 22, 13, 24, 0], mine);
        Assert.Throws<InvalidInputException>(() => session.CopyOutput("y", new float[3].AsSpan()));
    }

    [Fact]
    public void InputsStaySetAndMayGrow()
    {
        using var model = Model.Load(new MemoryStream(Encoded()));
        using var session = model.CreateSession();
        session.SetInput<float>("x", [1, 2], 1, 2);
        session.Run();
        session.Run();
        Assert.Equal([11, 22], session.GetOutput<float>("y").ToArray());
        session.SetInput<float>("x", [0, 0, 0, 0, 0, 0], 3, 2);
        session.Run();
        Assert.Equal([10, 20, 10, 20, 10, 20], session.GetOutput<float>("y").ToArray());
    }

    [Fact]
    public void SessionsOfOneModelRunAtTheSameTime()
    {
        using var model = Model.Load(Encoded());
        Parallel.For(0, 8, i =>
        {
            using var session = model.CreateSession();
            for (int n = 0; n < 20; n++)
            {
                session.SetInput<float>("x", [i, n], 1, 2);
                session.Run();
                Assert.Equal([10 + i, 20 + n], session.GetOutput<float>("y").ToArray());
            }
        });
    }

    [Fact]
    public void MistakesNameTheInput()
    {
        using var model = Model.Load(Encoded());
        using var session = model.CreateSession();
        Assert.Contains("no input 'z'; it has x", Assert.Throws<InvalidInputException>(() => session.SetInput<float>("z", [1], 1)).Message);
        Assert.Contains("holds 4 elements, 1 are given", Assert.Throws<InvalidInputException>(() => session.SetInput<float>("x", [1], 2, 2)).Message);
        Assert.Throws<InvalidInputException>(() => session.SetInput<double>("x", [1, 2], 1, 2));
        Assert.Contains("'x' is missing", Assert.Throws<InvalidInputException>(() => session.Run()).Message);
        session.SetInput<float>("x", [1, 2, 3], 1, 3);
        Assert.Contains("'x'", Assert.Throws<InvalidInputException>(() => session.Run()).Message);
        Assert.Throws<InvalidOperationException>(() => session.GetOutput("y"));
    }

    [Fact]
    public void LimitsAndCancellationStopARun()
    {
        using var model = Model.Load(Encoded());
        using var session = model.CreateSession();
        session.SetInput<float>("x", [1, 2], 1, 2);
        Assert.Throws<ResourceLimitException>(() => session.Run(new RunOptions { MaxSteps = 0 }));
        Assert.Throws<OperationCanceledException>(() => session.Run(new RunOptions { CancellationToken = new(canceled: true) }));
    }

    [Fact]
    public void LoadingKeepsToTheMemoryLimit() =>
        Assert.Throws<ResourceLimitException>(() => Model.Load(Encoded(), new LoadOptions { MaxMemory = 400 }));

    [Fact]
    public async Task LoadingInTheBackgroundReportsProgress()
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, Encoded());
            var heard = new List<LoadProgress>();
            using var model = await Model.LoadAsync(path, new LoadOptions { Threads = 1 }, new Listener(heard));
            Assert.NotEmpty(heard);
            Assert.Equal(heard[^1].TotalBytes, heard[^1].BytesLoaded);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Model.LoadAsync(path, cancel: new(canceled: true)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ADisposedModelStartsNoSession()
    {
        var model = Model.Load(Encoded());
        var session = model.CreateSession();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(model.CreateSession);
        session.SetInput<float>("x", [1, 2], 1, 2);
        session.Run();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run());
    }

    // y = x + [10, 20], and a constant large enough to be stored as data.
    private static byte[] Encoded()
    {
        var builder = new NetworkBuilder("sum");
        var x = builder.Input("x", new TensorType(ElementType.Float32, [Dim.Symbol("n"), 2]));
        builder.Output("y", builder.Add(new Add(), [x, builder.Constant(Tensor.Vector(10f, 20f))]));
        var table = builder.Constant(Tensor.Zeros(ElementType.Float32, 100), "table");
        builder.Output("z", builder.Add(new Add(), [table, table]));
        using var file = new MemoryStream();
        NetworkEncoder.Encode(builder.Build(), file);
        return file.ToArray();
    }

    private sealed class Listener(List<LoadProgress> heard) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => heard.Add(value);
    }
}
