namespace Strata.Tests.Oracles;

/// <summary>The fields of coded headers ("Coded headers"): a stream of one lane of decisions, and what both models know of the bytes before.</summary>
internal abstract class PlainCodedFields : PlainFields
{
    private static readonly int[] s_logistic =
    [
        22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768, 40793, 47911, 53581, 57724, 60565, 62428,
        63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514,
    ];

    private static readonly int[] s_stretch = Stretches();

    protected static int Stretched(PlainSlot slot) => s_stretch[slot.U >> 10];

    private readonly byte[] stream;
    private readonly int sectionBytes;
    private readonly Dictionary<uint, (uint Last, uint BeforeLast)> complete = [];
    private int read = 4;
    private uint state;

    protected PlainCodedFields(byte[] stream, int fields, int sectionBytes)
    {
        (this.stream, this.sectionBytes, Done) = (stream, sectionBytes, new byte[fields]);
        Check(stream.Length >= 4, "coded headers: the stream has no state");
        state = BitConverter.ToUInt32(stream, 0);
    }

    /// <summary>The bytes of all fields; <see cref="Position"/> of them are known.</summary>
    protected byte[] Done { get; }

    protected int Position { get; private set; }

    public override int Left => Done.Length - Position;

    protected override long MostItems => sectionBytes <= 1024 ? sectionBytes / 8 : 4L * sectionBytes;

    // By the letters of the document.
    protected string Field { get; private set; } = "";

    protected uint F { get; private set; }

    protected uint T { get; private set; }

    protected int K { get; private set; }

    protected uint A => Mix(F, (uint)Math.Min(K, T == 1 ? 1 : 63));

    protected uint C { get; private set; }

    protected uint L { get; private set; }

    protected uint M { get; private set; }

    protected uint O { get; private set; }

    protected uint P { get; private set; }

    /// <summary>After the last field.</summary>
    public void Finish() => Check(Left == 0 && state == 1 << 16 && read == stream.Length, "coded headers: the stream goes on or ends in another state");

    protected override void Begin(string name, bool isText)
    {
        F = 2166136261;
        foreach (char c in name) F = (F ^ c) * 16777619;
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
        byte value = Byte();
        Done[Position++] = value;
        C = Mix(C, value + 256u);
        K++;
        return value;
    }

    protected abstract byte Byte();

    /// <summary>The i-th byte before the next one.</summary>
    protected uint B(int i) => Position >= i ? Done[Position - i] : 0u;

    protected static uint Mix(uint a, uint b)
    {
        uint z = (((a << 5) | (a >> 27)) ^ b) * 0x9E3779B1;
        z = (z ^ (z >> 15)) * 0x85EBCA6B;
        return z ^ (z >> 13);
    }

    protected int Decide(int p)
    {
        uint r = state % 4096;
        bool one = r < p;
        state = one ? (uint)p * (state / 4096) + r : (uint)(4096 - p) * (state / 4096) + r - (uint)p;
        if (state < 1 << 16)
        {
            Check(read + 2 <= stream.Length, "coded headers: the stream ends");
            state = (state << 16) + BitConverter.ToUInt16(stream, read);
            read += 2;
        }
        return one ? 1 : 0;
    }

    /// <summary>The decision of which the mixed inputs say how probable it is.</summary>
    protected int DecideBy(int d) => Decide(Math.Clamp(Logistic(d) >> 4, 1, 4095));

    protected static int[] Weights(int inputs, int value)
    {
        int[] weights = new int[inputs];
        Array.Fill(weights, value);
        return weights;
    }

    protected static int Sum(int[] weights, int[] inputs)
    {
        long sum = 0;
        for (int i = 0; i < inputs.Length; i++) sum += (long)weights[i] * inputs[i];
        return (int)Math.Clamp(sum >> 16, -2047, 2047);
    }

    /// <summary>Trains weights by the error of 2¹⁶ v against σ(d), times a factor.</summary>
    protected static void Train(int[] weights, int[] inputs, int error)
    {
        for (int i = 0; i < inputs.Length; i++) weights[i] += (inputs[i] * error + (1 << 13)) >> 14;
    }

    protected static int Logistic(int x)
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

/// <summary>"Model of format 1.1": contexts, a match, mixing; bit by bit.</summary>
internal sealed class PlainBitModel : PlainCodedFields
{
    private readonly int slotBits;
    private readonly PlainSlot[] slots, matchSlots = PlainSlot.Many(16);
    private readonly int[] places = new int[1 << 14];
    private readonly int[]?[] byLength = new int[16][], byName = new int[256][];
    private int matchLength, matchPlace;

    public PlainBitModel(byte[] stream, int fields, int sectionBytes) : base(stream, fields, sectionBytes)
    {
        slotBits = Math.Clamp((int)Math.Log2(Math.Max(1, fields)) + 5, 10, 22);
        slots = PlainSlot.Many(1 << slotBits);
    }

    protected override byte Byte()
    {
        FindMatch();
        uint[] contexts = Contexts();
        int bits = 1;
        for (int i = 7; i >= 0; i--) bits = 2 * bits + Bit(contexts, bits);
        return (byte)bits;
    }

    private uint[] Contexts()
    {
        uint inContent = Mix(A, C);
        return
        [
            A,
            Mix(A, B(1)),
            Mix(F, B(1) + (B(2) << 8)),
            Mix(T, B(1) + (B(2) << 8) + (B(3) << 16)),
            Mix(B(1) + (B(2) << 8) + (B(3) << 16) + (B(4) << 24), B(5) + (B(6) << 8)),
            Mix(Mix(inContent, L), M),
            Mix(inContent, O),
            T == 1 ? Word() : Mix(inContent, P),
        ];
    }

    private uint Word()
    {
        uint word = 0;
        int i = 1;
        for (; i <= 24 && char.IsAsciiLetter((char)B(i)); i++) word = Mix(word, B(i));
        return Mix(word, B(i));
    }

    private void FindMatch()
    {
        int j = Position;
        if (matchLength > 0 && Done[matchPlace] == B(1)) (matchPlace, matchLength) = (matchPlace + 1, Math.Min(matchLength + 1, 15));
        else matchLength = 0;
        if (j < 4) return;
        ref int entry = ref places[Mix(B(1) + (B(2) << 8) + (B(3) << 16) + (B(4) << 24), 0) >> 18];
        int e = entry;
        if (matchLength == 0 && e > 0)
        {
            int equal = 0;
            while (equal < 15 && equal < e && Done[e - 1 - equal] == Done[j - 1 - equal]) equal++;
            if (equal >= 4) (matchLength, matchPlace) = (equal, e);
        }
        entry = j;
    }

    private int Bit(uint[] contexts, int known)
    {
        int[] at = new int[8];
        int[] inputs = new int[9];
        for (int i = 0; i < 8; i++)
        {
            at[i] = (int)(Mix(Mix(contexts[i], (uint)i), (uint)known) >> (32 - slotBits));
            inputs[i] = Stretched(slots[at[i]]);
        }
        // Bits known of this byte: as many as `known` has below its leading 1.
        int count = (int)Math.Log2(known);
        bool expects = matchLength > 0 && (Done[matchPlace] | 256) >> (8 - count) == known;
        int expected = expects ? (Done[matchPlace] >> (7 - count)) & 1 : 0;
        int length = expects ? matchLength : 0;
        if (expects) inputs[8] = Stretched(matchSlots[length]) * (expected == 1 ? 1 : -1);

        int[] one = byLength[length] ??= Weights(9, 13107), other = byName[F % 256] ??= Weights(9, 13107);
        int d1 = Sum(one, inputs), d2 = Sum(other, inputs);
        int bit = DecideBy((d1 + d2) >> 1);
        Train(one, inputs, (((bit << 16) - Logistic(d1)) >> 4) * 12);
        Train(other, inputs, (((bit << 16) - Logistic(d2)) >> 4) * 12);
        foreach (int slot in at) slots[slot].Correct(bit, 30);
        if (expects)
        {
            matchSlots[length].Correct(bit == expected ? 1 : 0, 30);
            if (bit != expected) matchLength = 0;
        }
        return bit;
    }
}
