using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>
/// GPT-2 (Radford et al. 2019) with the keys and values of earlier tokens as inputs and of all tokens as outputs; the
/// past may be empty. Causal mask sliced from a table, GELU by Tanh, output weights tied to the embeddings.
/// </summary>
internal static class Decoder
{
    private const float Epsilon = 1e-5f;

    private sealed record Config(int Vocabulary, int Positions, int Hidden, int Heads, int Layers)
    {
        public int HeadSize => Hidden / Heads;
    }

    private sealed record Past(string Key, string Value);

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        var config = size == ModelSize.Small ? new Config(320, 64, 40, 4, 2) : new Config(50257, 1024, 768, 12, 12);
        var model = new ModelBuilder("decoder", size == ModelSize.Small ? "GPT-2" : "GPT-2 small", size, 18, weights)
        {
            SampleDims =
            {
                ["batch"] = size == ModelSize.Small ? 2 : 1,
                ["sequence"] = size == ModelSize.Small ? 3 : 128,
                ["past_sequence"] = size == ModelSize.Small ? 5 : 0,
            },
        };
        var g = model.Graph;

        string ids = g.Input("input_ids", ElementType.Int64, ["batch", "sequence"], Samples.Indices(config.Vocabulary));
        string attended = g.Input("attention_mask", ElementType.Int64, ["batch", "past_sequence + sequence"], Samples.PaddingMask);
        ModelDim[] Cached(string length) => ["batch", config.Heads, length, config.HeadSize];
        Past[] past = [.. Enumerable.Range(0, config.Layers).Select(layer => new Past(
            g.Input($"past_key_values.{layer}.key", ElementType.Float32, Cached("past_sequence"), Samples.Normal),
            g.Input($"past_key_values.{layer}.value", ElementType.Float32, Cached("past_sequence"), Samples.Normal)))];

        var t = g["transformer"];
        string before = t.DimOf(past[0].Key, 2);
        string total = t.Node("Add", [before, t.DimOf(ids, 1)]);
        string positions = t.Unsqueeze(t.Node("Range", [before, total, t.Scalar(1L)]), 0);
        string causal = CausalTable(t, config.Positions);
        string mask = t.Unsqueeze(t.Unsqueeze(t.Node("Cast", [attended], ("to", (int)ElementType.Float32)), 1), 2);
        mask = t.Node("Mul", [t.Node("Sub", [t.Scalar(1f), mask]), t.Scalar(-10000f)]);

        string table = t["wte"].Embedding(config.Vocabulary, config.Hidden, 1 / Math.Sqrt(config.Hidden));
        string x = t["wte"].Node("Gather", [table, ids]);
        x = t.Node("Add", [x, t["wpe"].Node("Gather", [t["wpe"].Embedding(config.Positions, config.Hidden, 0.05), positions])]);

        var present = new Past[config.Layers];
        for (int layer = 0; layer < config.Layers; layer++)
            x = Block(t[$"h.{layer}"], config, x, past[layer], causal, mask, out present[layer]);

        x = t["ln_f"].LayerNorm(x, config.Hidden, Epsilon);
        string logits = g["lm_head"].Node("MatMul", [x, g["lm_head"].Transpose(table, 1, 0)]);
        g.Output("logits", logits, ElementType.Float32, "batch", "sequence", config.Vocabulary);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            g.Output($"present.{layer}.key", present[layer].Key, ElementType.Float32, Cached("past_sequence + sequence"));
            g.Output($"present.{layer}.value", present[layer].Value, ElementType.Float32, Cached("past_sequence + sequence"));
        }
        return model;
    }

    private static string Block(GraphBuilder g, Config config, string x, Past past, string causal, string mask, out Past present)
    {
        string y = Attention(g["attn"], config, g["ln_1"].LayerNorm(x, config.Hidden, Epsilon), past, causal, mask, out present);
        x = g.Node("Add", [y, x]);
        y = Conv1D(g["mlp.c_fc"], g["ln_2"].LayerNorm(x, config.Hidden, Epsilon), config.Hidden, 4 * config.Hidden);
        y = Conv1D(g["mlp.c_proj"], g["mlp.act"].GeluByTanh(y), 4 * config.Hidden, config.Hidden);
        return g.Node("Add", [x, y]);
    }

    private static string Attention(GraphBuilder g, Config config, string x, Past past, string causal, string mask, out Past present)
    {
        string joined = Conv1D(g["c_attn"], x, config.Hidden, 3 * config.Hidden, gain: 1.5);
        string[] parts = g.Node("Split", 3, [joined, g.Constant(config.Hidden, config.Hidden, config.Hidden)], ("axis", 2));
        string query = g.SplitHeads(parts[0], config.Heads, config.HeadSize);
        string key = g.Node("Concat", [past.Key, g.SplitHeads(parts[1], config.Heads, config.HeadSize)], ("axis", -2));
        string value = g.Node("Concat", [past.Value, g.SplitHeads(parts[2], config.Heads, config.HeadSize)], ("axis", -2));
        present = new(key, value);

        string scores = g.Node("MatMul", [query, g.Transpose(key, 0, 1, 3, 2)]);
        scores = g.Node("Div", [scores, g.Scalar((float)Math.Sqrt(config.HeadSize))]);

        string end = g.DimOf(key, -2), start = g.Node("Sub", [end, g.DimOf(query, -2)]);
        end = g.Unsqueeze(end, 0);
        string visible = g.Slice(g.Slice(causal, g.Unsqueeze(start, 0), end, axis: 2), g.Constant(0), end, axis: 3);
        scores = g.Node("Add", [g.Node("Where", [visible, scores, g.Scalar(float.MinValue)]), mask]);

        string context = g.Node("MatMul", [g.Node("Softmax", [scores], ("axis", -1)), value]);
        return Conv1D(g["c_proj"], g.MergeHeads(context, config.Heads, config.HeadSize), config.Hidden, config.Hidden);
    }

    /// <summary>GPT-2's own linear layer: a Gemm over all tokens, between two reshapes.</summary>
    private static string Conv1D(GraphBuilder g, string x, int inputs, int outputs, double gain = 1)
    {
        string flat = g.Node("Gemm",
            [
                g.Node("Reshape", [x, g.Constant(-1, inputs)]),
                g.Parameter("weight", [inputs, outputs], Fills.Weights(gain / Math.Sqrt(inputs))),
                g.Parameter("bias", [outputs], Fills.Normal(0, 0.05)),
            ],
            ("alpha", 1f), ("beta", 1f));
        return g.Reshape(flat, g.DimOf(x, 0), g.DimOf(x, 1), outputs);
    }

    /// <summary>True where a token (third dimension) may look at another (fourth): <c>[1, 1, count, count]</c>.</summary>
    private static string CausalTable(GraphBuilder g, int count) => g.Initializer("bias", ElementType.Bool, [1, 1, count, count], (_, bytes) =>
    {
        for (int i = 0; i < count; i++) bytes.Slice(i * count, i + 1).Fill(1);
    });
}
