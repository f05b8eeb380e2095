using System.Numerics;
using System.Text;

namespace Strata.Tests.Oracles;

/// <summary>The file breaks a rule of docs/bitstream.md.</summary>
internal sealed class PlainFormatException(string message) : Exception(message);

/// <summary>What a file says, as docs/bitstream.md reads it; nothing is computed or simplified.</summary>
internal sealed record PlainFile(int Minor, PlainNetwork Network, IReadOnlyList<PlainConstant> Constants, byte[]? Source);

internal sealed class PlainNetwork
{
    public string Name = "";
    public List<PlainValue> Values = [];
    public int Inputs;
    public List<PlainLayer> Layers = [];
    public List<(PlainDim Left, PlainDim Right, string Reason)> Constraints = [];
    public List<(string Key, string Value)> Metadata = [];
    public List<(string Name, PlainValue Value)> Outputs = [];
}

/// <summary>An input, a constant or a result.</summary>
internal sealed record PlainValue(string Name, PlainType Type, PlainConstant? Constant);

internal sealed record PlainLayer(long Operator, string Name, List<PlainValue?> Operands, List<PlainValue?> Results, List<(string Name, object? Value)> Attributes);

internal abstract record PlainType;

internal sealed record PlainTensor(int Element, List<PlainDim>? Dims, PlainQuantization? Quantization) : PlainType;

internal sealed record PlainSequence(PlainType Element) : PlainType;

internal sealed record PlainOptional(PlainType Element) : PlainType;

internal sealed record PlainMap(int Key, PlainType Value) : PlainType;

internal sealed record PlainQuantization(long? Axis, long Group, PlainConstant Scale, PlainConstant? ZeroPoint);

/// <summary>A stored tensor: the bytes of its elements as the codec <i>raw</i> would have them, or its strings. Null before it is decoded.</summary>
internal sealed class PlainConstant
{
    public required PlainTensor Type;
    public int Codec;
    public byte[]? Inline;
    public long Count, Length, Offset;
    public uint Checksum;
    public byte[]? Bytes;
    public string[]? Strings;

    /// <summary>The matrix whose transpose this is.</summary>
    public PlainConstant? Transposes;
}

/// <summary>A formula, as a sum of products, and what it weighs; a constant has one term without factors.</summary>
internal sealed record PlainDim(List<PlainTerm> Terms, long Weight = 0)
{
    /// <summary>The value under an assignment of symbols, or null where something is divided by zero.</summary>
    public BigInteger? Evaluate(Func<string, BigInteger> valueOf) =>
        Terms.Aggregate((BigInteger?)0, (sum, t) => sum + t.Factors.Aggregate((BigInteger?)t.Coefficient, (product, f) => product * f.Evaluate(valueOf)));

    /// <summary>The number that the formula is whatever its symbols are, found by collecting like terms; null if it is none.</summary>
    public BigInteger? Constant
    {
        get
        {
            if (Terms.All(t => t.Factors.Count == 0)) return Evaluate(_ => 0);
            var sums = Collect();
            return sums.Keys.All(k => k == "") ? sums.GetValueOrDefault("") : null;
        }
    }

    private string Key => string.Join(" + ", Collect().Select(t => $"{t.Value}*{t.Key}"));

    private SortedDictionary<string, BigInteger> Collect()
    {
        var sums = new SortedDictionary<string, BigInteger>(StringComparer.Ordinal);
        foreach (var term in Terms)
        {
            var coefficient = new BigInteger(term.Coefficient);
            var keys = new List<string>();
            foreach (var factor in term.Factors)
            {
                if (factor.Symbol is null && factor.A!.Constant is not null && factor.B!.Constant is not null && factor.Evaluate(_ => 0) is { } value) coefficient *= value;
                else keys.Add(factor.Symbol is { } symbol ? $"'{symbol}'" : $"{factor.Function}({factor.A!.Key}; {factor.B!.Key})");
            }
            keys.Sort(StringComparer.Ordinal);
            string key = string.Join('*', keys);
            sums[key] = sums.GetValueOrDefault(key) + coefficient;
        }
        foreach (string key in sums.Keys.Where(k => sums[k].IsZero).ToList()) sums.Remove(key);
        return sums;
    }
}

internal sealed record PlainTerm(long Coefficient, List<PlainFactor> Factors);

/// <summary>A symbol, or a function (0 floor division, 1 minimum, 2 maximum) of two dimensions.</summary>
internal sealed record PlainFactor(string? Symbol, int Function, PlainDim? A, PlainDim? B)
{
    public long Weight => Symbol is null ? 10 + A!.Weight + B!.Weight : Encoding.UTF8.GetByteCount(Symbol);

    public BigInteger? Evaluate(Func<string, BigInteger> valueOf)
    {
        if (Symbol is not null) return valueOf(Symbol);
        if (A!.Evaluate(valueOf) is not { } a || B!.Evaluate(valueOf) is not { } b) return null;
        if (Function == 1) return BigInteger.Min(a, b);
        if (Function == 2) return BigInteger.Max(a, b);
        if (b.IsZero) return null;
        var quotient = BigInteger.DivRem(a, b, out var rest);
        return !rest.IsZero && rest.Sign != b.Sign ? quotient - 1 + PlantedBug.In("floor") : quotient;
    }
}
