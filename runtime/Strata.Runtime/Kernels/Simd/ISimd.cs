namespace Strata.Kernels.Simd;

/// <summary>
/// Vectors of f32 of any width, so that a formula is written once for all widths and for scalars. Every operation gives the
/// same bits per element at every width. Implementations are structs around one vector and are always inlined: a method over
/// <typeparamref name="V"/> must be inlined too (a vector of 512 bits passed across a call is stored and loaded misaligned).
/// Masks are vectors of all-ones and all-zero elements.
/// </summary>
internal unsafe interface ISimd<V> where V : struct, ISimd<V>
{
    /// <summary>Elements of a vector.</summary>
    static abstract int Count { get; }

    /// <summary>The same number in each element.</summary>
    static abstract V Of(float x);

    /// <summary>The same 32 bits in each element.</summary>
    static abstract V OfBits(int bits);

    /// <summary>Reads a vector; the address needs no alignment.</summary>
    static abstract V Load(float* from);

    /// <summary>Reads bytes, one into the low bits of each element.</summary>
    static abstract V LoadBits(byte* from);

    /// <summary>Reads 16-bit codes, one into the low bits of each element.</summary>
    static abstract V LoadBits(ushort* from);

    /// <summary>a + b.</summary>
    static abstract V operator +(V a, V b);

    /// <summary>a − b.</summary>
    static abstract V operator -(V a, V b);

    /// <summary>−a.</summary>
    static abstract V operator -(V a);

    /// <summary>a · b.</summary>
    static abstract V operator *(V a, V b);

    /// <summary>a / b.</summary>
    static abstract V operator /(V a, V b);

    /// <summary>The bits of both.</summary>
    static abstract V operator &(V a, V b);

    /// <summary>The bits of either.</summary>
    static abstract V operator |(V a, V b);

    /// <summary>The bits of exactly one.</summary>
    static abstract V operator ^(V a, V b);

    /// <summary>a · b + c, rounded once.</summary>
    static abstract V Fma(V a, V b, V c);

    /// <summary>a where a &gt; b, else b: b where either is NaN or both are zero.</summary>
    static abstract V Max(V a, V b);

    /// <summary>a where a &lt; b, else b: b where either is NaN or both are zero.</summary>
    static abstract V Min(V a, V b);

    /// <summary>|a|.</summary>
    static abstract V Abs(V a);

    /// <summary>The square root.</summary>
    static abstract V Sqrt(V a);

    /// <summary>The greatest integer not above a.</summary>
    static abstract V Floor(V a);

    /// <summary>The least integer not below a.</summary>
    static abstract V Ceil(V a);

    /// <summary>The nearest integer, ties to even.</summary>
    static abstract V Round(V a);

    /// <summary>a without its fraction.</summary>
    static abstract V Truncate(V a);

    /// <summary>The mask of a &lt; b.</summary>
    static abstract V Less(V a, V b);

    /// <summary>The mask of a ≤ b.</summary>
    static abstract V LessOrEqual(V a, V b);

    /// <summary>The mask of a = b: nowhere where either is NaN.</summary>
    static abstract V Equal(V a, V b);

    /// <summary>a where the mask is set, b elsewhere.</summary>
    static abstract V Select(V mask, V a, V b);

    /// <summary>The sum of the bits taken as i32.</summary>
    static abstract V AddBits(V a, V b);

    /// <summary>The difference of the bits taken as i32.</summary>
    static abstract V SubtractBits(V a, V b);

    /// <summary>The bits moved toward the sign.</summary>
    static abstract V ShiftLeft(V a, int count);

    /// <summary>The bits, taken as i32, moved away from the sign, which is repeated.</summary>
    static abstract V ShiftRight(V a, int count);

    /// <summary>The bits of the nearest i32 (ties to even) of numbers within its range.</summary>
    static abstract V ToInt(V a);

    /// <summary>The f32 nearest to the bits taken as i32.</summary>
    static abstract V FromInt(V a);

    /// <summary>For each element the sum of the products of the two i16 in a and in b, as i32.</summary>
    static abstract V MultiplyPairs(V a, V b);

    /// <summary>Every other element of two vectors that follow one another, from the first on.</summary>
    static abstract V Evens(V a, V b);

    /// <summary>The first halves of two vectors, their elements in turn.</summary>
    static abstract V ZipLower(V a, V b);

    /// <summary>The second halves of two vectors, their elements in turn; of vectors of one element, b.</summary>
    static abstract V ZipUpper(V a, V b);

    /// <summary>As <see cref="ZipLower"/>, in each 128 bits by themselves; of vectors of one element, a.</summary>
    static abstract V ZipLowerLanes(V a, V b);

    /// <summary>As <see cref="ZipUpper"/>, in each 128 bits by themselves; of vectors of one element, b.</summary>
    static abstract V ZipUpperLanes(V a, V b);

    /// <summary>Asks for the cache line of an address, which need not be accessible; nothing happens where there is no such instruction.</summary>
    static abstract void Prefetch(float* address);

    /// <summary>Writes the vector; the address needs no alignment.</summary>
    void Store(float* to);

    /// <summary>Writes the low 8 bits of each element.</summary>
    void StoreBits(byte* to);

    /// <summary>Writes the low 16 bits of each element.</summary>
    void StoreBits(ushort* to);

    /// <summary>The sum of the elements, in an order that depends on the width.</summary>
    float Sum();
}
