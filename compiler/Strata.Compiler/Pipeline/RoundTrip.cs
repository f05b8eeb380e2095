using Strata.Bitstream;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;

namespace Strata.Compiler.Pipeline;

/// <summary>Compares what came out of an encoded network with what went in.</summary>
internal static class RoundTrip
{
    /// <summary>Checks that the network decodes to what was encoded, every constant bit for bit.</summary>
    /// <exception cref="InvalidNetworkException">It does not.</exception>
    public static void CheckDecoded(Network encoded, Network decoded)
    {
        if (NetworkComparer.FirstDifference(encoded, decoded) is { } difference)
            throw new InvalidNetworkException($"network '{encoded.Name}' does not decode to what was encoded: {difference}; report this as a defect");
    }

    /// <summary>Checks that the source section gives the model back.</summary>
    /// <exception cref="InvalidNetworkException">It does not.</exception>
    public static void CheckPreserved(OnnxModel model, EncodedNetwork encoded)
    {
        var source = encoded.ReadSource() ?? throw new InvalidNetworkException($"{model.Name}: the encoded network lacks its source section");
        if (!OnnxPreservation.GivesBack(model, source, encoded.Constants))
            throw new InvalidNetworkException($"{model.Name}: the model does not come back from the encoded network as it was; compile without preserving it, and report this as a defect");
    }
}
