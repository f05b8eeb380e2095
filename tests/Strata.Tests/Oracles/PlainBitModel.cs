namespace Strata.Tests.Oracles;

/// <summary>"Model of format 1.1": contexts, a match, mixing; bit by bit.</summary>
internal sealed class PlainBitModel(byte[] stream, int n, int sectionBytes) : PlainCodedFields(stream, n, sectionBytes, Log2(n, 5, 10, 22))
{
    private readonly PlainSlot[] matchSlots = PlainSlot.Many(16);
    private readonly int[] places = new int[1 << 14];
    private readonly Dictionary<int, int[]> byLength = [], byName = [];
    private int length, place;

    protected override byte Byte()
    {
        FindMatch();
        uint inContent = Mix(A, C);
        uint[] contexts =
        [
            A,
            Mix(A, B(1)),
            Mix(F, Before(2)),
            Mix(T, Before(3)),
            Mix(Before(4), Before(2, from: 5)),
            Mix(Mix(inContent, L), M),
            Mix(inContent, O),
            T == 1 ? Word() : Mix(inContent, P),
        ];
        int known = 1;
        for (int count = 0; count < 8; count++) known = 2 * known + Bit(contexts, known, count);
        return (byte)known;
    }

    private uint Word()
    {
        uint word = 0;
        int i = 1;
        for (; i <= 24 - PlantedBug.In("word") && char.IsAsciiLetter((char)B(i)); i++) word = Mix(word, B(i));
        return Mix(word, B(i));
    }

    private void FindMatch()
    {
        bool goesOn = length > 0 && Done[place] == B(1);
        (place, length) = goesOn ? (place + 1, Math.Min(length + 1, 15 - PlantedBug.In("match"))) : (place, 0);
        if (Position < 4) return;
        ref int entry = ref places[Mix(Before(4), 0) >> 18];
        if (length == 0 && entry > 0)
        {
            place = entry;
            length = EqualBefore(place, 15);
            if (length < 4) length = 0;
        }
        entry = Position;
    }

    private int Bit(uint[] contexts, int known, int count)
    {
        bool expects = length > 0 && (Done[place] | 256) >> (8 - count) == known;
        int expected = expects ? (Done[place] >> (7 - count)) & 1 : 0, matched = expects ? length : 0;
        int input = expects ? Stretched(matchSlots[matched]) * (2 * expected - 1) : 0;
        int bit = NextBit(contexts, known, [input], e => (e >> 4) * 12, Set(byLength, matched, 9, 13107), Set(byName, (int)(F % 256), 9, 13107));
        if (!expects) return bit;
        matchSlots[matched].Correct(bit == expected ? 1 : 0, 30);
        if (bit != expected) length = 0;
        return bit;
    }
}
