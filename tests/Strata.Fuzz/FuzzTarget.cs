using Strata.Tests.Oracles;

namespace Strata.Fuzz;

/// <summary>What an execution came to.</summary>
/// <param name="Signal">Equal for executions that went the same way: kind of error × section × codec. An input with a new one joins the corpus.</param>
/// <param name="Find">What is wrong with the decoder, or null.</param>
/// <param name="IsAccepted">Whether both decoders took the input.</param>
internal readonly record struct Outcome(ulong Signal, string? Find, bool IsAccepted = false);

/// <summary>A decoder under test: where its inputs come from, how they are damaged, and what must hold of each.</summary>
internal abstract class FuzzTarget
{
    /// <summary>The name on the command line, and of the corpus' folder.</summary>
    public abstract string Name { get; }

    /// <summary>Valid inputs to start from.</summary>
    protected abstract IEnumerable<byte[]> Seeds(Random random);

    private readonly Lock gate = new();

    private (int Seed, byte[][] Inputs) start;

    /// <summary>Valid inputs to start from; the same for a seed, which several runs may share.</summary>
    public IReadOnlyList<byte[]> SeedsOf(int seed)
    {
        lock (gate)
        {
            if (start.Inputs is null || start.Seed != seed) start = (seed, [.. Seeds(new Random(seed))]);
            return start.Inputs;
        }
    }

    /// <summary>A changed copy of an input.</summary>
    public abstract byte[] Mutate(byte[] input, Corpus corpus, Random random);

    /// <summary>Decodes an input by both decoders and compares.</summary>
    public Outcome Execute(byte[] input)
    {
        RuntimeBytes = 0; // not every input reaches the runtime
        return Compare(input);
    }

    /// <summary>What <see cref="Execute"/> does.</summary>
    protected abstract Outcome Compare(byte[] input);

    /// <summary>Whether an input takes so long to decode that it is taken seldom.</summary>
    public virtual bool IsDear(byte[] input) => false;

    /// <summary>What the runtime's decoder allocated in the last execution.</summary>
    public long RuntimeBytes { get; private set; }

    /// <summary>Most bytes that it may allocate.</summary>
    public abstract long MostBytes(byte[] input);

    /// <summary>Most seconds that an execution may take: one for each megabyte that it reads or makes, and never less than what a busy machine may lose.</summary>
    public virtual double MostSeconds(byte[] input) => Math.Max(0.1, (input.Length + DecodedBytes) / 1e6);

    /// <summary>Most bytes of decoded elements.</summary>
    protected virtual long DecodedBytes => 0;

    /// <summary>Runs the runtime's decoder and counts what it allocates.</summary>
    protected (T? Result, Exception? Refusal, string? Find) Measure<T>(Func<T> decode) where T : class
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var result = Try(decode);
        RuntimeBytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return result;
    }

    /// <summary>Runs a decoder; whatever it throws but the error of its kind is a find.</summary>
    protected static (T? Result, Exception? Refusal, string? Find) Try<T>(Func<T> decode) where T : class
    {
        try
        {
            return (decode(), null, null);
        }
        catch (Exception error) when (error is StrataException or PlainFormatException)
        {
            return (null, error, null);
        }
        catch (Exception error)
        {
            return (null, error, $"{error.GetType().Name} leaves the decoder: {error}");
        }
    }

    private const int MessageStart = 80; // what comes later names types and names

    /// <summary>A number for the way in which something was refused: the kind and the words, without numbers and what is quoted of the input.</summary>
    protected static ulong SignalOf(Exception? error)
    {
        if (error is null) return 1;
        if (error is InvalidNetworkException) return 2; // operators have rules without end
        ulong hash = 14695981039346656037;
        int quotes = 0, from = 0;
        string message = error.Message;
        for (int i = 0; i < Math.Min(message.Length, MessageStart); i++)
        {
            char c = message[i];
            if (c == '\'')
            {
                quotes++;
                // The name of a field, not one of the file.
                if (quotes % 2 == 0 && message.AsSpan(0, from).EndsWith("field '", StringComparison.Ordinal)) hash = message.AsSpan(from, i - from).ToString().Aggregate(hash, Add);
                from = i + 1;
            }
            else if (quotes % 2 == 0 && char.IsAsciiLetter(c)) hash = Add(hash, c);
        }
        return hash;

        static ulong Add(ulong hash, char c) => (hash ^ c) * 1099511628211;
    }

    protected static ulong Mix(ulong a, ulong b) => (a * 0x9E3779B97F4A7C15) ^ (b + (a >> 29));
}
