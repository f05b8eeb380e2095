using System.Numerics;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Tests.Properties;

/// <summary>Operands by what operators ask of them.</summary>
internal sealed partial class NetworkGenerator
{
    private static readonly ElementType[] Floats = [ElementType.Float32, ElementType.Float32, ElementType.Float32, ElementType.Float64, ElementType.Float16, ElementType.BFloat16];

    private static readonly ElementType[] Integers =
        [ElementType.Int64, ElementType.Int64, ElementType.Int32, ElementType.Int32, ElementType.UInt8, ElementType.Int8, ElementType.Int16, ElementType.UInt16, ElementType.UInt32, ElementType.UInt64];

    private static readonly ElementType[] Others = [ElementType.Bool, ElementType.Bool, ElementType.String, ElementType.Complex64, ElementType.Complex128,
        ElementType.Float8E4M3FN, ElementType.Float8E4M3FNUZ, ElementType.Float8E5M2, ElementType.Float8E5M2FNUZ, ElementType.UInt4, ElementType.Int4, ElementType.Float4E2M1, ElementType.Float8E8M0, ElementType.UInt2, ElementType.Int2];

    public ElementType Float() => Choose(Floats.AsSpan());

    public ElementType Integer() => Choose(Integers.AsSpan());

    public ElementType Numeric() => Chance(0.7) ? Float() : Integer();

    public ElementType AnyType() => Chance(0.7) ? Numeric() : Choose(Others.AsSpan());

    /// <summary>Extents whose product stays small; now and then one is 0 or 1.</summary>
    public int[] Dims(int least = 0, int most = 5, bool mayBeEmpty = true)
    {
        var dims = new int[Next(least, Chance(0.2) ? most : Math.Max(least, Math.Min(most, 3)))];
        for (int d = 0, count = 1; d < dims.Length; d++)
        {
            dims[d] = mayBeEmpty && Chance(0.02) ? 0 : Chance(0.2) ? 1 : Next(1, count > 30 ? 2 : 5);
            count *= Math.Max(dims[d], 1);
        }
        return dims;
    }

    /// <summary>Random elements: small and often equal, so that ties, zeros and wrap-around happen.</summary>
    public Tensor Draw(ElementType type, params ReadOnlySpan<int> dims)
    {
        int count = Tensor.CountOf(dims);
        switch (type.Kind())
        {
            case ElementKind.String:
                var strings = new string[count];
                for (int i = 0; i < count; i++) strings[i] = Choose("", "a", "b c", "Größe", "12", "x,y", "the");
                return Tensor.FromStrings(dims, strings);
            case ElementKind.Complex:
                var complex = new Complex[count];
                for (int i = 0; i < count; i++) complex[i] = new(Real(), Real());
                return Tensor.FromComplex(type, dims, complex);
            case ElementKind.Float:
                var reals = new double[count];
                for (int i = 0; i < count; i++) reals[i] = Real();
                return Tensor.FromDoubles(type, dims, reals, saturate: true);
            default:
                var integers = new long[count];
                for (int i = 0; i < count; i++) integers[i] = type == ElementType.Bool ? Next(0, 1) : type.Kind() == ElementKind.Unsigned ? Next(0, 6) : Next(-4, 4);
                return Tensor.FromInt64s(type, dims, integers);
        }
    }

    private double Real() => Chance(0.3) ? Next(-16, 16) / 8.0 : random.NextDouble() * 4 - 2;

    /// <summary>A tensor of one of the types that <paramref name="type"/> draws.</summary>
    public Value Any(Func<ElementType> type, int least = 0, int most = 5, bool mayBeEmpty = true)
    {
        var wanted = type();
        return Pick(t => t.ElementType == wanted && t.Rank >= least && t.Rank <= most && (mayBeEmpty || t.Count > 0), () => Draw(wanted, Dims(least, most, mayBeEmpty)));
    }

    /// <summary>A tensor of type and dimensions.</summary>
    public Value Exactly(ElementType type, params int[] dims) => Pick(t => t.ElementType == type && t.Dims.AsSpan().SequenceEqual(dims), () => Draw(type, dims));

    /// <summary>A tensor of floats in (least, most).</summary>
    public Value Between(double least, double most, ElementType type, params int[] dims)
    {
        var reals = new double[Tensor.CountOf(dims)];
        for (int i = 0; i < reals.Length; i++) reals[i] = least + (most - least) * (0.01 + 0.98 * random.NextDouble());
        return Make(Tensor.FromDoubles(type, dims, reals));
    }

    /// <summary>A new tensor of integers in [least, most].</summary>
    public Value Indices(ElementType type, long least, long most, params int[] dims) => Make(IndexTensor(type, least, most, dims));

    public Tensor IndexTensor(ElementType type, long least, long most, params int[] dims)
    {
        var integers = new long[Tensor.CountOf(dims)];
        for (int i = 0; i < integers.Length; i++) integers[i] = random.NextInt64(least, most + 1);
        return Tensor.FromInt64s(type, dims, integers);
    }

    /// <summary>A tensor of a type that broadcasts against dimensions, and the other way round.</summary>
    public Value Broadcast(ElementType type, int[] to)
    {
        bool Fits(Tensor t) => t.ElementType == type && Enumerable.Range(1, Math.Min(t.Rank, to.Length)).All(i => t.Dims[^i] == to[^i] || t.Dims[^i] == 1 || to[^i] == 1)
            && t.Count * (long)Tensor.CountOf(to) <= 4 * MostElements;
        return Pick(Fits, () =>
        {
            var dims = to[(Chance(0.3) ? Next(0, to.Length) : 0)..];
            for (int d = 0; d < dims.Length; d++)
            {
                if (Chance(0.3)) dims[d] = 1;
            }
            return Draw(type, dims);
        });
    }

    public long Axis(int rank) => Next(-rank, rank - 1);

    /// <summary>Different axes, in any order and either way of counting.</summary>
    public long[] Axes(int rank, int least = 0, int most = int.MaxValue)
    {
        int[] all = [.. Enumerable.Range(0, rank)];
        random.Shuffle(all);
        return [.. all[..Next(least, Math.Min(most, rank))].Select(a => (long)(Chance(0.3) ? a - rank : a))];
    }
}
