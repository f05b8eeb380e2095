using System.Globalization;
using Strata.Networks.Text;
using Strata.Tensors;

namespace Strata.Networks;

/// <summary>The type of a value in a network.</summary>
public abstract record NetworkType
{
    /// <summary>The type in the text form.</summary>
    public sealed override string ToString() => Print();

    private protected abstract string Print();
}

/// <summary>
/// A tensor: element type, shape (null when even the rank is known only at run time), and, where the elements are codes
/// of real numbers, how they were quantised.
/// </summary>
public sealed record TensorType(ElementType ElementType, Shape? Shape, Quantization? Quantization = null) : NetworkType
{
    /// <summary>The number of dimensions, or null when unknown.</summary>
    public int? Rank => Shape?.Rank;

    /// <summary>The type of a tensor at hand.</summary>
    public static TensorType Of(Tensor tensor) => new(tensor.ElementType, Shape.Of(tensor.Dims.AsSpan()));

    private protected override string Print() =>
        $"{ElementType.Name()}{(Quantization is null ? "" : $"<{Quantization}>")}{(Shape is null ? "[*]" : Shape.ToString())}";
}

/// <summary>An ordered list of values of one type.</summary>
public sealed record SequenceType(NetworkType Element) : NetworkType
{
    private protected override string Print() => $"seq({Element})";
}

/// <summary>A value that may be absent.</summary>
public sealed record OptionalType(NetworkType Element) : NetworkType
{
    private protected override string Print() => $"optional({Element})";
}

/// <summary>A map from integers or strings.</summary>
public sealed record MapType(ElementType Key, NetworkType Value) : NetworkType
{
    private protected override string Print() => $"map({Key.Name()}, {Value})";
}

/// <summary>
/// How integer or small-float codes stand for real numbers: <c>real = (code − zeroPoint) · scale</c>.
/// Scale and zero-point are scalars (per tensor), vectors along <see cref="Axis"/> (per channel), or one per block of
/// <see cref="Group"/> elements along it.
/// </summary>
public sealed record Quantization(Constant Scale, Constant? ZeroPoint, int? Axis = null, int Group = 0)
{
    /// <summary>Compares parameters by content.</summary>
    public bool Equals(Quantization? other) => other is not null && Axis == other.Axis && Group == other.Group
        && Same(Scale, other.Scale) && Same(ZeroPoint, other.ZeroPoint);

    // Parameters may be codes themselves: equal codes of other numbers differ.
    private static bool Same(Constant? a, Constant? b) => ReferenceEquals(a, b) || a is not null && b is not null && a.Type.Equals(b.Type) && a.ContentEquals(b);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Axis, Group, Scale.Hash);

    /// <inheritdoc/>
    public override string ToString() => (Axis is null ? "" : string.Create(CultureInfo.InvariantCulture, $"axis={Axis}, ")) + (Group == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"group={Group}, "))
        + $"scale={ConstantText.PrintTyped(Scale)}" + (ZeroPoint is null ? "" : $", zero_point={ConstantText.PrintTyped(ZeroPoint)}");
}
