namespace Strata.Tests.Oracles;

/// <summary>"Model of format 1.2": candidates guess whole bytes; what none of them guesses follows bit by bit.</summary>
internal sealed class PlainGuessModel : PlainCodedFields
{
    private sealed class Pointer
    {
        public int? Place;
        public int Length, Misses;

        public void Set(int? place, int length) => (Place, Length, Misses) = (place, length, 0);

        public void Move(byte[] done, byte value)
        {
            if (Place is not { } place) return;
            if (done[place] == value) Misses = ++Length >= 16 ? 0 : Misses;
            else (Length, Misses) = (0, Misses + 1);
            Place = place + 1;
            if (Misses > 7) Set(null, 0);
        }
    }

    private struct Run
    {
        public ushort Check;
        public byte Byte;
        public int Length;
    }

    private readonly int placeBits, bits;
    private readonly int[] places;
    private readonly Run[] runs;
    private readonly PlainSlot[] slots;
    private readonly PlainSlot[][] confidence = [.. Enumerable.Range(0, 8).Select(_ => PlainSlot.Many(256))];
    private readonly Dictionary<int, int[]> sets = [];
    private readonly Pointer[] pointers = [new(), new()];
    private readonly Dictionary<string, int> starts = [];
    private int textStart;
    private int fieldStart;
    private uint word;

    public PlainGuessModel(byte[] stream, int fields, int sectionBytes) : base(stream, fields, sectionBytes)
    {
        int log2 = (int)Math.Log2(Math.Max(1, fields));
        placeBits = Math.Clamp(log2, 8, 18);
        bits = Math.Clamp(log2 + 3, 10, 20);
        places = new int[1 << placeBits];
        runs = new Run[1 << bits];
        slots = PlainSlot.Many(1 << bits);
    }

    protected override void Begin(string name, bool isText)
    {
        base.Begin(name, isText);
        fieldStart = Position;
        int start = isText ? textStart : starts.GetValueOrDefault(name);
        pointers[1].Set(start > 0 ? start : null, 0);
    }

    protected override void End()
    {
        base.End();
        starts[Field] = fieldStart;
        if (T == 1) textStart = fieldStart;
    }

    protected override byte Byte()
    {
        byte value = Field == "crc32c" ? Plain() : Guessed();
        foreach (var pointer in pointers) pointer.Move(Done, value);
        word = char.IsAsciiLetter((char)value) ? Mix(word, value) : value;
        return value;
    }

    private byte Plain()
    {
        int value = 0;
        for (int i = 0; i < 8; i++) value = 2 * value + Decide(2048);
        return (byte)value;
    }

    private byte Guessed()
    {
        SetPointer();
        uint e0 = Expected(0), e1 = Expected(1), inContent = Mix(A, C);
        uint[] contexts =
        [
            Mix(Mix(inContent, L), M),
            Mix(inContent, O),
            Mix(B(1) + (B(2) << 8) + (B(3) << 16), T),
            T == 1 ? Mix(word, F) : Mix(A, B(1) + (B(2) << 8)),
            Mix(e0 + (B(1) << 9) + (B(2) << 17), 0),
            Mix(e1 + (e0 << 9), F),
        ];
        uint[] g = [.. contexts.Select((h, i) => Mix(h, (uint)i))];
        // What each candidate names, or nothing, and its class.
        int?[] names = new int?[8];
        int[] classes = new int[8];
        for (int i = 0; i < 6; i++)
        {
            var run = runs[g[i] >> (32 - bits)];
            if (run.Length == 0 || run.Check != (ushort)g[i]) continue;
            (names[i], classes[i]) = (run.Byte, 2 * Math.Min(run.Length, 127) + (int)T);
        }
        for (int i = 0; i < 2; i++)
        {
            if (pointers[i].Place is not { } place) continue;
            (names[6 + i], classes[6 + i]) = (Done[place], 16 * Math.Min(pointers[i].Length, 15) + 2 * pointers[i].Misses + (int)T);
        }
        int? first = Best(names, classes, not: null), value = null;
        if (first is not null)
        {
            if (Round(0, first.Value, null, names, classes)) value = first;
            else if (Best(names, classes, not: first) is { } second && Round(1, second, first, names, classes)) value = second;
        }
        value ??= Bits(first, inContent);
        for (int i = 0; i < 8; i++)
        {
            if (names[i] is not null) confidence[i][classes[i]].Correct(names[i] == value ? 1 : 0, 127);
        }
        for (int i = 0; i < 6; i++)
        {
            ref var run = ref runs[g[i] >> (32 - bits)];
            if (names[i] == value) run.Length = Math.Min(run.Length + 1, 255);
            else if (names[i] is not null && run.Length > 3) run.Length /= 4;
            else run = new() { Check = (ushort)g[i], Byte = (byte)value, Length = 1 };
        }
        return (byte)value;
    }

    private uint Expected(int pointer) => pointers[pointer].Place is { } place ? Done[place] : 256u;

    private void SetPointer()
    {
        int j = Position;
        if (j < 8) return;
        ref int entry = ref places[Mix(B(1) + (B(2) << 8) + (B(3) << 16) + (B(4) << 24), B(5) + (B(6) << 8) + (B(7) << 16) + (B(8) << 24)) >> (32 - placeBits)];
        int e = entry;
        entry = j;
        var pointer = pointers[0];
        if (e == 0 || e == pointer.Place || pointer.Place is not null && pointer.Misses == 0) return;
        int equal = 0;
        while (equal < 32 && equal < e && Done[e - 1 - equal] == Done[j - 1 - equal]) equal++;
        if (equal > pointer.Length && equal >= (pointer.Length == 0 ? 8 : 16)) pointer.Set(e, equal);
    }

    private int? Best(int?[] names, int[] classes, int? not)
    {
        int best = -1;
        for (int i = 0; i < 8; i++)
        {
            if (names[i] is null || names[i] == not) continue;
            if (best < 0)
            {
                best = i;
                continue;
            }
            PlainSlot one = confidence[i][classes[i]], other = confidence[best][classes[best]];
            if (one.U > other.U || one.U == other.U && one.M > other.M) best = i;
        }
        return best < 0 ? null : names[best];
    }

    private bool Round(int r, int guess, int? before, int?[] names, int[] classes)
    {
        int[] inputs = new int[8];
        for (int i = 0; i < 8; i++)
        {
            if (names[i] is null || r == 1 && names[i] == before) continue;
            int stretched = Stretched(confidence[i][classes[i]]);
            inputs[i] = names[i] == guess ? stretched : -Math.Max(0, stretched);
        }
        int agreeing = names.Count(n => n == guess);
        int[] one = Set(r * 256 + (int)(F % 256)), other = Set(1000 + ((r * 16 + Math.Min(pointers[0].Length, 15)) * 4 + Math.Min(pointers[0].Misses, 3)) * 9 + agreeing);
        int d1 = Sum(one, inputs), d2 = Sum(other, inputs);
        int right = DecideBy((d1 + d2) >> 1);
        Train(one, inputs, ((right << 16) - Logistic(d1)) * 2);
        Train(other, inputs, ((right << 16) - Logistic(d2)) * 2);
        return right == 1;
    }

    private int Bits(int? guess, uint inContent)
    {
        uint[] contexts =
        [
            Mix(F, B(1) + ((uint)(guess ?? 256) << 8)),
            Mix(F, B(1) + (B(2) << 8)),
            Mix(B(1) + (B(2) << 8) + (B(3) << 16), T),
            T == 1 ? word : Mix(inContent, L),
            inContent,
            Mix(inContent, O),
            T,
            Mix(B(1) + (B(2) << 8) + (B(3) << 16) + (B(4) << 24), T),
        ];
        int known = 1;
        for (int count = 0; count < 8; count++)
        {
            int[] at = [.. contexts.Select((h, i) => (int)(Mix(Mix(h, (uint)i), (uint)known) >> (32 - bits)))];
            int[] inputs = [.. at.Select(i => Stretched(slots[i]))], set = Set(-1 - (int)T * 8 - count);
            int d = Sum(set, inputs), bit = DecideBy(d);
            Train(set, inputs, (bit << 16) - Logistic(d));
            foreach (int i in at) slots[i].Correct(bit, 30);
            known = 2 * known + bit;
        }
        return known - 256;
    }

    private int[] Set(int number)
    {
        if (!sets.TryGetValue(number, out int[]? set)) sets[number] = set = Weights(8, 16384);
        return set;
    }
}
