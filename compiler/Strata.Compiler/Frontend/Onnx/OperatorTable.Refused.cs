namespace Strata.Compiler.Frontend.Onnx;

internal static partial class OperatorTable
{
    private const string Training = "ai.onnx.preview.training";

    private const string
        NoTraining = "the operator trains a network and has no meaning for inference; export the model for inference",
        Generation = "the operator is a whole text generation loop around a decoder; export the decoder, and write the loop in the program that runs it",
        Paged = "the operator belongs to a server that packs sequences into shared pages or buffers of one device; export the model with plain attention",
        OneProcessor = "the operator takes tensors in the layout of one processor; save the model before it is optimised for a processor",
        Opaque = "the operator carries code or weights of another runtime; give the model it was made from";

    // Operators that are known and make no sense here, with the reason; all others are just not known.
    private static readonly Dictionary<(string Domain, string Name), string> Refused = new[]
    {
        (Training, NoTraining, "Adagrad Adam Gradient Momentum"),
        ("ai.onnx.training", NoTraining, "GraphCall"),
        (Microsoft, NoTraining, "BitmaskBiasDropout BitmaskDropout IsAllFinite"),
        (Microsoft, Generation, "BeamSearch GreedySearch Sampling WhisperBeamSearch"),
        (Microsoft, Paged, "DecoderAttention DecoderMaskedMultiHeadAttention DecoderMaskedSelfAttention PackedAttention PackedMultiHeadAttention PagedAttention RemovePadding RestorePadding SparseAttention VarlenCausalConvWithState VarlenNGramHashMapping"),
        (Microsoft, OneProcessor, "DequantizeWithOrder MatMulFpQ4 QOrderedAttention QOrderedGelu QOrderedLayerNormalization QOrderedLongformerAttention QOrderedMatMul QuantizeWithOrder"),
        (Microsoft, Opaque, "EPContext Snpe"),
        (Microsoft, "the operator splits text; do it in the program that runs the network", "Tokenizer"),
        (Onnx, "an operator of another framework, which ONNX only named; export the model without it", "ATen GRUUnit"),
    }.SelectMany(row => row.Item3.Split(' ').Select(name => (Key: (row.Item1, name), Reason: row.Item2))).ToDictionary(p => p.Key, p => p.Reason);

    // Domains all of whose operators are refused for one reason.
    private static readonly Dictionary<string, string> RefusedDomains = new()
    {
        [Training] = NoTraining,
        ["ai.onnx.training"] = NoTraining,
        ["com.microsoft.nchwc"] = OneProcessor,
        ["com.ms.internal.nhwc"] = OneProcessor,
        ["ai.onnx.contrib"] = "the operator comes from a library of custom operators (onnxruntime-extensions), mostly for text and images; do that step in the program that runs the network",
    };

    /// <summary>Every operator that is refused for a reason of its own or of its domain.</summary>
    public static IEnumerable<(string Name, string Reason)> AllRefused => Refused.Select(p => (p.Key.Domain.Length == 0 ? p.Key.Name : $"{p.Key.Domain}.{p.Key.Name}", p.Value)).Concat(RefusedDomains.Select(p => ($"{p.Key}.*", p.Value)));

    /// <summary>Why an operator without rows is not imported: a sentence that ends in what to do.</summary>
    public static string ReasonAgainst(string domain, string name) => Refused.GetValueOrDefault((domain, name)) ?? RefusedDomains.GetValueOrDefault(domain) ?? Unknown(domain, name);

    private static string Unknown(string domain, string name)
    {
        string[] domains = [.. ByName.Keys.Select(k => k.Domain).Distinct().Select(d => d.Length == 0 ? "ai.onnx" : d).Order(StringComparer.Ordinal)];
        if (!domains.Contains(domain.Length == 0 ? "ai.onnx" : domain)) return $"domain '{domain}' is not known, and the model defines no function of that name; known are {string.Join(", ", domains)}";
        var sameName = ByName.Keys.Where(k => string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase)).Select(k => k.Domain.Length == 0 ? k.Name : $"{k.Domain}.{k.Name}").Order(StringComparer.Ordinal).ToArray();
        return sameName.Length == 0 ? "no operator of that name is known in the domain" : $"no operator of that name is known in the domain; there is {string.Join(", ", sameName)}";
    }
}
