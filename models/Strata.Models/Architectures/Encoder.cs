using Strata.Models.Building;
using Strata.Tensors;

namespace Strata.Models.Architectures;

/// <summary>
/// BERT (Devlin et al. 2019), any batch and sequence: attention in decomposed form with computed shapes, the embeddings'
/// layer normalisation decomposed, the others not, GELU by Erf.
/// </summary>
internal static class Encoder
{
    private const float Epsilon = 1e-12f;

    private sealed record Config(int Vocabulary, int Positions, int Hidden, int Heads, int Layers, int Intermediate)
    {
        public int HeadSize => Hidden / Heads;
    }

    public static ModelBuilder Build(ModelSize size, WeightStore weights)
    {
        var config = size == ModelSize.Small ? new Config(400, 64, 48, 4, 2, 96) : new Config(30522, 512, 768, 12, 12, 3072);
        var model = new ModelBuilder("encoder", size == ModelSize.Small ? "BERT" : "BERT-base", size, 17, weights)
        {
            SampleDims = { ["batch"] = size == ModelSize.Small ? 2 : 1, ["sequence"] = size == ModelSize.Small ? 11 : 128 },
        };
        var g = model.Graph;

        string ids = g.Input("input_ids", ElementType.Int64, ["batch", "sequence"], Samples.Indices(config.Vocabulary));
        string attended = g.Input("attention_mask", ElementType.Int64, ["batch", "sequence"], Samples.PaddingMask);
        string types = g.Input("token_type_ids", ElementType.Int64, ["batch", "sequence"], Samples.Indices(2));

        string mask = Mask(g, attended);
        string x = Embed(g["embeddings"], config, ids, types);
        for (int layer = 0; layer < config.Layers; layer++) x = Layer(g[$"encoder.layer.{layer}"], config, x, mask);

        string first = g["pooler"].Node("Gather", [x, g["pooler"].Scalar(0L)], ("axis", 1));
        string pooled = g["pooler.activation"].Node("Tanh", [g["pooler.dense"].Gemm(first, config.Hidden, config.Hidden)]);
        g.Output("last_hidden_state", x, ElementType.Float32, "batch", "sequence", config.Hidden);
        g.Output("pooler_output", pooled, ElementType.Float32, "batch", config.Hidden);
        return model;
    }

    /// <summary>0 where attended, the lowest number elsewhere: <c>[N, 1, 1, S]</c>.</summary>
    private static string Mask(GraphBuilder g, string attended)
    {
        string mask = g.Unsqueeze(g.Unsqueeze(attended, 1), 2);
        mask = g.Node("Sub", [g.Scalar(1f), g.Node("Cast", [mask], ("to", (int)ElementType.Float32))]);
        return g.Node("Mul", [mask, g.Scalar(float.MinValue)]);
    }

    private static string Embed(GraphBuilder g, Config config, string ids, string types)
    {
        string length = g.Unsqueeze(g.DimOf(ids, 1), 0);
        string positions = g.Slice(g.Positions("position_ids", config.Positions), g.Constant(0), length, axis: 1);
        string word = Lookup("word_embeddings", config.Vocabulary, ids);
        string type = Lookup("token_type_embeddings", 2, types);
        string position = Lookup("position_embeddings", config.Positions, positions);
        string sum = g.Node("Add", [g.Node("Add", [word, type]), position]);
        return g["LayerNorm"].LayerNormDecomposed(sum, config.Hidden, Epsilon);

        string Lookup(string name, int count, string indices) =>
            g[name].Node("Gather", [g[name].Embedding(count, config.Hidden, name[0] == 'w' ? 0.06 : 0.03), indices]);
    }

    private static string Layer(GraphBuilder g, Config config, string x, string mask)
    {
        var (self, output) = (g["attention.self"], g["attention.output"]);
        string query = self.SplitHeads(self["query"].Linear(x, config.Hidden, config.Hidden, gain: 1.5), config.Heads, config.HeadSize);
        string key = self.SplitHeads(self["key"].Linear(x, config.Hidden, config.Hidden, gain: 1.5), config.Heads, config.HeadSize);
        string value = self.SplitHeads(self["value"].Linear(x, config.Hidden, config.Hidden), config.Heads, config.HeadSize);

        string scores = self.Node("MatMul", [query, self.Transpose(key, 0, 1, 3, 2)]);
        scores = self.Node("Div", [scores, self.Scalar((float)Math.Sqrt(config.HeadSize))]);
        scores = self.Node("Add", [scores, mask]);
        string context = self.Node("MatMul", [self.Node("Softmax", [scores], ("axis", -1)), value]);
        context = self.MergeHeads(context, config.Heads, config.HeadSize);

        string attended = output["dense"].Linear(context, config.Hidden, config.Hidden);
        x = output["LayerNorm"].LayerNorm(output.Node("Add", [attended, x]), config.Hidden, Epsilon);

        string inner = g["intermediate.intermediate_act_fn"].GeluByErf(g["intermediate.dense"].Linear(x, config.Hidden, config.Intermediate));
        string outer = g["output.dense"].Linear(inner, config.Intermediate, config.Hidden);
        return g["output.LayerNorm"].LayerNorm(g["output"].Node("Add", [outer, x]), config.Hidden, Epsilon);
    }
}
