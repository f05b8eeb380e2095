namespace Strata.Tests.Oracles;

/// <summary>States and words of a stream ("Planes").</summary>
internal sealed class PlainWords(byte[] bytes, int position = 0)
{
    public bool AreOver => position == bytes.Length;

    public ReadOnlySpan<byte> Left => bytes.AsSpan(position);

    public uint State()
    {
        PlainFields.Check(Left.Length >= 4, "stream: fewer bytes than states");
        position += 4;
        return BitConverter.ToUInt32(bytes, position - 4);
    }

    public byte Symbol(ref uint state, PlainShares table)
    {
        byte s = table.SymbolAt[state % 4096];
        Advance(ref state, table.Shares[s], table.Starts[s]);
        return s;
    }

    /// <summary>One or zero; p of 4096 is the probability of one.</summary>
    public int Decision(ref uint state, int p)
    {
        int decision = state % 4096 < p ? 1 : 0;
        Advance(ref state, decision == 1 ? p : 4096 - p, decision == 1 ? 0 : p);
        return decision;
    }

    private void Advance(ref uint state, int share, int start)
    {
        state = unchecked((uint)share * (state / 4096) + state % 4096 - (uint)start);
        if (state >= (1 << 16) + PlantedBug.In("renormalise")) return;
        PlainFields.Check(Left.Length >= 2, "stream: ends");
        state = (state << 16) + BitConverter.ToUInt16(bytes, position);
        position += 2;
    }
}

/// <summary>A share of 4096 for each symbol.</summary>
internal sealed class PlainShares
{
    public PlainShares(int[] shares)
    {
        (Shares, Starts) = (shares, new int[shares.Length]);
        for (int s = 0; s < shares.Length; s++)
        {
            if (s > 0) Starts[s] = Starts[s - 1] + shares[s - 1];
            Array.Fill(SymbolAt, (byte)s, Starts[s], shares[s]);
        }
    }

    public int[] Shares { get; }

    public int[] Starts { get; }

    public byte[] SymbolAt { get; } = new byte[4096];
}

/// <summary>A stream of one lane whose symbols are decisions ("Coded headers").</summary>
internal sealed class PlainDecisions
{
    private readonly PlainWords words;
    private uint state;

    public PlainDecisions(byte[] stream)
    {
        words = new(stream);
        state = words.State();
    }

    public int Next(int p) => words.Decision(ref state, p);

    public void Finish() => PlainFields.Check(state == 1 << 16 && words.AreOver, "decisions: the stream goes on or ends in another state");
}

/// <summary>A probability that learns.</summary>
internal struct PlainSlot()
{
    public int U = 1 << 21, M;

    public static PlainSlot[] Many(int count)
    {
        var slots = new PlainSlot[count];
        Array.Fill(slots, new());
        return slots;
    }

    public void Correct(int bit, int limit)
    {
        int target = bit == 1 ? (1 << 22) - 1 : 0;
        U += (int)(((long)(target - U) * ((1 << 17) / (2 * M + 3))) >> 16);
        M = Math.Min(M + 1, limit - 2 * PlantedBug.In("adapt"));
    }
}
