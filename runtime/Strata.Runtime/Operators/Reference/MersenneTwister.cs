namespace Strata.Operators.Reference;

/// <summary>
/// MT19937 (Matsumoto, Nishimura, 1998) seeded by one 32-bit number, giving doubles of 53 bits: the sequence of NumPy's
/// <c>RandomState</c>, by which ONNX records its random cases.
/// </summary>
internal sealed class MersenneTwister
{
    private const int Size = 624, Shift = 397;
    private readonly uint[] state = new uint[Size];
    private int next = Size;

    public MersenneTwister(uint seed)
    {
        state[0] = seed;
        for (uint i = 1; i < Size; i++) state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble()
    {
        uint high = NextUInt32() >> 5, low = NextUInt32() >> 6;
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }

    public uint NextUInt32()
    {
        if (next == Size) Refill();
        uint y = state[next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680u;
        y ^= (y << 15) & 0xEFC60000u;
        return y ^ (y >> 18);
    }

    private void Refill()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (state[i] & 0x80000000u) | (state[(i + 1) % Size] & 0x7FFFFFFFu);
            state[i] = state[(i + Shift) % Size] ^ (y >> 1) ^ ((y & 1) * 0x9908B0DFu);
        }
        next = 0;
    }
}
