namespace Strata.Tests.Properties;

/// <summary>How layers of an operator are drawn.</summary>
/// <param name="Name">The operator's name in the catalogue.</param>
/// <param name="Draw">Adds one or more layers to the network at hand.</param>
internal sealed record OperatorDraw(string Name, Action<NetworkGenerator> Draw)
{
    public override string ToString() => Name;

    /// <summary>Every row, by family.</summary>
    public static IReadOnlyList<OperatorDraw> All { get; } = [.. ElementwiseDraws.Rows, .. MovementDraws.Rows, .. ReductionDraws.Rows, .. WindowDraws.Rows, .. AlgebraDraws.Rows, .. QuantizedDraws.Rows, .. ContainerDraws.Rows, .. LearningDraws.Rows, .. ControlDraws.Rows];
}
