using System.Security.Cryptography;

namespace Strata.Fuzz;

/// <summary>Inputs to start from. It only grows: by inputs that went a way no other had gone.</summary>
internal sealed class Corpus
{
    private const int LongestKept = 16 << 10;

    private readonly List<byte[]> inputs = [], valid = [];
    private readonly HashSet<byte[]> kept = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<ulong> signals = [];
    private readonly string? folder;

    /// <summary>Loads the inputs of a folder in the order of their names, and keeps new ones there; null keeps them in memory alone.</summary>
    public Corpus(string? folder)
    {
        this.folder = folder;
        if (folder is null || !Directory.Exists(folder)) return;
        foreach (string path in Directory.GetFiles(folder, "*.bin").Order(StringComparer.Ordinal)) AddSeed(File.ReadAllBytes(path));
    }

    public int Count => inputs.Count;

    public int Signals => signals.Count;

    public byte[] this[int index] => inputs[index];

    /// <summary>Tells inputs that take long to decode, which are taken seldom.</summary>
    public Predicate<byte[]> IsDear { get; init; } = _ => false;

    /// <summary>Whether an input, not a copy of it, is here.</summary>
    public bool Has(byte[] input) => kept.Contains(input);

    public byte[] Pick(Random random)
    {
        byte[] input = Any(random);
        for (int i = 0; i < 8 && IsDear(input) && random.Next(32) != 0; i++) input = Any(random);
        return input;
    }

    /// <summary>An input, however long it takes.</summary>
    public byte[] Any(Random random)
    {
        // Most damage does to a valid input what it cannot do to one that is refused early.
        var from = valid.Count > 0 && random.Next(8) != 0 ? valid : inputs;
        return from[random.Next(from.Count)];
    }

    /// <summary>Adds an input that is there for good, without writing it.</summary>
    public void AddSeed(byte[] input)
    {
        inputs.Add(input);
        kept.Add(input);
    }

    /// <summary>Notes the way that a known input goes.</summary>
    public void Note(byte[] input, Outcome outcome)
    {
        signals.Add(outcome.Signal);
        if (outcome.IsAccepted) valid.Add(input);
    }

    /// <summary>Keeps an input if its way is new.</summary>
    public void Offer(byte[] input, Outcome outcome)
    {
        if (!signals.Add(outcome.Signal) || input.Length > LongestKept) return;
        AddSeed(input);
        if (outcome.IsAccepted) valid.Add(input);
        if (folder is not null)
        {
            Directory.CreateDirectory(folder);
            string name = Convert.ToHexStringLower(SHA256.HashData(input))[..16];
            File.WriteAllBytes(Path.Combine(folder, name + ".bin"), input);
        }
    }
}
