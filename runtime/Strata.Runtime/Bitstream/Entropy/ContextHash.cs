using System.Numerics;
using System.Runtime.CompilerServices;

namespace Strata.Bitstream.Entropy;

/// <summary>Hashes of contexts, the same everywhere.</summary>
internal static class ContextHash
{
    /// <summary>Scatters a pair over 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Mix(uint a, uint b)
    {
        uint hash = (BitOperations.RotateLeft(a, 5) ^ b) * 0x9E3779B1;
        hash ^= hash >> 15;
        hash *= 0x85EBCA6B;
        return hash ^ hash >> 13;
    }

    /// <summary>The number of a field: FNV-1a of its name.</summary>
    public static uint Of(string name)
    {
        uint hash = 0x811C9DC5;
        foreach (char c in name) hash = (hash ^ c) * 0x01000193;
        return hash;
    }
}
