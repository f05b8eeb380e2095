using System.Numerics;

namespace Strata.Kernels.Elementwise;

/// <summary>A function of one element of a type, element by element.</summary>
internal interface IMap<T, TResult>
{
    /// <summary>The result for one element.</summary>
    static abstract TResult Invoke(T x);
}

/// <summary>A function of two elements of a type, element by element.</summary>
internal interface IMap2<T, TResult>
{
    /// <summary>The result for one pair.</summary>
    static abstract TResult Invoke(T a, T b);
}

/// <summary>Applies an <see cref="IMap{T, TResult}"/>.</summary>
internal sealed unsafe class Map<T, TResult, TOp>(double cost = 1) : ElementFunction where T : unmanaged where TResult : unmanaged where TOp : IMap<T, TResult>
{
    public override double Cost => cost;

    public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
    {
        T* x = (T*)a;
        TResult* y = (TResult*)results;
        for (int i = 0; i < count; i++, x += moving) y[i] = TOp.Invoke(*x);
    }
}

/// <summary>Applies an <see cref="IMap2{T, TResult}"/>.</summary>
internal sealed unsafe class Map2<T, TResult, TOp>(double cost = 1) : ElementFunction where T : unmanaged where TResult : unmanaged where TOp : IMap2<T, TResult>
{
    public override double Cost => cost;

    public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
    {
        T* left = (T*)a, right = (T*)b;
        TResult* y = (TResult*)results;
        int l = moving & 1, r = moving >> 1;
        for (int i = 0; i < count; i++, left += l, right += r) y[i] = TOp.Invoke(*left, *right);
    }
}

/// <summary>Chooses between two operands (of any type of the width of <typeparamref name="T"/>) by a truth value.</summary>
internal sealed unsafe class Choose<T> : ElementFunction where T : unmanaged
{
    public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
    {
        T* yes = (T*)b, no = (T*)c, y = (T*)results;
        int t = moving & 1, p = moving >> 1 & 1, q = moving >> 2;
        for (int i = 0; i < count; i++, a += t, yes += p, no += q) y[i] = *a != 0 ? *yes : *no;
    }
}

/// <summary>Moves elements as they are.</summary>
internal sealed unsafe class Same<T> : ElementFunction where T : unmanaged
{
    public override void Apply(byte* a, byte* b, byte* c, int moving, byte* results, int count)
    {
        if (moving == 0) new Span<T>(results, count).Fill(*(T*)a);
        else Buffer.MemoryCopy(a, results, (long)count * sizeof(T), (long)count * sizeof(T));
    }
}

/// <summary>True but for zero.</summary>
internal readonly struct IsTrue<T> : IMap<T, byte> where T : unmanaged, INumber<T>
{
    public static byte Invoke(T x) => T.IsZero(x) ? (byte)0 : (byte)1;
}

internal readonly struct AddOf<T> : IMap2<T, T> where T : INumber<T>
{
    public static T Invoke(T a, T b) => unchecked(a + b);
}

internal readonly struct SubOf<T> : IMap2<T, T> where T : INumber<T>
{
    public static T Invoke(T a, T b) => unchecked(a - b);
}

internal readonly struct MulOf<T> : IMap2<T, T> where T : INumber<T>
{
    public static T Invoke(T a, T b) => unchecked(a * b);
}

/// <summary>The quotient; that of integers is truncated.</summary>
internal readonly struct DivOf<T> : IMap2<T, T> where T : INumber<T>
{
    public static T Invoke(T a, T b)
    {
        if (typeof(T) == typeof(double) || typeof(T) == typeof(float)) return a / b;
        if (T.IsZero(b)) throw new InvalidInputException("division of an integer by zero");
        return T.IsNegative(b) && b == -T.One ? unchecked(T.Zero - a) : a / b; // the least integer has no negative
    }
}

/// <summary>The remainder, with the sign of the dividend.</summary>
internal readonly struct RemainderOf<T> : IMap2<T, T> where T : INumber<T>
{
    public static T Invoke(T a, T b)
    {
        if (typeof(T) == typeof(double) || typeof(T) == typeof(float)) return a % b;
        if (T.IsZero(b)) throw new InvalidInputException("division of an integer by zero");
        return T.IsNegative(b) && b == -T.One ? T.Zero : a % b;
    }
}

/// <summary>The remainder, with the sign of the divisor.</summary>
internal readonly struct ModuloOf<T> : IMap2<T, T> where T : INumber<T>
{
    public static T Invoke(T a, T b)
    {
        T remainder = RemainderOf<T>.Invoke(a, b);
        return !T.IsZero(remainder) && T.IsNegative(remainder) != T.IsNegative(b) ? remainder + b : remainder;
    }
}

internal readonly struct MaxOf<T> : IMap2<T, T> where T : INumber<T>
{
    public static T Invoke(T a, T b) => T.Max(a, b);
}

internal readonly struct MinOf<T> : IMap2<T, T> where T : INumber<T>
{
    public static T Invoke(T a, T b) => T.Min(a, b);
}

internal readonly struct AndOf<T> : IMap2<T, T> where T : IBinaryInteger<T>
{
    public static T Invoke(T a, T b) => a & b;
}

internal readonly struct OrOf<T> : IMap2<T, T> where T : IBinaryInteger<T>
{
    public static T Invoke(T a, T b) => a | b;
}

internal readonly struct XorOf<T> : IMap2<T, T> where T : IBinaryInteger<T>
{
    public static T Invoke(T a, T b) => a ^ b;
}

internal readonly struct EqualOf<T> : IMap2<T, byte> where T : INumber<T>
{
    public static byte Invoke(T a, T b) => a == b ? (byte)1 : (byte)0;
}

internal readonly struct LessOf<T> : IMap2<T, byte> where T : INumber<T>
{
    public static byte Invoke(T a, T b) => a < b ? (byte)1 : (byte)0;
}

internal readonly struct LessOrEqualOf<T> : IMap2<T, byte> where T : INumber<T>
{
    public static byte Invoke(T a, T b) => a <= b ? (byte)1 : (byte)0;
}

internal readonly struct GreaterOf<T> : IMap2<T, byte> where T : INumber<T>
{
    public static byte Invoke(T a, T b) => a > b ? (byte)1 : (byte)0;
}

internal readonly struct GreaterOrEqualOf<T> : IMap2<T, byte> where T : INumber<T>
{
    public static byte Invoke(T a, T b) => a >= b ? (byte)1 : (byte)0;
}

internal readonly struct NotOf : IMap<byte, byte>
{
    public static byte Invoke(byte x) => x == 0 ? (byte)1 : (byte)0;
}

internal readonly struct AbsOf<T> : IMap<T, T> where T : INumber<T>
{
    public static T Invoke(T x) => T.IsNegative(x) ? unchecked(T.Zero - x) : x;
}

internal readonly struct NegOf<T> : IMap<T, T> where T : INumber<T>
{
    public static T Invoke(T x) => typeof(T) == typeof(double) ? -x : unchecked(T.Zero - x);
}

internal readonly struct ReluOf<T> : IMap<T, T> where T : INumber<T>
{
    public static T Invoke(T x) => x < T.Zero ? T.Zero : x;
}

internal readonly struct SignOf<T> : IMap<T, T> where T : INumber<T>
{
    public static T Invoke(T x) => T.IsNaN(x) ? x : x > T.Zero ? T.One : x < T.Zero ? -T.One : T.Zero;
}

internal readonly struct IsNaNOf : IMap<float, byte>
{
    public static byte Invoke(float x) => float.IsNaN(x) ? (byte)1 : (byte)0;
}

internal readonly struct PowOf : IMap2<float, float>
{
    public static float Invoke(float a, float b) => (float)Math.Pow(a, b);
}

internal readonly struct SinOf : IMap<float, float>
{
    public static float Invoke(float x) => (float)Math.Sin(x);
}

internal readonly struct CosOf : IMap<float, float>
{
    public static float Invoke(float x) => (float)Math.Cos(x);
}

internal readonly struct AtanOf : IMap<float, float>
{
    public static float Invoke(float x) => (float)Math.Atan(x);
}
