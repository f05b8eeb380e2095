namespace Strata.Tests.Oracles;

/// <summary>The fields of coded headers ("Coded headers"): a stream of decisions, and what both models know of the bytes before and how they learn.</summary>
internal abstract class PlainCodedFields(byte[] stream, int n, int sectionBytes, int slotBits) : PlainFields
{
    private static readonly int[] s_logistic = [.. Enumerable.Range(0, 33).Select(i => (int)Math.Round(65536 / (1 + Math.Exp(8 - i / 2.0))))];
    private static readonly int[] s_stretch = Stretches();

    private readonly PlainDecisions decisions = new(stream);
    private readonly PlainSlot[] slots = PlainSlot.Many(1 << slotBits);
    private readonly Dictionary<uint, (uint Last, uint BeforeLast)> complete = [];

    /// <summary>The bytes of all fields; <see cref="Position"/> of them are known.</summary>
    protected byte[] Done { get; } = new byte[n];

    protected int Position { get; private set; }

    public override int Left => Done.Length - Position;

    protected override long MostItems => sectionBytes <= 1024 ? sectionBytes / 8 : 4L * sectionBytes;

    protected string Field { get; private set; } = "";

    // By the letters of the document.
    protected uint F, T, K, C, L, M, O, P;

    protected uint A => Mix(F, Math.Min(K, T == 1 ? 1u : 63u));

    /// <summary>After the last field.</summary>
    public void Finish()
    {
        Check(Left == 0, "coded headers: bytes after the last field");
        decisions.Finish();
    }

    protected override void Begin(string name, bool isText)
    {
        F = name.Aggregate(2166136261, (f, c) => (f ^ c) * 16777619);
        (Field, T, K, C) = (name, isText ? 1u : 0, 0, 0);
        (L, M) = complete.GetValueOrDefault(F);
    }

    protected override void End()
    {
        complete[F] = (C, L);
        P = Mix(C, F);
        if (Field == "operator") O = C;
    }

    protected override byte Next()
    {
        byte value = Done[Position] = Byte();
        Position++;
        C = Mix(C, value + 256u);
        K++;
        return value;
    }

    protected abstract byte Byte();

    /// <summary>The bits of a table's size: some more than those of n, within bounds.</summary>
    protected static int Log2(int n, int more, int least, int most) => Math.Clamp((int)Math.Log2(Math.Max(1, n)) + more, least, most);

    /// <summary>The i-th byte before the next one.</summary>
    protected uint B(int i) => Position >= i ? Done[Position - i] : 0u;

    /// <summary>Some bytes before the next one as a number, the last one lowest; the first of them is the from-th.</summary>
    protected uint Before(int count, int from = 1)
    {
        uint number = 0;
        for (int i = count - 1; i >= 0; i--) number = (number << 8) + B(from + i);
        return number;
    }

    /// <summary>How many bytes, at most so many, are equal before a place and before the next one.</summary>
    protected int EqualBefore(int place, int most)
    {
        int equal = 0;
        while (equal < most && equal < place && Done[place - 1 - equal] == Done[Position - 1 - equal]) equal++;
        return equal;
    }

    protected static uint Mix(uint a, uint b)
    {
        uint z = (uint.RotateLeft(a, 5) ^ b) * 0x9E3779B1;
        z = (z ^ (z >> 15)) * 0x85EBCA6B;
        return z ^ (z >> 13);
    }

    /// <summary>A decision of which nothing is known.</summary>
    protected int Decide() => decisions.Next(2048);

    /// <summary>A decision that the inputs speak for or against, mixed by sets of weights; those are trained by the error as it is rated.</summary>
    protected int Decide(int[] inputs, Func<int, int> rated, params int[][] sets)
    {
        int[] mixed = Array.ConvertAll(sets, set => Mixed(set, inputs));
        int decision = decisions.Next(Math.Clamp(Logistic(mixed.Sum() >> (sets.Length - 1)) >> 4, 1, 4095));
        for (int s = 0; s < sets.Length; s++)
        {
            int error = rated((decision << 16) - Logistic(mixed[s]));
            for (int i = 0; i < inputs.Length; i++) sets[s][i] += (inputs[i] * error + (1 << 13)) >> 14;
        }
        return decision;
    }

    /// <summary>The next bit of a byte of which some are known, below a 1: by the slots of contexts and by more inputs.</summary>
    protected int NextBit(uint[] contexts, int known, int[] more, Func<int, int> rated, params int[][] sets)
    {
        int[] at = new int[contexts.Length];
        for (int i = 0; i < at.Length; i++) at[i] = (int)(Mix(Mix(contexts[i], (uint)i), (uint)known) >> (32 - slotBits));
        int bit = Decide([.. at.Select(i => Stretched(slots[i])), .. more], rated, sets);
        foreach (int i in at) slots[i].Correct(bit, 30);
        return bit;
    }

    private static int Mixed(int[] weights, int[] inputs)
    {
        long sum = 0;
        for (int i = 0; i < inputs.Length; i++) sum += (long)weights[i] * inputs[i];
        return (int)Math.Clamp(sum >> 16, -2047, 2047);
    }

    /// <summary>Weights that stand under a number, equal at first.</summary>
    protected static int[] Set(Dictionary<int, int[]> sets, int number, int inputs, int first)
    {
        if (!sets.TryGetValue(number, out int[]? set)) sets[number] = set = [.. Enumerable.Repeat(first, inputs)];
        return set;
    }

    protected static int Stretched(PlainSlot slot) => s_stretch[slot.U >> 10];

    private static int Logistic(int x)
    {
        int y = x + 2048;
        return (s_logistic[y >> 7] * (128 - y % 128) + s_logistic[(y >> 7) + 1] * (y % 128)) >> 7;
    }

    private static int[] Stretches()
    {
        int[] table = new int[4096];
        int x = -2047;
        for (int p = 0; p < 4096; p++)
        {
            while (x < 2047 && Logistic(x) < 16 * p + 8) x++;
            table[p] = x;
        }
        return table;
    }
}
