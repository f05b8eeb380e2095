using System.Text;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Bitstream.Syntax;

/// <summary>Types, dimensions and references to constants.</summary>
internal static class TypeSyntax
{
    private const int DimTerms = 256, DimFactors = 32, DimDepth = 32, MostQuantization = 2;

    /// <summary>The name of the field that announces the factors of a term.</summary>
    public const string Factors = "factors";

    private enum TypeKind
    {
        Tensor,
        Sequence,
        Optional,
        Map,
    }

    public static void Walk(FieldSyntax s, UnitContext context, ref NetworkType type, int depth = 0)
    {
        if (depth > Limits.NestingDepth) throw new StrataFormatException($"types nest deeper than {Limits.NestingDepth}");
        int kind = type switch { SequenceType => (int)TypeKind.Sequence, OptionalType => (int)TypeKind.Optional, MapType => (int)TypeKind.Map, _ => (int)TypeKind.Tensor };
        s.Int("type_kind", ref kind, (int)TypeKind.Map);
        switch ((TypeKind)kind)
        {
            case TypeKind.Tensor:
                var tensor = type as TensorType;
                Walk(s, context, ref tensor);
                type = tensor!;
                break;
            case TypeKind.Sequence:
                type = new SequenceType(Element((type as SequenceType)?.Element));
                break;
            case TypeKind.Optional:
                type = new OptionalType(Element((type as OptionalType)?.Element));
                break;
            default:
                var map = type as MapType;
                var key = map?.Key ?? default;
                Walk(s, ref key);
                type = new MapType(key, Element(map?.Value));
                break;
        }

        NetworkType Element(NetworkType? element)
        {
            Walk(s, context, ref element!, depth + 1);
            return element;
        }
    }

    public static void Walk(FieldSyntax s, ref ElementType type)
    {
        int number = (int)type;
        s.Int("element_type", ref number, byte.MaxValue);
        type = (ElementType)number;
        if (!type.IsDefined()) throw new StrataFormatException($"field 'element_type' is {number}, which names no element type");
    }

    public static void Walk(FieldSyntax s, UnitContext context, ref TensorType? type)
    {
        var element = type?.ElementType ?? default;
        Walk(s, ref element);
        int rankPlusOne = type?.Shape is { } known ? known.Rank + 1 : 0; // 0: unranked
        s.Int("rank_plus_one", ref rankPlusOne, Limits.Rank + 1);
        Shape? shape = null;
        if (rankPlusOne > 0)
        {
            var dims = new Dim[rankPlusOne - 1];
            for (int i = 0; i < dims.Length; i++)
            {
                dims[i] = type?.Shape?[i] ?? Dim.Zero;
                Walk(s, context, ref dims[i]);
                if (dims[i].Constant < 0) throw new InvalidNetworkException($"dimension {i} of a type is {dims[i]}; a dimension is never negative");
            }
            shape = Shape.Create(dims);
        }

        var quantization = type?.Quantization;
        bool quantized = quantization is not null;
        s.Flag("quantized", ref quantized);
        if (quantized) Walk(s, context, ref quantization);
        type = new TensorType(element, shape, quantized ? quantization : null);
    }

    private static void Walk(FieldSyntax s, UnitContext context, ref Quantization? quantization)
    {
        bool hasAxis = quantization?.Axis is not null;
        s.Flag("has_axis", ref hasAxis);
        long axis = quantization?.Axis ?? 0;
        if (hasAxis) s.Signed("axis", ref axis);
        if (axis is < -Limits.Rank or > Limits.Rank) throw new StrataFormatException($"field 'axis' is {axis}, allowed are −{Limits.Rank} to {Limits.Rank}");
        int group = quantization?.Group ?? 0;
        s.Int("group", ref group, int.MaxValue);
        Constant? scale = quantization?.Scale, zeroPoint = quantization?.ZeroPoint;
        Walk(s, context, ref scale);
        bool hasZeroPoint = zeroPoint is not null;
        s.Flag("has_zero_point", ref hasZeroPoint);
        if (hasZeroPoint) Walk(s, context, ref zeroPoint);
        if (Math.Max(QuantizationDepth(scale!), zeroPoint is null ? 0 : QuantizationDepth(zeroPoint)) >= MostQuantization)
            throw new StrataFormatException("the parameters of a quantisation's parameters are quantised themselves");
        quantization = new Quantization(scale!, zeroPoint, hasAxis ? (int)axis : null, group);
    }

    // Ends, since each constant was bounded when it was read.
    private static int QuantizationDepth(Constant constant) => constant.Type.Quantization is not { } quantization ? 0
        : 1 + Math.Max(QuantizationDepth(quantization.Scale), quantization.ZeroPoint is null ? 0 : QuantizationDepth(quantization.ZeroPoint));

    /// <summary>A constant by owner (as distance to an earlier unit) and position.</summary>
    public static void Walk(FieldSyntax s, UnitContext context, ref Constant? constant)
    {
        var place = constant is null ? default : context.PlaceOf(constant);
        int distance = context.Unit - place.Unit, index = place.Index;
        s.Int("constant_distance", ref distance, context.Unit);
        s.Int("constant_index", ref index, Limits.Values);
        if (s.IsReading) constant = context.ConstantAt(new(context.Unit - distance, index));
    }

    /// <summary>A dimension: a constant (twice its value), or (an odd number) its terms as coefficient and factors. Returns its weight.</summary>
    public static long Walk(FieldSyntax s, UnitContext context, ref Dim dim, int depth = 0)
    {
        if (depth > DimDepth) throw new StrataFormatException($"dimensions nest deeper than {DimDepth}");
        var terms = s.IsReading ? [] : dim.Terms.ToList();
        bool isConstant = dim.Constant >= 0;
        long head = isConstant ? dim.Constant!.Value << 1 : terms.Count << 1 | 1;
        s.Unsigned("dim", ref head, long.MaxValue);
        if ((head & 1) == 0)
        {
            if (s.IsReading) dim = Dim.Of(head >> 1);
            return 0;
        }

        int count = (int)Math.Min(head >> 1, int.MaxValue);
        if (count > DimTerms) throw new StrataFormatException($"a dimension has {count} terms, allowed are {DimTerms}");
        var products = new List<(long Coefficient, Dim[] Factors)>();
        long weight = 0;
        for (int t = 0; t < count; t++)
        {
            long coefficient = s.IsReading ? 0 : terms[t].Coefficient;
            s.Signed("coefficient", ref coefficient);
            int factorCount = s.IsReading ? 0 : terms[t].Factors.Length;
            s.Count(Factors, ref factorCount, DimFactors);
            var factors = new Dim[factorCount];
            weight++;
            for (int f = 0; f < factorCount; f++) factors[f] = Factor(s, context, s.IsReading ? null : terms[t].Factors[f], depth, ref weight);
            products.Add((coefficient, factors));
        }
        context.Weigh(weight);
        if (s.IsReading) dim = Dim.SumOfProducts(products);
        return weight;
    }

    // 0 floordiv, 1 min, 2 max, otherwise symbol number + 3.
    private static Dim Factor(FieldSyntax s, UnitContext context, DimAtom? atom, int depth, ref long weight)
    {
        const int FirstSymbol = 3, FunctionWeight = 10;
        int head = atom switch { DimAtom.Symbol symbol => context.NumberOf(symbol.Name) + FirstSymbol, DimAtom.Call call => (int)call.Function, _ => 0 };
        s.Int("factor", ref head, Limits.Values + FirstSymbol);
        if (head >= FirstSymbol)
        {
            var known = context.SymbolOf(head - FirstSymbol);
            weight += Encoding.UTF8.GetByteCount(known.SymbolName!);
            return known;
        }
        Dim a = (atom as DimAtom.Call)?.A ?? Dim.Zero, b = (atom as DimAtom.Call)?.B ?? Dim.Zero;
        weight += FunctionWeight + Walk(s, context, ref a, depth + 1) + Walk(s, context, ref b, depth + 1);
        if (!s.IsReading) return Dim.Zero; // only sums that are read are built
        return (DimFunction)head switch { DimFunction.FloorDiv => Dim.FloorDiv(a, b), DimFunction.Min => Dim.Min(a, b), _ => Dim.Max(a, b) };
    }
}
