using System.Globalization;

namespace Strata.Passes;

/// <summary>How scales are chosen.</summary>
public enum ScaleSearch
{
    /// <summary>The least squared error of the weights: large weights may be clipped where that helps the many small ones.</summary>
    SquaredError,
    /// <summary>Every weight lies within the range of the codes.</summary>
    AbsMax,
}

/// <summary>Which weights share a scale.</summary>
/// <param name="Size">Consecutive weights of one output channel along the reduction axis; <see cref="ChannelSize"/> or <see cref="TensorSize"/> for all of them.</param>
public readonly record struct WeightGroups(int Size)
{
    private const int ChannelSize = 0, TensorSize = -1;

    /// <summary>One scale per output channel.</summary>
    public static WeightGroups Channel { get; } = new(ChannelSize);

    /// <summary>One scale per tensor.</summary>
    public static WeightGroups Tensor { get; } = new(TensorSize);

    /// <summary>True for one scale per output channel.</summary>
    public bool IsChannel => Size == ChannelSize;

    /// <summary>True for one scale per tensor.</summary>
    public bool IsTensor => Size == TensorSize;

    /// <summary>Reads <c>channel</c>, <c>tensor</c> or a number from 2 on; null for anything else.</summary>
    public static WeightGroups? Parse(string text) => text switch
    {
        "channel" => Channel,
        "tensor" => Tensor,
        _ => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size >= 2 ? new(size) : null,
    };

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public override string ToString() => IsChannel ? "channel" : IsTensor ? "tensor" : Size.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How weights are quantised.</summary>
/// <param name="Format">The codes.</param>
/// <param name="Groups">Which weights share a scale.</param>
/// <param name="Search">How scales are chosen.</param>
public sealed record WeightScheme(WeightFormat Format, WeightGroups Groups, ScaleSearch Search = ScaleSearch.SquaredError)
{
    /// <summary>Groups of 32 for codes of up to 4 bits, channels for wider ones.</summary>
    public static WeightGroups DefaultGroups(WeightFormat format) => format is { IsInteger: true, Levels: <= 16 } ? new(32) : WeightGroups.Channel;

    /// <summary>How scales are chosen, as the command line calls it.</summary>
    public string SearchName => Search == ScaleSearch.AbsMax ? "absmax" : "mse";

    /// <summary>
    /// Bits of mantissa of a scale. Three (steps of an eighth of an octave) lose about 0.1 dB and cost a tenth of a bit per weight in
    /// groups of 32; where hundreds of weights share a scale, seven cost next to nothing.
    /// </summary>
    internal int ScaleBits => Groups.Size > 0 ? 3 : 7;

    /// <summary>Such as <c>int4, groups of 32</c>.</summary>
    public override string ToString() => !Format.IsScaled ? Format.Name : $"{Format.Name}, {(Groups.IsChannel ? "a scale per channel" : Groups.IsTensor ? "a scale per tensor" : $"groups of {Groups}")}";
}
