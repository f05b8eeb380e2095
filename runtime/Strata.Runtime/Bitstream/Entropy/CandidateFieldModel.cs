using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Strata.Bitstream.Entropy.ContextHash;

namespace Strata.Bitstream.Entropy;

/// <summary>
/// The model of format 1.2. Contexts remember which byte followed them, and two pointers follow earlier places of the header:
/// each names a candidate. Most bytes are the likeliest of these, which takes one decision; the others are coded bit by bit.
/// </summary>
internal sealed class CandidateFieldModel : FieldModel
{
    private const int Runs = 6, Pointers = 2, Candidates = Runs + Pointers, Rounds = 2, BitContexts = 8;
    private const int SlotsPerByteLog2 = 3, LeastMatch = 8, LeastBetterMatch = 16, MostCompared = 32, SureLength = 16, MostMisses = 7;
    private const int TrustLimit = 127, BitLimit = 30, TrustClasses = 256;

    /// <summary>What a context without a byte names.</summary>
    private const uint Nothing = 256;

    private readonly byte[] history;
    // A run: a byte (bits 8–15) that followed a context (bits 16–31: a part of its hash) so many times in turn (bits 0–7).
    private readonly uint[] runs, bits;
    private readonly int shift, placeShift;
    private readonly int[] places; // behind the last eight bytes with a hash
    private readonly Pointer[] pointers = new Pointer[Pointers];
    private readonly uint[] trusts = new uint[Candidates * TrustClasses];
    private readonly int[] fieldWeights = new int[Rounds * 256 * Candidates], matchWeights = new int[Rounds * 16 * 4 * Candidates * Candidates], bitWeights = new int[2 * 8 * BitContexts];
    private readonly Dictionary<uint, (uint Last, uint Before, int Start)> contents = [];
    private int position, fieldStart, textStart;
    private uint field, content, last, before, layerOperator, word;
    private bool isText;

    /// <summary>Follows an earlier place, also behind bytes that differ.</summary>
    private struct Pointer
    {
        public int Place, Length, Misses; // 0: none; bytes that agreed in turn; bytes that did not
    }

    /// <summary>A model of so many bytes.</summary>
    public CandidateFieldModel(int length)
    {
        history = new byte[length];
        int log2 = BitOperations.Log2((uint)Math.Max(1, length)), slotsLog2 = Math.Clamp(log2 + SlotsPerByteLog2, 10, 20), placesLog2 = Math.Clamp(log2, 8, 18);
        (runs, bits, shift) = (new uint[1 << slotsLog2], new uint[1 << slotsLog2], 32 - slotsLog2);
        (places, placeShift) = (new int[1 << placesLog2], 32 - placesLog2);
        bits.AsSpan().Fill(AdaptiveBit.Even);
        trusts.AsSpan().Fill(AdaptiveBit.Even);
        foreach (int[] weights in new[] { fieldWeights, matchWeights, bitWeights }) weights.AsSpan().Fill(65536 / 4);
    }

    public override void Begin(string name, bool isText)
    {
        if (position > 0)
        {
            contents[field] = (content, last, fieldStart);
            if (field == s_operator) layerOperator = content;
            if (this.isText) textStart = fieldStart;
        }
        (field, fieldStart, content, this.isText) = (Of(name), position, 0, isText);
        (last, before, int start) = contents.TryGetValue(field, out var known) ? known : default;
        pointers[1] = new() { Place = isText ? textStart : start };
    }

    public override void Code<TCoder>(ref TCoder coder, Span<byte> bytes)
    {
        if (field == s_checksum)
        {
            foreach (ref byte value in bytes) Keep(value = CodeEvenly(ref coder, value));
            return;
        }
        foreach (ref byte value in bytes) value = CodeByte(ref coder, value);
    }

    [SkipLocalsInit]
    private byte CodeByte<TCoder>(ref TCoder coder, byte value) where TCoder : struct, IDecisionCoder
    {
        FindMatch();
        uint text = isText ? 1u : 0u, b1 = Back(1), b2 = Back(2), b3 = Back(3), at = Mix(field, Math.Min((uint)(position - fieldStart), isText ? 1u : 63u)), known = Mix(at, content);
        uint matched = ByteAt(pointers[0].Place), aligned = ByteAt(pointers[1].Place);
        Span<uint> contexts = stackalloc uint[Runs]
        {
            Mix(Mix(known, last), before),
            Mix(known, layerOperator),
            Mix(b1 | b2 << 8 | b3 << 16, text),
            isText ? Mix(word, field) : Mix(at, b1 | b2 << 8),
            Mix(matched | b1 << 9 | b2 << 17, 0),
            Mix(aligned | matched << 9, field),
        };
        Span<uint> named = stackalloc uint[Candidates], trusted = stackalloc uint[Candidates];
        Span<int> classes = stackalloc int[Candidates];
        for (int i = 0; i < Runs; i++)
        {
            uint hash = contexts[i] = Mix(contexts[i], (uint)i), run = At(runs, hash >> shift), length = (ushort)hash == run >> 16 ? run & 255 : 0;
            named[i] = length == 0 ? Nothing : run >> 8 & 255;
            classes[i] = i * TrustClasses | (int)(Math.Min(length, 127) << 1 | text);
        }
        for (int i = 0; i < Pointers; i++)
        {
            named[Runs + i] = i == 0 ? matched : aligned;
            classes[Runs + i] = (Runs + i) * TrustClasses | Math.Min(pointers[i].Length, 15) << 4 | pointers[i].Misses << 1 | (int)text;
        }
        for (int i = 0; i < Candidates; i++) trusted[i] = named[i] == Nothing ? 0 : At(trusts, (uint)classes[i]);

        uint refuted = Nothing;
        bool isFound = false;
        for (int round = 0; round < Rounds && !isFound; round++)
        {
            uint likeliest = Likeliest(named, trusted);
            if (likeliest == Nothing) break;
            isFound = CodeGuess(ref coder, round, likeliest, named, trusted, value);
            if (isFound) value = (byte)likeliest;
            else
            {
                if (round == 0) refuted = likeliest;
                for (int i = 0; i < Candidates; i++) trusted[i] = named[i] == likeliest ? 0 : trusted[i];
            }
        }
        if (!isFound) value = CodeBits(ref coder, value, refuted, known);

        for (int i = 0; i < Candidates; i++)
        {
            if (named[i] != Nothing) AdaptiveBit.Correct(ref At(trusts, (uint)classes[i]), named[i] == value ? 1 : 0, TrustLimit);
        }
        for (int i = 0; i < Runs; i++)
        {
            ref uint run = ref At(runs, contexts[i] >> shift);
            uint length = run & 255;
            run = named[i] == value ? run & ~255u | Math.Min(length + 1, 255)
                : named[i] != Nothing && length > 3 ? run & ~255u | length >> 2 // long runs outlive an exception
                : contexts[i] << 16 | (uint)value << 8 | 1;
        }
        Keep(value);
        return value;
    }

    // The candidate that is trusted most, the first of equals; a trust is 0 only where there is none, or where it is refuted.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Likeliest(ReadOnlySpan<uint> named, ReadOnlySpan<uint> trusted)
    {
        uint best = Nothing, trust = 0;
        for (int i = 0; i < Candidates; i++)
        {
            best = trusted[i] > trust ? named[i] : best;
            trust = Math.Max(trust, trusted[i]);
        }
        return best;
    }

    // Whether the byte is the likeliest candidate.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool CodeGuess<TCoder>(ref TCoder coder, int round, uint likeliest, ReadOnlySpan<uint> named, ReadOnlySpan<uint> trusted, byte value) where TCoder : struct, IDecisionCoder
    {
        Span<int> inputs = stackalloc int[Candidates];
        int agreeing = -1;
        for (int i = 0; i < Candidates; i++)
        {
            int trust = trusted[i] == 0 ? 0 : Logistic.Stretch(trusted[i]);
            bool agrees = named[i] == likeliest;
            agreeing += agrees ? 1 : 0;
            inputs[i] = agrees ? trust : -Math.Max(0, trust);
        }
        var byField = fieldWeights.AsSpan((round << 8 | (int)(field & 255)) * Candidates, Candidates);
        var byMatch = matchWeights.AsSpan((((round << 4 | Math.Min(pointers[0].Length, 15)) << 2 | Math.Min(pointers[0].Misses, 3)) * Candidates + agreeing) * Candidates, Candidates);
        int x = Logistic.Mix(byField, inputs), y = Logistic.Mix(byMatch, inputs), bit = coder.Code(Logistic.Share((x + y) >> 1), likeliest == value ? 1 : 0);
        Logistic.Train(byField, inputs, (bit << 16) - Logistic.Squash(x) << 1);
        Logistic.Train(byMatch, inputs, (bit << 16) - Logistic.Squash(y) << 1);
        return bit != 0;
    }

    [SkipLocalsInit]
    private byte CodeBits<TCoder>(ref TCoder coder, byte value, uint refuted, uint known) where TCoder : struct, IDecisionCoder
    {
        uint text = isText ? 1u : 0u, two = Back(1) | Back(2) << 8, three = two | Back(3) << 16;
        Span<uint> contexts = stackalloc uint[BitContexts]
        {
            Mix(field, Back(1) | refuted << 8),
            Mix(field, two),
            Mix(three, text),
            isText ? word : Mix(known, last),
            known,
            Mix(known, layerOperator),
            text,
            Mix(three | Back(4) << 24, text),
        };
        for (int i = 0; i < BitContexts; i++) contexts[i] = Mix(contexts[i], (uint)i);
        Span<uint> slots = stackalloc uint[BitContexts];
        Span<int> inputs = stackalloc int[BitContexts];
        uint partial = 1;
        for (int k = 0; k < 8; k++)
        {
            for (int i = 0; i < BitContexts; i++)
            {
                slots[i] = Mix(contexts[i], partial) >> shift;
                inputs[i] = Logistic.Stretch(At(bits, slots[i]));
            }
            var weights = bitWeights.AsSpan((isText ? 8 + k : k) * BitContexts, BitContexts);
            int x = Logistic.Mix(weights, inputs), bit = coder.Code(Logistic.Share(x), value >> (7 - k) & 1);
            Logistic.Train(weights, inputs, (bit << 16) - Logistic.Squash(x));
            foreach (uint slot in slots) AdaptiveBit.Correct(ref At(bits, slot), bit, BitLimit);
            partial = partial << 1 | (uint)bit;
        }
        return (byte)partial;
    }

    private static byte CodeEvenly<TCoder>(ref TCoder coder, byte value) where TCoder : struct, IDecisionCoder
    {
        int partial = 0;
        for (int shift = 7; shift >= 0; shift--) partial = partial << 1 | coder.Code(FrequencyTable.Total / 2, value >> shift & 1);
        return (byte)partial;
    }

    // Looks where the last eight bytes stood before, unless a match goes on.
    private void FindMatch()
    {
        if (position < LeastMatch) return;
        ref int entry = ref places[Mix(Back(1) | Back(2) << 8 | Back(3) << 16 | Back(4) << 24, Back(5) | Back(6) << 8 | Back(7) << 16 | Back(8) << 24) >> placeShift];
        int place = entry;
        entry = position;
        ref var match = ref pointers[0];
        if (place == 0 || place == match.Place || match.Place > 0 && match.Misses == 0) return;
        int length = 0, most = Math.Min(MostCompared, place);
        while (length < most && history[place - 1 - length] == history[position - 1 - length]) length++;
        // A match that recovers from a miss gives way to a longer one only.
        if (length > match.Length && length >= (match.Length == 0 ? LeastMatch : LeastBetterMatch)) match = new() { Place = place, Length = length };
    }

    private void Keep(byte value)
    {
        foreach (ref var pointer in pointers.AsSpan())
        {
            if (pointer.Place == 0) continue;
            bool agrees = history[pointer.Place++] == value;
            pointer.Length = agrees ? pointer.Length + 1 : 0;
            pointer.Misses = !agrees ? pointer.Misses + 1 : pointer.Length >= SureLength ? 0 : pointer.Misses;
            if (pointer.Misses > MostMisses) pointer = default;
        }
        content = Mix(content, value + 256u);
        word = char.IsAsciiLetter((char)value) ? Mix(word, value) : value;
        history[position++] = value;
    }

    // Tables have a power of two of entries, which the hashes that choose them are shifted to.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref uint At(uint[] table, uint index) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(table), index);

    private uint ByteAt(int place) => place == 0 ? Nothing : history[place];

    private uint Back(int distance) => position >= distance ? history[position - distance] : 0u;

    private static readonly uint s_operator = Of("operator"), s_checksum = Of("crc32c");
}
