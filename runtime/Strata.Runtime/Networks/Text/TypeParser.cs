using Strata.Tensors;

namespace Strata.Networks.Text;

/// <summary>Reads types, and the constants that stand in them and elsewhere.</summary>
internal sealed class TypeParser(TextCursor cursor, ParseOptions options)
{
    /// <summary>Reads a type.</summary>
    public NetworkType Type(int depth = 0)
    {
        if (depth > Limits.NestingDepth) throw cursor.Fail($"a type nests deeper than {Limits.NestingDepth}");
        if (cursor.TryTakeWord("seq")) return new SequenceType(Enclosed(depth));
        if (cursor.TryTakeWord("optional")) return new OptionalType(Enclosed(depth));
        if (!cursor.TryTakeWord("map")) return Tensor(depth);
        cursor.Take('(');
        var key = ElementType();
        cursor.Take(',');
        var value = Type(depth + 1);
        cursor.Take(')');
        return new MapType(key, value);
    }

    /// <summary>Reads a tensor type.</summary>
    public TensorType Tensor(int depth = 0)
    {
        if (depth > Limits.NestingDepth) throw cursor.Fail($"a type nests deeper than {Limits.NestingDepth}");
        var elementType = ElementType();
        var quantization = cursor.TryTake('<') ? Quantization(depth) : null;
        return new(elementType, Shape(), quantization);
    }

    /// <summary>Reads the name of an element type.</summary>
    public ElementType ElementType()
    {
        if (cursor.Kind != TokenKind.Word || !ElementTypes.TryParse(cursor.Span.ToString(), out var type)) throw cursor.Expected("an element type");
        cursor.Advance();
        return type;
    }

    /// <summary>Reads type and elements of a constant, or its type and hash.</summary>
    public Constant TypedConstant(int depth = 0)
    {
        int start = cursor.Position;
        return Constant(Tensor(depth), start);
    }

    /// <summary>Reads the elements of a constant, or its hash; <paramref name="declared"/> is where its type stands.</summary>
    public Constant Constant(TensorType type, int declared)
    {
        if (type.Shape?.Constant is not { } dims) throw cursor.Fail($"a constant needs a constant shape, {type} has none", declared);
        try
        {
            if (cursor.Kind == TokenKind.Hash) return Reference(type, dims);
            return Networks.Constant.Of(ConstantParser.Elements(cursor, type.ElementType, dims)).WithQuantization(type.Quantization);
        }
        catch (StrataException error) when (error is not StrataFormatException)
        {
            throw cursor.Fail(error.Message, declared, error);
        }
    }

    private Constant Reference(TensorType type, ReadOnlySpan<int> dims)
    {
        if (!ContentHash.TryParse(cursor.Span[1..], out var hash)) throw cursor.Expected("'@' and 64 hexadecimal digits");
        var found = options.Constants?.Invoke(hash);
        if (found is null)
        {
            if (options.FillSeed is not { } seed) throw cursor.Fail($"the constant @{hash} ({type}) is not in the store that was given");
            cursor.Advance();
            return new SeededConstant(type, seed ^ (ulong)hash.Low);
        }
        if (found.Type.ElementType != type.ElementType || !found.Dims.SequenceEqual(dims))
            throw cursor.Fail($"the constant @{hash} is {found.Type}, expected {type}");
        cursor.Advance();
        return found.WithQuantization(type.Quantization);
    }

    private NetworkType Enclosed(int depth)
    {
        cursor.Take('(');
        var type = Type(depth + 1);
        cursor.Take(')');
        return type;
    }

    private Shape? Shape()
    {
        cursor.Take('[');
        if (cursor.TryTake('*'))
        {
            cursor.Take(']');
            return null;
        }
        var dims = new List<Dim>();
        if (cursor.TryTake(']')) return Networks.Shape.Scalar;
        do
        {
            if (dims.Count == Limits.Rank) throw cursor.Fail($"a rank of more than {Limits.Rank}");
            dims.Add(DimParser.Sum(cursor));
        }
        while (cursor.TryTake(','));
        if (!cursor.TryTake(']')) throw cursor.Expected("',' or ']' after a dimension");
        return Networks.Shape.Create([.. dims]);
    }

    private Quantization Quantization(int depth)
    {
        int? axis = null;
        int group = 0;
        if (cursor.TryTakeWord("axis"))
        {
            axis = Number();
            cursor.Take(',');
        }
        if (cursor.TryTakeWord("group"))
        {
            group = Number();
            cursor.Take(',');
        }
        cursor.TakeWord("scale");
        cursor.Take('=');
        var scale = TypedConstant(depth + 1);
        Constant? zeroPoint = null;
        if (cursor.TryTake(','))
        {
            cursor.TakeWord("zero_point");
            cursor.Take('=');
            zeroPoint = TypedConstant(depth + 1);
        }
        cursor.Take('>');
        return new(scale, zeroPoint, axis, group);
    }

    private int Number()
    {
        cursor.Take('=');
        return (int)ConstantParser.Integer(cursor, int.MinValue, int.MaxValue);
    }
}
