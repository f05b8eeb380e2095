namespace Strata.Tests.Oracles;

/// <summary>The fields of coded headers, decoded by "Coded headers": contexts, match, mixing, and a stream of one lane, bit by bit.</summary>
internal sealed class PlainCodedFields : PlainFields
{
    private static readonly int[] s_logistic =
    [
        22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768, 40793, 47911, 53581, 57724, 60565, 62428,
        63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514,
    ];

    private static readonly int[] s_stretch = Stretches();

    private readonly byte[] stream;
    private readonly byte[] done;
    private readonly int sectionBytes;
    private int position, read;
    private uint state;

    // The field that is being read, and what is remembered of those before it.
    private uint hash, content, last, beforeLast;
    private bool isText;
    private int inField;
    private uint previous, operators;
    private readonly Dictionary<uint, (uint Last, uint BeforeLast)> complete = [];

    private readonly int slotBits;
    private readonly int[] slots, corrections;
    private readonly int[] matchSlots = new int[16], matchCorrections = new int[16];
    private readonly int[] positions = new int[1 << 14];
    private int matchLength, matchPlace;
    private readonly long[,] byLength = Weights(16), byName = Weights(256);

    public PlainCodedFields(byte[] stream, int fields, int sectionBytes)
    {
        (this.stream, this.sectionBytes, done) = (stream, sectionBytes, new byte[fields]);
        slotBits = Math.Clamp((int)Math.Log2(Math.Max(1, fields)) + 5, 10, 22);
        slots = new int[1 << slotBits];
        corrections = new int[1 << slotBits];
        Array.Fill(slots, 1 << 21);
        Array.Fill(matchSlots, 1 << 21);
        Check(stream.Length >= 4, "coded headers: the stream has no state");
        state = BitConverter.ToUInt32(stream, 0);
        read = 4;
    }

    public override int Left => done.Length - position;

    protected override long MostItems => sectionBytes <= 1024 ? sectionBytes / 16 : 4L * sectionBytes;

    /// <summary>After the last field.</summary>
    public void Finish() => Check(Left == 0 && state == 1 << 16 && read == stream.Length, "coded headers: the stream goes on or ends in another state");

    protected override void Begin(string name, bool isText)
    {
        hash = 2166136261;
        foreach (char c in name) hash = (hash ^ c) * 16777619;
        (this.isText, inField, content) = (isText, 0, 0);
        (last, beforeLast) = complete.GetValueOrDefault(hash);
        isOperator = name == "operator";
    }

    private bool isOperator;

    protected override void End()
    {
        complete[hash] = (content, last);
        previous = Mix(content, hash);
        if (isOperator) operators = content;
    }

    protected override byte Next()
    {
        FindMatch();
        uint[] contexts = Contexts();
        int bits = 1;
        for (int i = 7; i >= 0; i--) bits = 2 * bits + Bit(contexts, bits);
        byte value = (byte)bits;
        done[position++] = value;
        content = Mix(content, value + 256u);
        inField++;
        return value;
    }

    private static uint Mix(uint a, uint b)
    {
        uint z = (((a << 5) | (a >> 27)) ^ b) * 0x9E3779B1;
        z = (z ^ (z >> 15)) * 0x85EBCA6B;
        return z ^ (z >> 13);
    }

    private uint Before(int i) => position >= i ? done[position - i] : 0u;

    private uint[] Contexts()
    {
        uint name = Mix(hash, (uint)Math.Min(inField, isText ? 1 : 63));
        uint b1 = Before(1), b2 = Before(2), b3 = Before(3), b4 = Before(4);
        uint inContent = Mix(name, content);
        return
        [
            name,
            Mix(name, b1),
            Mix(hash, b1 + (b2 << 8)),
            Mix(isText ? 1u : 0, b1 + (b2 << 8) + (b3 << 16)),
            Mix(b1 + (b2 << 8) + (b3 << 16) + (b4 << 24), Before(5) + (Before(6) << 8)),
            Mix(Mix(inContent, last), beforeLast),
            Mix(inContent, operators),
            isText ? Word() : Mix(inContent, previous),
        ];
    }

    private uint Word()
    {
        uint word = 0;
        int i = 1;
        for (; i <= 24 && char.IsAsciiLetter((char)Before(i)); i++) word = Mix(word, Before(i));
        return Mix(word, Before(i));
    }

    private void FindMatch()
    {
        int j = position;
        if (matchLength > 0 && done[matchPlace] == Before(1)) (matchPlace, matchLength) = (matchPlace + 1, Math.Min(matchLength + 1, 15));
        else matchLength = 0;
        if (j < 4) return;
        uint entry = Mix(Before(1) + (Before(2) << 8) + (Before(3) << 16) + (Before(4) << 24), 0) >> 18;
        int e = positions[entry];
        if (matchLength == 0 && e > 0)
        {
            int equal = 0;
            while (equal < 15 && equal < e && done[e - 1 - equal] == done[j - 1 - equal]) equal++;
            if (equal >= 4) (matchLength, matchPlace) = (equal, e);
        }
        positions[entry] = j;
    }

    private int Bit(uint[] contexts, int known)
    {
        int[] at = new int[8];
        int[] inputs = new int[9];
        for (int i = 0; i < 8; i++)
        {
            at[i] = (int)(Mix(Mix(contexts[i], (uint)i), (uint)known) >> (32 - slotBits));
            inputs[i] = s_stretch[slots[at[i]] >> 10];
        }
        // Bits known of this byte: as many as `known` has below its leading 1.
        int count = (int)Math.Log2(known);
        bool expects = matchLength > 0 && (done[matchPlace] | 256) >> (8 - count) == known;
        int expected = expects ? (done[matchPlace] >> (7 - count)) & 1 : 0;
        int length = expects ? matchLength : 0;
        if (expects) inputs[8] = s_stretch[matchSlots[length] >> 10] * (expected == 1 ? 1 : -1);

        int set = (int)(hash % 256);
        int d1 = Sum(byLength, length, inputs), d2 = Sum(byName, set, inputs);
        int p = Math.Clamp(Logistic((d1 + d2) >> 1) >> 4, 1, 4095);
        int bit = Decode(p);

        Train(byLength, length, inputs, d1, bit);
        Train(byName, set, inputs, d2, bit);
        foreach (int slot in at) Correct(slots, corrections, slot, bit);
        if (expects)
        {
            Correct(matchSlots, matchCorrections, length, bit == expected ? 1 : 0);
            if (bit != expected) matchLength = 0;
        }
        return bit;
    }

    private int Decode(int p)
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

    private static int Sum(long[,] weights, int set, int[] inputs)
    {
        long sum = 0;
        for (int i = 0; i < 9; i++) sum += weights[set, i] * inputs[i];
        return (int)Math.Clamp(sum >> 16, -2047, 2047);
    }

    private static void Train(long[,] weights, int set, int[] inputs, int d, int bit)
    {
        int error = ((bit << 16) - Logistic(d)) >> 4;
        for (int i = 0; i < 9; i++) weights[set, i] += ((long)inputs[i] * error * 12 + (1 << 13)) >> 14;
    }

    private static void Correct(int[] values, int[] counts, int slot, int bit)
    {
        int target = bit == 1 ? (1 << 22) - 1 : 0;
        values[slot] += (int)(((long)(target - values[slot]) * ((1 << 17) / (2 * counts[slot] + 3))) >> 16);
        counts[slot] = Math.Min(counts[slot] + 1, 30 - 2 * PlantedBug.In("adapt"));
    }

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

    private static long[,] Weights(int sets)
    {
        long[,] weights = new long[sets, 9];
        for (int s = 0; s < sets; s++)
        {
            for (int i = 0; i < 9; i++) weights[s, i] = 13107;
        }
        return weights;
    }
}
