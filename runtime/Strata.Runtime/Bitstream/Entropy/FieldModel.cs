using System.Numerics;
using System.Runtime.CompilerServices;

namespace Strata.Bitstream.Entropy;

/// <summary>
/// Predicts the bits of header fields from what stood before (docs/bitstream.md, "Coded headers"): probabilities under
/// several contexts, those of the field among them, mixed in the logistic domain. Integer arithmetic only; reader and
/// writer run the same model.
/// </summary>
internal sealed class FieldModel
{
    /// <summary>Probabilities are shares of 2¹², as the entropy coder has them.</summary>
    private const int One = FrequencyTable.Total;

    private const int Contexts = 8, Inputs = Contexts + 1, MatchLimit = 15, MatchTableLog2 = 14, LeastMatch = 4, FieldSets = 256, CountLimit = 30;

    // 65536 / (1 + e^(−x)) at x = −8, −7½, …, 8: what lies between is interpolated.
    private static readonly int[] s_logistic =
    [
        22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
        40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514,
    ];

    private static readonly short[] s_stretched = Invert();

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
    public FieldModel(int length)
    {
        history = new byte[length];
        int log2 = Math.Clamp(BitOperations.Log2((uint)Math.Max(1, length)) + 5, 10, 22);
        slots = new uint[1 << log2];
        slotShift = 32 - log2;
        slots.AsSpan().Fill(Even);
        matchSlots.AsSpan().Fill(Even);
        weights = new int[(MatchLimit + 1 + FieldSets) * Inputs];
        weights.AsSpan().Fill(65536 / 5);
    }

    // A slot: a probability (bits 10–31) and how often it was corrected (bits 0–9).
    private const uint Even = 1u << 31;

    /// <summary>A field begins.</summary>
    public void Begin(string name, bool isText)
    {
        if (position > 0)
        {
            contents[field] = (content, last);
            previous = Mix(content, field);
            if (field == s_operator) layerOperator = content;
        }
        (field, fieldStart, content, this.isText) = (NumberOf(name), (uint)position, 0, isText);
        (last, before) = contents.TryGetValue(field, out var known) ? known : default;
    }

    /// <summary>Gets ready for the bits of the next byte.</summary>
    public void BeginByte()
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

    /// <summary>The probability that the next bit of the byte, highest first, is 1, in [1, 4095].</summary>
    public int Predict()
    {
        for (int i = 0; i < Contexts; i++)
        {
            places[i] = (int)(Mix(hashes[i], (uint)partial) >> slotShift);
            inputs[i] = s_stretched[slots[places[i]] >> 20];
        }
        // The byte behind the match, as long as its bits so far are those of this byte.
        int next = matchedLength > 0 ? history[matched] | 256 : 0, order = BitOperations.Log2((uint)partial);
        expected = matchedLength > 0 && next >> (8 - order) == partial ? next >> (7 - order) & 1 : -1;
        int stretched = expected < 0 ? 0 : s_stretched[matchSlots[matchedLength] >> 20];
        inputs[Contexts] = expected == 0 ? -stretched : stretched;

        sets[0] = (expected < 0 ? 0 : matchedLength) * Inputs;
        sets[1] = (MatchLimit + 1 + (int)(field % FieldSets)) * Inputs;
        for (int m = 0; m < 2; m++)
        {
            long sum = 0;
            for (int i = 0; i < Inputs; i++) sum += (long)weights[sets[m] + i] * inputs[i];
            sums[m] = (int)Math.Clamp(sum >> 16, -2047, 2047);
        }
        return Math.Clamp(Logistic((sums[0] + sums[1]) >> 1) >> 4, 1, One - 1);
    }

    /// <summary>Learns the bit that was predicted.</summary>
    public void Learn(int bit)
    {
        for (int m = 0; m < 2; m++)
        {
            int error = ((bit << 16) - Logistic(sums[m])) >> 4;
            for (int i = 0; i < Inputs; i++) weights[sets[m] + i] += (inputs[i] * error * 12 + (1 << 13)) >> 14;
        }
        foreach (int place in places) Correct(ref slots[place], bit);
        if (expected >= 0)
        {
            Correct(ref matchSlots[matchedLength], expected == bit ? 1 : 0);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Correct(ref uint slot, int bit)
    {
        int count = (int)(slot & 1023), probability = (int)(slot >> 10), target = bit == 0 ? 0 : (1 << 22) - 1;
        probability += (int)((long)(target - probability) * ((1 << 17) / (2 * count + 3)) >> 16);
        slot = (uint)probability << 10 | (uint)Math.Min(count + 1, CountLimit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Logistic(int x)
    {
        int at = x + 2048, fraction = at & 127;
        return (s_logistic[at >> 7] * (128 - fraction) + s_logistic[(at >> 7) + 1] * fraction) >> 7;
    }

    // For each probability in 2¹²ths the least argument at which the logistic function exceeds it by half a step.
    private static short[] Invert()
    {
        var inverse = new short[One];
        int x = -2047;
        for (int p = 0; p < One; p++)
        {
            while (x < 2047 && Logistic(x) < 16 * p + 8) x++;
            inverse[p] = (short)x;
        }
        return inverse;
    }

    private static readonly uint s_operator = NumberOf("operator");

    // FNV-1a of the name.
    private static uint NumberOf(string name)
    {
        uint hash = 0x811C9DC5;
        foreach (char c in name) hash = (hash ^ c) * 0x01000193;
        return hash;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(uint a, uint b)
    {
        uint hash = (BitOperations.RotateLeft(a, 5) ^ b) * 0x9E3779B1;
        hash ^= hash >> 15;
        hash *= 0x85EBCA6B;
        return hash ^ hash >> 13;
    }
}
