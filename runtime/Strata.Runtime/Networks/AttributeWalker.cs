using System.Collections.Immutable;
using Strata.Tensors;

namespace Strata.Networks;

/// <summary>
/// Visits the attributes of an operator. A reader returns what it read (the given value, the default, where nothing was
/// written), a writer returns the given value. <c>since</c> is the format version that introduced the attribute.
/// Names and meanings follow ONNX's newest operator version wherever the operator has one.
/// </summary>
public abstract class AttributeWalker
{
    /// <summary>An integer.</summary>
    public virtual long Int(string name, long value, int since = 1) => value;

    /// <summary>An integer that may be absent.</summary>
    public virtual long? OptionalInt(string name, long? value, int since = 1) => value;

    /// <summary>A list of integers; empty when absent.</summary>
    public virtual ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => value;

    /// <summary>A binary32 number.</summary>
    public virtual float Float(string name, float value, int since = 1) => value;

    /// <summary>A binary32 number that may be absent.</summary>
    public virtual float? OptionalFloat(string name, float? value, int since = 1) => value;

    /// <summary>A list of binary32 numbers; empty when absent.</summary>
    public virtual ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => value;

    /// <summary>A truth value (an integer 0 or 1 in ONNX).</summary>
    public virtual bool Flag(string name, bool value, int since = 1) => value;

    /// <summary>A string.</summary>
    public virtual string Text(string name, string value, int since = 1) => value;

    /// <summary>A list of strings; empty when absent.</summary>
    public virtual ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => value;

    /// <summary>One of a fixed list of names, given as its index; the names are ONNX's.</summary>
    public virtual int Choice(string name, int value, ImmutableArray<string> names, int since = 1) => value;

    /// <summary>An element type, or null when absent (0 in ONNX).</summary>
    public virtual ElementType? Type(string name, ElementType? value, int since = 1) => value;

    /// <summary>A constant tensor that may be absent.</summary>
    public virtual Constant? Tensor(string name, Constant? value, int since = 1) => value;

    /// <summary>A nested, closed network.</summary>
    public virtual Network Network(string name, Network value, int since = 1) => value;

    /// <summary>The type of a value (of an absent optional, of an empty sequence), or null.</summary>
    public virtual NetworkType? ValueType(string name, NetworkType? value, int since = 1) => value;
}
