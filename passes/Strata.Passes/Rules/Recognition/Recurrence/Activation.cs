using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules.Recognition;

/// <summary>A value as an activation that recurrences may name.</summary>
/// <param name="Name">ONNX's name.</param>
/// <param name="Alpha">The first parameter, where there is one.</param>
/// <param name="Beta">The second.</param>
/// <param name="Argument">What it is a function of.</param>
/// <param name="Layer">The layer that computes it.</param>
internal sealed record Activation(string Name, float? Alpha, float? Beta, Value Argument, Layer Layer)
{
    /// <summary>A gate's activation, or null.</summary>
    public static Activation? OfGate(Value value) => value.Producer is not { } layer ? null : layer.Operator switch
    {
        Sigmoid => new("Sigmoid", null, null, layer.Inputs[0]!, layer),
        HardSigmoid hard => new("HardSigmoid", hard.Alpha, hard.Beta, layer.Inputs[0]!, layer),
        _ => null,
    };

    /// <summary>A state's activation, or null.</summary>
    public static Activation? OfState(Value value) => value.Producer is not { } layer ? null : layer.Operator switch
    {
        Tanh => new("Tanh", null, null, layer.Inputs[0]!, layer),
        Relu => new("Relu", null, null, layer.Inputs[0]!, layer),
        _ => null,
    };

    /// <summary>True when both are the same function.</summary>
    public bool IsLike(Activation other) => (Name, Alpha, Beta) == (other.Name, other.Alpha, other.Beta);
}
