using Strata.Bitstream;
using Strata.Compiler.Fidelity;
using Strata.Compiler.Frontend.Onnx;
using Strata.Networks;

namespace Strata.Compiler.Pipeline;

/// <summary>Compares what came out of an encoded network with what went in.</summary>
internal static class RoundTrip
{
    /// <summary>Compares networks and, where they are not identical, runs both on random inputs.</summary>
    public static Verification Compare(Network imported, Network decoded, CompileOptions options, CancellationToken cancel)
    {
        if (NetworkComparer.FirstDifference(imported, decoded) is null) return new(IsIdentical: true, null, null);
        var comparison = new NetworkComparison(decoded, imported);
        try
        {
            comparison.Run(RandomInputs.Create(decoded, options.Seed, options.Dims), cancel);
        }
        catch (InvalidInputException error)
        {
            // Random values are no valid input for every model: sizes and indices must fit together.
            return new(IsIdentical: false, null, error.Message);
        }
        return new(IsIdentical: false, comparison.Report(), null);
    }

    /// <summary>Checks that the source section gives the model back.</summary>
    /// <exception cref="InvalidNetworkException">It does not.</exception>
    public static void CheckPreserved(OnnxModel model, EncodedNetwork encoded)
    {
        var source = encoded.ReadSource() ?? throw new InvalidNetworkException($"{model.Name}: the encoded network lacks its source section");
        if (!OnnxPreservation.Restore(source, encoded.Constants).Equals(OnnxPreservation.Embedded(model)))
            throw new InvalidNetworkException($"{model.Name}: the model does not come back from the encoded network as it was; compile without preserving it, and report this as a defect");
    }
}
