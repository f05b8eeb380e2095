using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Passes;
using Strata.Tensors;

namespace Strata.Compiler.Calibration;

/// <summary>
/// Gathers the moments of the vectors that one weight is multiplied with. Vectors are collected in a buffer of
/// <see cref="BufferRows"/> rows, whose products the engine's own matrix kernel adds up.
/// </summary>
internal sealed class MomentGatherer
{
    private const int BufferRows = 512;

    // More vectors tell little more, and cost as much.
    private const int MostVectors = 4096;

    private readonly Layer layer;
    private readonly float[]?[] buffers; // by group and block; there while vectors come in
    private readonly int quota;
    private int filled;

    private MomentGatherer(Layer layer, InputMoments moments, int sets)
    {
        (this.layer, Moments) = (layer, moments);
        buffers = new float[]?[moments.Groups * moments.BlockCount];
        quota = Math.Max(1, MostVectors / Math.Max(1, sets));
    }

    /// <summary>What was gathered.</summary>
    public InputMoments Moments { get; }

    /// <summary>A gatherer for a weight of a layer that is to see so many sets of inputs; null where the weight is no matrix whose rows meet vectors of an operand.</summary>
    public static MomentGatherer? Of(Layer layer, int operand, int sets)
    {
        var dims = layer.Inputs[operand]!.Constant!.Dims;
        return (layer.Operator, operand) switch
        {
            (Conv conv, 1) when dims.Length >= 3 => Make((int)conv.Group, Product(dims[1..])),
            (Gemm { TransA: false, TransB: true }, 1) => Make(1, dims[1]),
            (Gemm { TransA: false }, 1) => Make(1, dims[0]),
            (MatMul, 1) when dims.Length == 2 => Make(1, dims[0]),
            (Recurrence, 1) => Make(dims[0], dims[2]),
            _ => null,
        };

        MomentGatherer? Make(int groups, int columns) => columns == 0 ? null : new(layer, new InputMoments(groups, columns), sets);
    }

    /// <summary>Adds the vectors of one set of inputs, evenly thinned to this set's share.</summary>
    public void Add(Tensor operand, OuterProducts products)
    {
        float[] values = operand.ElementType == ElementType.Float32 ? operand.Span<float>().ToArray() : Array.ConvertAll(operand.ToDoubles(), v => (float)v);
        if (layer.Operator is Conv conv) AddWindows(conv, operand, values, products);
        else
        {
            int vectors = values.Length / Moments.Columns, step = Math.Max(1, vectors / quota);
            for (int v = 0; v < vectors; v += step)
            {
                // Directions of a recurrence read the same inputs.
                for (int g = 0; g < Moments.Groups; g++) Put(g, values.AsSpan(v * Moments.Columns, Moments.Columns));
                Next(products);
            }
        }
    }

    /// <summary>Adds what the buffers still hold, and lets go of them.</summary>
    public void Complete(OuterProducts products)
    {
        if (filled > 0) Flush(products);
        Array.Clear(buffers);
    }

    private void Flush(OuterProducts products)
    {
        for (int i = 0; i < buffers.Length; i++)
        {
            int length = Moments.Block(i % Moments.BlockCount).Length;
            var buffer = buffers[i]!;
            buffer.AsSpan(filled * length).Clear();
            products.AddTo(Moments.Sums(i / Moments.BlockCount, i % Moments.BlockCount), buffer, BufferRows, length);
        }
        Moments.Count += filled;
        filled = 0;
    }

    private void Put(int group, ReadOnlySpan<float> vector)
    {
        for (int block = 0; block < Moments.BlockCount; block++)
        {
            var (start, length) = Moments.Block(block);
            var buffer = buffers[group * Moments.BlockCount + block] ??= new float[BufferRows * length];
            vector.Slice(start, length).CopyTo(buffer.AsSpan(filled * length));
        }
    }

    private void Next(OuterProducts products)
    {
        if (++filled == BufferRows) Flush(products);
    }

    private void AddWindows(Conv conv, Tensor operand, float[] values, OuterProducts products)
    {
        int[] input = [.. operand.Dims.AsSpan()[2..]], kernel = [.. layer.Inputs[1]!.Constant!.Dims[2..]], output = new int[input.Length], pads = new int[input.Length];
        for (int d = 0; d < input.Length; d++)
        {
            var (begin, end) = conv.Window.PadsFor(d, input[d], kernel[d]);
            long span = input[d] + begin + end - (kernel[d] - 1) * conv.Window.Dilation(d) - 1;
            (pads[d], output[d]) = (begin, span < 0 ? 0 : (int)(span / conv.Window.Stride(d)) + 1);
        }
        int positions = Product(output), all = operand.Dims[0] * positions, step = Math.Max(1, all / quota), taps = Product(kernel);
        var vector = new float[Moments.Columns];
        for (int v = 0; v < all; v += step)
        {
            for (int g = 0; g < Moments.Groups; g++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    int at = PositionOf(v % positions, tap);
                    for (int c = 0; c < vector.Length / taps; c++)
                        vector[c * taps + tap] = at < 0 ? 0 : values[(v / positions * operand.Dims[1] + g * (vector.Length / taps) + c) * Product(input) + at];
                }
                Put(g, vector);
            }
            Next(products);
        }

        // Where in a plane a tap of the window at an output position reads; −1 in the padding.
        int PositionOf(int position, int tap)
        {
            int at = 0, scale = 1;
            for (int d = input.Length - 1; d >= 0; d--)
            {
                long coordinate = position % output[d] * conv.Window.Stride(d) + tap % kernel[d] * conv.Window.Dilation(d) - pads[d];
                if (coordinate < 0 || coordinate >= input[d]) return -1;
                at += (int)coordinate * scale;
                (scale, position, tap) = (scale * input[d], position / output[d], tap / kernel[d]);
            }
            return at;
        }
    }

    private static int Product(ReadOnlySpan<int> dims)
    {
        int product = 1;
        foreach (int dim in dims) product *= dim;
        return product;
    }
}

/// <summary>Sums of outer products, <c>Pᵀ · P</c>, by the engine.</summary>
internal sealed class OuterProducts(int threads) : IDisposable
{
    private readonly Dictionary<(int Rows, int Columns), (Model Model, Session Session)> sessions = [];

    /// <summary>Adds Pᵀ · P of a matrix in row-major order.</summary>
    public void AddTo(Span<float> sums, float[] matrix, int rows, int columns)
    {
        if (!sessions.TryGetValue((rows, columns), out var engine))
        {
            var builder = new NetworkBuilder("outer products");
            var p = builder.Input("p", new TensorType(ElementType.Float32, Shape.Of(rows, columns)));
            builder.Output("sums", builder.Add(new Gemm { TransA = true }, p, p));
            var model = Model.Of(builder.Build(), new LoadOptions { Threads = threads });
            sessions[(rows, columns)] = engine = (model, model.CreateSession());
        }
        engine.Session.SetInput<float>("p", matrix, rows, columns);
        engine.Session.Run();
        var products = engine.Session.GetOutput<float>("sums");
        for (int i = 0; i < sums.Length; i++) sums[i] += products[i];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (model, session) in sessions.Values)
        {
            session.Dispose();
            model.Dispose();
        }
    }
}
