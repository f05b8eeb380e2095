using System.Collections.Immutable;
using Strata.Bitstream.Syntax;

namespace Strata.Bitstream;

/// <summary>The optional section of free-form facts: pairs of key and value, by key.</summary>
internal static class MetadataSection
{
    private const int MaxValue = 16 << 20, MaxEntries = 1 << 16;

    public static ReadOnlyMemory<byte> Write(ImmutableSortedDictionary<string, string> metadata)
    {
        var writer = new SyntaxWriter();
        Walk(writer, metadata);
        return writer.Written;
    }

    public static ImmutableSortedDictionary<string, string> Read(SyntaxReader reader)
    {
        var metadata = Walk(reader, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));
        reader.End();
        return metadata;
    }

    /// <summary>The pairs, also where they stand in a nested network's signature.</summary>
    public static ImmutableSortedDictionary<string, string> Walk(FieldSyntax s, ImmutableSortedDictionary<string, string> metadata)
    {
        List<KeyValuePair<string, string>> entries = [.. metadata];
        s.List("metadata", ref entries, MaxEntries, entry =>
        {
            string key = entry.Key ?? "", value = entry.Value ?? "";
            s.Text("key", ref key);
            s.Text("value", ref value, MaxValue);
            return new(key, value);
        });
        if (!s.IsReading) return metadata;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, _) in entries)
        {
            if (!keys.Add(key)) throw new StrataFormatException($"metadata has two entries '{key}'");
        }
        return metadata.SetItems(entries);
    }
}
