using System.Numerics;
using static Strata.Bitstream.Entropy.ContextHash;

namespace Strata.Bitstream.Entropy;

/// <summary>
/// The model of format 1.1, bit by bit: probabilities under several contexts, those of the field among them, mixed in the
/// logistic domain.
/// </summary>
internal sealed class BitwiseFieldModel : FieldModel
{
    private const int Contexts = 8, Inputs = Contexts + 1, MatchLimit = 15, MatchTableLog2 = 14, LeastMatch = 4, FieldSets = 256, CountLimit = 30;

    private readonly byte[] history;
    private readonly uint[] slots;
    private readonly int slotShift;
    private readonly int[] weights, lastPositions = new int[1 << MatchTableLog2];
    private readonly uint[] matchSlots = new uint[MatchLimit + 1];
    private readonly Dictionary<uint, (uint Last, uint Before)> contents = [];

    private readonly uint[] hashes = new uint[Contexts];
    private readonly int[] places = new int[Contexts], inputs = new int[Inputs], sums = new int[2], sets = new int[2];
    private int position, partial, matched, matchedLength, expected;
    private uint field, fieldStart, content, last, before, previous, layerOperator;
    private bool isText;

    /// <summary>A model of so many bytes.</summary>
    public BitwiseFieldModel(int length)
    {
        history = new byte[length];
        int log2 = Math.Clamp(BitOperations.Log2((uint)Math.Max(1, length)) + 5, 10, 22);
        slots = new uint[1 << log2];
        slotShift = 32 - log2;
        slots.AsSpan().Fill(AdaptiveBit.Even);
        matchSlots.AsSpan().Fill(AdaptiveBit.Even);
        weights = new int[(MatchLimit + 1 + FieldSets) * Inputs];
        weights.AsSpan().Fill(65536 / 5);
    }

    public override void Begin(string name, bool isText)
    {
        if (position > 0)
        {
            contents[field] = (content, last);
            previous = Mix(content, field);
            if (field == s_operator) layerOperator = content;
        }
        (field, fieldStart, content, this.isText) = (Of(name), (uint)position, 0, isText);
        (last, before) = contents.TryGetValue(field, out var known) ? known : default;
    }

    public override void Code<TCoder>(ref TCoder coder, Span<byte> bytes)
    {
        foreach (ref byte value in bytes)
        {
            BeginByte();
            for (int shift = 7; shift >= 0; shift--) Learn(coder.Code(Predict(), value >> shift & 1));
            value = history[position - 1];
        }
    }

    // Gets ready for the bits of the next byte.
    private void BeginByte()
    {
        uint k = Math.Min((uint)position - fieldStart, isText ? 1u : 63u), at = Mix(field, k), text = isText ? 1u : 0u;
        uint two = Back(1) | Back(2) << 8, three = two | Back(3) << 16, known = Mix(at, content);
        hashes[0] = at;
        hashes[1] = Mix(at, Back(1));
        hashes[2] = Mix(field, two);
        hashes[3] = Mix(text, three);
        hashes[4] = Mix(three | Back(4) << 24, Back(5) | Back(6) << 8);
        hashes[5] = Mix(Mix(known, last), before);
        hashes[6] = Mix(known, layerOperator);
        hashes[7] = isText ? Word() : Mix(known, previous);
        for (int i = 0; i < Contexts; i++) hashes[i] = Mix(hashes[i], (uint)i);
        partial = 1;
        FindMatch();
    }

    // The probability that the next bit of the byte, highest first, is 1.
    private int Predict()
    {
        for (int i = 0; i < Contexts; i++)
        {
            places[i] = (int)(Mix(hashes[i], (uint)partial) >> slotShift);
            inputs[i] = Logistic.Stretch(slots[places[i]]);
        }
        // The byte behind the match, as long as its bits so far are those of this byte.
        int next = matchedLength > 0 ? history[matched] | 256 : 0, order = BitOperations.Log2((uint)partial);
        expected = matchedLength > 0 && next >> (8 - order) == partial ? next >> (7 - order) & 1 : -1;
        int stretched = expected < 0 ? 0 : Logistic.Stretch(matchSlots[matchedLength]);
        inputs[Contexts] = expected == 0 ? -stretched : stretched;

        sets[0] = (expected < 0 ? 0 : matchedLength) * Inputs;
        sets[1] = (MatchLimit + 1 + (int)(field % FieldSets)) * Inputs;
        for (int m = 0; m < 2; m++) sums[m] = Logistic.Mix(weights.AsSpan(sets[m], Inputs), inputs);
        return Logistic.Share((sums[0] + sums[1]) >> 1);
    }

    private void Learn(int bit)
    {
        for (int m = 0; m < 2; m++) Logistic.Train(weights.AsSpan(sets[m], Inputs), inputs, (((bit << 16) - Logistic.Squash(sums[m])) >> 4) * 12);
        foreach (int place in places) AdaptiveBit.Correct(ref slots[place], bit, CountLimit);
        if (expected >= 0)
        {
            AdaptiveBit.Correct(ref matchSlots[matchedLength], expected == bit ? 1 : 0, CountLimit);
            if (expected != bit) matchedLength = 0;
        }
        partial = partial << 1 | bit;
        if (partial < 256) return;
        content = Mix(content, (uint)partial);
        history[position++] = (byte)partial;
    }

    private uint Back(int distance) => position >= distance ? history[position - distance] : 0u;

    // The letters that end here, and the byte before them.
    private uint Word()
    {
        uint hash = 0;
        int start = position;
        while (start > 0 && position - start < 24 && char.IsAsciiLetter((char)history[start - 1])) hash = Mix(hash, history[--start]);
        return Mix(hash, start > 0 ? history[start - 1] : 0u);
    }

    // Follows the match, or looks where the last four bytes stood before.
    private void FindMatch()
    {
        bool isFollowed = matchedLength > 0 && history[matched] == history[position - 1];
        matchedLength = isFollowed ? Math.Min(matchedLength + 1, MatchLimit) : 0;
        if (isFollowed) matched++;
        if (position < LeastMatch) return;
        ref int place = ref lastPositions[Mix(Back(1) | Back(2) << 8 | Back(3) << 16 | Back(4) << 24, 0) >> (32 - MatchTableLog2)];
        if (matchedLength == 0 && place > 0)
        {
            int length = 0;
            while (length < MatchLimit && length < place && history[place - 1 - length] == history[position - 1 - length]) length++;
            (matched, matchedLength) = (place, length < LeastMatch ? 0 : length);
        }
        place = position;
    }

    private static readonly uint s_operator = Of("operator");
}
