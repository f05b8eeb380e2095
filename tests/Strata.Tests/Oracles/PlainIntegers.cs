namespace Strata.Tests.Oracles;

/// <summary>"Integers": descriptions of tensors, coded bit by bit under contexts.</summary>
internal sealed class PlainIntegers
{
    private sealed class Context
    {
        public readonly PlainSlot[] P = PlainSlot.Many(32), T = PlainSlot.Many(32 * 8), U = PlainSlot.Many(32);
    }

    private readonly byte[] stream;
    private readonly Context?[] contexts = new Context[128];
    private uint state;
    private int read = 4;

    public PlainIntegers(byte[] stream)
    {
        PlainFields.Check(stream.Length >= 4, "integers: no state");
        (this.stream, state) = (stream, BitConverter.ToUInt32(stream, 0));
    }

    public void Finish() => PlainFields.Check(state == 1 << 16 && read == stream.Length, "integers: the stream goes on or ends in another state");

    public int Integer(int c, long most)
    {
        var context = contexts[c] ??= new();
        int e = 0;
        while (e < 30 && Bit(ref context.P[e]) == 1) e++;
        long n = 1;
        for (int j = e - 1; j >= 0; j--) n = 2 * n + Bit(ref n < 8 ? ref context.T[8 * e + n] : ref context.U[j]);
        PlainFields.Check(n - 1 <= most, $"integer({c}) = {n - 1}, at most {most} is allowed");
        return (int)(n - 1);
    }

    /// <summary>The number whose difference from an expected one is coded.</summary>
    public int From(int expected, int c, int least, int most)
    {
        long coded = Integer(c, int.MaxValue), x = expected + (coded % 2 == 0 ? coded / 2 : -(coded + 1) / 2);
        PlainFields.Check(x >= least && x <= most, $"a number {x} by difference({c})");
        return (int)x;
    }

    private int Bit(ref PlainSlot slot)
    {
        uint p = (uint)Math.Clamp(slot.U >> 10, 1, 4095), r = state % 4096;
        int bit = r < p ? 1 : 0;
        state = bit == 1 ? p * (state / 4096) + r : (4096 - p) * (state / 4096) + r - p;
        if (state < 1 << 16)
        {
            PlainFields.Check(read + 2 <= stream.Length, "integers: the stream ends");
            state = (state << 16) + BitConverter.ToUInt16(stream, read);
            read += 2;
        }
        slot.Correct(bit, 30);
        return bit;
    }
}
