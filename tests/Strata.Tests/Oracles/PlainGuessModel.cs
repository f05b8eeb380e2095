namespace Strata.Tests.Oracles;

/// <summary>"Model of format 1.2": candidates guess whole bytes; what none of them guesses follows bit by bit.</summary>
internal sealed class PlainGuessModel(byte[] stream, int n, int sectionBytes) : PlainCodedFields(stream, n, sectionBytes, Log2(n, 3, 10, 20))
{
    private sealed class Pointer
    {
        public int? Place;
        public int Length, Misses;

        public void Set(int? place, int length) => (Place, Length, Misses) = (place, length, 0);

        public void Move(byte[] done, byte value)
        {
            if (Place is not { } place) return;
            Length = done[place] == value ? Length + 1 : 0;
            Misses = Length == 0 ? Misses + 1 : Length >= 16 ? 0 : Misses;
            Place = place + 1;
            if (Misses > 7 - PlantedBug.In("misses")) Set(null, 0);
        }
    }

    private struct Run
    {
        public ushort Check;
        public byte Byte;
        public int Length;
    }

    private const int Nothing = -1;

    private readonly int placeBits = Log2(n, 0, 8, 18), bits = Log2(n, 3, 10, 20);
    private readonly int[] places = new int[1 << Log2(n, 0, 8, 18)];
    private readonly Run[] runs = new Run[1 << Log2(n, 3, 10, 20)];
    private readonly PlainSlot[][] confidence = [.. Enumerable.Range(0, 8).Select(_ => PlainSlot.Many(256))];
    private readonly Dictionary<int, int[]> byName = [], byPointer = [], byBit = [];
    private readonly Pointer[] pointers = [new(), new()];
    private readonly Dictionary<string, int> starts = [];
    private int textStart, fieldStart;
    private uint word;

    // Of the byte that is guessed: what each candidate names, and its class.
    private readonly int[] names = new int[8], classes = new int[8];

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
        int value = Field == "crc32c" && PlantedBug.In("checksums") == 0 ? Enumerable.Range(0, 8).Aggregate(0, (known, _) => 2 * known + Decide()) : Guessed();
        foreach (var pointer in pointers) pointer.Move(Done, (byte)value);
        word = char.IsAsciiLetter((char)value) ? Mix(word, (uint)value) : (uint)value;
        return (byte)value;
    }

    private int Guessed()
    {
        SetPointer();
        uint e0 = Expected(0), e1 = Expected(1), inContent = Mix(A, C);
        uint[] contexts =
        [
            Mix(Mix(inContent, L), M),
            Mix(inContent, O),
            Mix(Before(3), T),
            T == 1 ? Mix(word, F) : Mix(A, Before(2)),
            Mix(e0 + (B(1) << 9) + (B(2) << 17), 0),
            Mix(e1 + (e0 << 9), F),
        ];
        uint[] g = [.. contexts.Select((h, i) => Mix(h, (uint)i))];
        for (int i = 0; i < 6; i++)
        {
            var run = runs[g[i] >> (32 - bits)];
            names[i] = run.Length > 0 && run.Check == (ushort)g[i] ? run.Byte : Nothing;
            classes[i] = 2 * Math.Min(run.Length, 127) + (int)T;
        }
        for (int i = 0; i < 2; i++)
        {
            names[6 + i] = pointers[i].Place is { } place ? Done[place] : Nothing;
            classes[6 + i] = 16 * Math.Min(pointers[i].Length, 15) + 2 * pointers[i].Misses + (int)T;
        }
        int first = Best(not: Nothing), value = Round(0, first, Nothing);
        if (value == Nothing && first != Nothing) value = Round(1, Best(not: first), first);
        if (value == Nothing) value = Bits(first, inContent);
        for (int i = 0; i < 8; i++)
        {
            if (names[i] != Nothing) confidence[i][classes[i]].Correct(names[i] == value ? 1 : 0, 127);
        }
        for (int i = 0; i < 6; i++)
        {
            ref var run = ref runs[g[i] >> (32 - bits)];
            if (names[i] == value) run.Length = Math.Min(run.Length + 1, 255);
            else if (names[i] != Nothing && run.Length > 3) run.Length /= 4 + PlantedBug.In("run");
            else run = new() { Check = (ushort)g[i], Byte = (byte)value, Length = 1 };
        }
        return value;
    }

    private uint Expected(int pointer) => pointers[pointer].Place is { } place ? Done[place] : 256u;

    private void SetPointer()
    {
        if (Position < 8) return;
        ref int entry = ref places[Mix(Before(4), Before(4, from: 5)) >> (32 - placeBits)];
        int e = entry;
        entry = Position;
        var pointer = pointers[0];
        if (e == 0 || e == pointer.Place || pointer.Place is not null && pointer.Misses == 0) return;
        int equal = EqualBefore(e, 32);
        if (equal > pointer.Length && equal >= (pointer.Length == 0 ? 8 : 16 + PlantedBug.In("pointer"))) pointer.Set(e, equal);
    }

    // The byte of the greatest slot, by u, then by m, then the first.
    private int Best(int not)
    {
        int best = Nothing;
        for (int i = 0; i < 8; i++)
        {
            if (names[i] == Nothing || names[i] == not) continue;
            if (best == Nothing || (Slot(i).U, Slot(i).M).CompareTo((Slot(best).U, Slot(best).M)) > 0) best = i;
        }
        return best == Nothing ? Nothing : names[best];
    }

    private PlainSlot Slot(int candidate) => confidence[candidate][classes[candidate]];

    // The guess if it is right.
    private int Round(int r, int guess, int before)
    {
        if (guess == Nothing) return Nothing;
        int[] inputs = new int[8];
        for (int i = 0; i < 8; i++)
        {
            if (names[i] == Nothing || names[i] == before) continue;
            int stretched = Stretched(Slot(i));
            inputs[i] = names[i] == guess ? stretched : -Math.Max(0, stretched);
        }
        int matched = Math.Min(pointers[0].Length, 15) * 4 + Math.Min(pointers[0].Misses, 3), agreeing = names.Count(name => name == guess);
        int[] one = Set(byName, r * 256 + (int)(F % 256), 8, 16384), other = Set(byPointer, (r * 64 + matched) * 9 + agreeing, 8, 16384);
        return Decide(inputs, e => 2 * e, one, other) == 1 ? guess : Nothing;
    }

    private int Bits(int guess, uint inContent)
    {
        uint[] contexts =
        [
            Mix(F, B(1) + ((guess == Nothing ? 256 : (uint)guess) << 8)),
            Mix(F, Before(2)),
            Mix(Before(3), T),
            T == 1 ? word : Mix(inContent, L),
            inContent,
            Mix(inContent, O),
            T,
            Mix(Before(4), T),
        ];
        int known = 1;
        for (int count = 0; count < 8; count++) known = 2 * known + NextBit(contexts, known, [], e => e, Set(byBit, (int)T * 8 + count, 8, 16384));
        return known - 256;
    }
}
