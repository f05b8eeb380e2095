using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>
/// A sequence tagger: embeddings, bidirectional LSTMs over sequences of different lengths, a GRU, a linear head; any
/// batch and sequence.
/// </summary>
internal static class Tagger
{
    private sealed record Config(int Vocabulary, int Embedding, int Hidden, int Layers, int Tags);

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        var config = size == ModelSize.Small ? new Config(300, 24, 32, 1, 9) : new Config(20000, 256, 384, 2, 50);
        var model = new ModelBuilder("tagger", "embedding, bidirectional LSTM, GRU", size, 16, weights)
        {
            SampleDims = { ["batch"] = size == ModelSize.Small ? 3 : 1, ["sequence"] = size == ModelSize.Small ? 7 : 64 },
        };
        var g = model.Graph;

        string tokens = g.Input("tokens", ElementType.Int64, ["batch", "sequence"], Samples.Indices(config.Vocabulary));
        string lengths = g.Input("lengths", ElementType.Int64, ["batch"], Samples.Length("sequence"));
        string batch = g.DimOf(tokens, 0);

        string x = g["embedding"].Node("Gather", [g["embedding"].Embedding(config.Vocabulary, config.Embedding, 1), tokens]);
        x = g.Transpose(x, 1, 0, 2);
        string valid = g.Node("Cast", [lengths], ("to", (int)ElementType.Int32));
        int width = config.Embedding;
        for (int layer = 0; layer < config.Layers; layer++)
        {
            x = Lstm(g[$"lstm{layer}"], x, valid, batch, width, config.Hidden);
            width = 2 * config.Hidden;
        }
        x = Gru(g["gru"], x, batch, width, config.Hidden);
        x = g.Transpose(x, 1, 0, 2);

        string logits = g["head"].Linear(x, config.Hidden, config.Tags, gain: 4);
        string tags = g.Node("ArgMax", [logits], ("axis", 2), ("keepdims", 0));
        g.Output("logits", logits, ElementType.Float32, "batch", "sequence", config.Tags);
        g.Output("tags", tags, ElementType.Int64, "batch", "sequence");
        return model;
    }

    /// <summary><c>[S, N, inputs] → [S, N, 2 · hidden]</c>.</summary>
    private static string Lstm(GraphBuilder g, string x, string lengths, string batch, int inputs, int hidden)
    {
        var (w, r, b) = Weights(g, directions: 2, gates: 4, inputs, hidden);
        string state = Zeros(g, 2, batch, hidden), cell = Zeros(g, 2, batch, hidden);
        string y = g.Node("LSTM", 3, [x, w, r, b, lengths, state, cell], ("direction", "bidirectional"), ("hidden_size", hidden))[0];
        return g.Node("Reshape", [g.Transpose(y, 0, 2, 1, 3), g.Constant(0, 0, -1)]);
    }

    /// <summary><c>[S, N, inputs] → [S, N, hidden]</c>.</summary>
    private static string Gru(GraphBuilder g, string x, string batch, int inputs, int hidden)
    {
        var (w, r, b) = Weights(g, directions: 1, gates: 3, inputs, hidden);
        string y = g.Node("GRU", 2, [x, w, r, b, "", Zeros(g, 1, batch, hidden)], ("hidden_size", hidden), ("linear_before_reset", 1))[0];
        return g.Node("Squeeze", [y, g.Constant(1)]);
    }

    private static (string W, string R, string B) Weights(GraphBuilder g, int directions, int gates, int inputs, int hidden)
    {
        double bound = 1.5 / Math.Sqrt(hidden);
        return (
            g.Parameter("W", [directions, gates * hidden, inputs], Fills.Uniform(-bound, bound)),
            g.Parameter("R", [directions, gates * hidden, hidden], Fills.Uniform(-bound, bound)),
            g.Parameter("B", [directions, 2 * gates * hidden], Fills.Uniform(-bound, bound)));
    }

    private static string Zeros(GraphBuilder g, int directions, string batch, int hidden) => g.Node("ConstantOfShape",
        [g.ShapeFrom(directions, batch, hidden)],
        ("value", new TensorProto { DataType = (int)ElementType.Float32, Dims = { 1 }, RawData = ByteString.CopyFrom(new byte[4]) }));
}
