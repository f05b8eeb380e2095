namespace Strata.Tests.Oracles;

/// <summary>"Integers": descriptions of tensors, coded bit by bit under contexts.</summary>
internal sealed class PlainIntegers(byte[] stream)
{
    private sealed class Context
    {
        public readonly PlainSlot[] P = PlainSlot.Many(32), T = PlainSlot.Many(32 * 8), U = PlainSlot.Many(32);
    }

    private readonly PlainDecisions decisions = new(stream);
    private readonly Context?[] contexts = new Context[128];

    public void Finish() => decisions.Finish();

    public int Integer(int c, long most)
    {
        var context = contexts[c] ??= new();
        int e = 0;
        while (e < 30 - 14 * PlantedBug.In("unary") && Bit(ref context.P[e]) == 1) e++;
        long n = 1;
        for (int j = e - 1; j >= 0; j--) n = 2 * n + Bit(ref n < 8 - 4 * PlantedBug.In("integer bits") ? ref context.T[8 * e + n] : ref context.U[j]);
        PlainFields.Check(n - 1 <= most, "integers: a number that is too large", c);
        return (int)(n - 1);
    }

    /// <summary>The number whose difference from an expected one is coded.</summary>
    public int From(int expected, int c, int least, int most)
    {
        long coded = Integer(c, int.MaxValue), x = expected + (coded % 2 == 0 ? coded / 2 : -(coded + 1) / 2);
        PlainFields.Check(x >= least && x <= most, "integers: a difference out of bounds", c);
        return (int)x;
    }

    private int Bit(ref PlainSlot slot)
    {
        int bit = decisions.Next(Math.Clamp(slot.U >> 10, 1, 4095));
        slot.Correct(bit, 30);
        return bit;
    }
}
