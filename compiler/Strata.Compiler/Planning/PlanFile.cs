using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>What a plan says about a weight beside its choice, for whoever edits it; reading ignores it.</summary>
/// <param name="Elements">Elements of the weight.</param>
/// <param name="Bytes">Bytes of its stored form.</param>
/// <param name="SnrDb">Signal-to-noise ratio of the weight itself in dB; null where it is exact.</param>
/// <param name="Why">Why it stays as it is.</param>
public sealed record PlanFacts(int Elements, long? Bytes = null, double? SnrDb = null, string? Why = null);

/// <summary>
/// A plan as a JSON document (<c>strata.plan/1</c>): <c>{"schema": "strata.plan/1", "weights": [{"weight": "conv1.w", "format": "int4", "group": 32, "scales": "mse"}, …]}</c>.
/// A row names a <c>weight</c>, or a <c>layer</c> whose weights it is about; its <c>format</c> is one of <see cref="WeightFormat.All"/>, or <c>keep</c>.
/// </summary>
public static class PlanFile
{
    /// <summary>The schema that is written and read.</summary>
    public const string Schema = "strata.plan/1";

    /// <summary>The format of a weight that stays as it is.</summary>
    public const string Keep = "keep";

    private static readonly string[] RowProperties = ["weight", "layer", "format", "group", "scales", "elements", "bytes", "snrDb", "why"];

    /// <summary>Reads a plan.</summary>
    /// <param name="json">The document.</param>
    /// <param name="name">What it is called in errors.</param>
    /// <param name="others">How weights without a row are stored; null where they stay as they are.</param>
    /// <exception cref="StrataFormatException">It is no such document; the message says in which row.</exception>
    /// <exception cref="InvalidOptionException">Rows contradict each other.</exception>
    public static WeightPlan Read(ReadOnlyMemory<byte> json, string name, WeightScheme? others = null)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("schema", out var schema) || schema.ValueKind != JsonValueKind.String)
                throw new StrataFormatException($"{name}: a plan is an object with \"schema\": \"{Schema}\"");
            if (schema.GetString() != Schema) throw new StrataFormatException($"{name}: the schema is '{schema.GetString()}'; this version reads '{Schema}'");
            if (!root.TryGetProperty("weights", out var rows) || rows.ValueKind != JsonValueKind.Array) throw new StrataFormatException($"{name}: there is no array \"weights\"");
            return new([.. rows.EnumerateArray().Select((row, i) => ReadRow(row, $"{name}: row {i + 1}"))], others);
        }
        catch (JsonException error)
        {
            throw new StrataFormatException($"{name}: line {error.LineNumber + 1}: not JSON: {error.Message}", error);
        }
    }

    /// <summary>Writes a plan; each row with what is known about its weight.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="model">The name of the model, and the SHA-256 of its file.</param>
    public static void Write(Stream output, IEnumerable<(WeightPlanRow Row, PlanFacts? Facts)> rows, (string Name, string Sha256)? model = null)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteString("schema", Schema);
        if (model is { } known)
        {
            writer.WriteString("model", known.Name);
            writer.WriteString("modelSha256", known.Sha256);
        }
        writer.WriteStartArray("weights");
        foreach (var (row, facts) in rows)
        {
            writer.WriteStartObject();
            if (row.Weight is not null) writer.WriteString("weight", row.Weight);
            if (row.Layer is not null) writer.WriteString("layer", row.Layer);
            writer.WriteString("format", row.Scheme?.Format.Name ?? Keep);
            if (row.Scheme is { Format.IsScaled: true } scheme)
            {
                if (scheme.Groups.Size > 0) writer.WriteNumber("group", scheme.Groups.Size);
                else writer.WriteString("group", scheme.Groups.ToString());
                writer.WriteString("scales", scheme.SearchName);
            }
            if (facts is not null) WriteFacts(writer, facts);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        output.WriteByte((byte)'\n');
    }

    private static void WriteFacts(Utf8JsonWriter writer, PlanFacts facts)
    {
        writer.WriteNumber("elements", facts.Elements);
        if (facts.Bytes is { } bytes) writer.WriteNumber("bytes", bytes);
        if (facts.SnrDb is { } snr && double.IsFinite(snr)) writer.WriteNumber("snrDb", Math.Round(snr, 2));
        if (facts.Why is not null) writer.WriteString("why", facts.Why);
    }

    private static WeightPlanRow ReadRow(JsonElement row, string where)
    {
        if (row.ValueKind != JsonValueKind.Object) throw new StrataFormatException($"{where} is no object");
        foreach (var property in row.EnumerateObject())
        {
            if (!RowProperties.Contains(property.Name)) throw new StrataFormatException($"{where}: unknown property '{property.Name}'; near {Quoted(NearNames.Of(property.Name, RowProperties))}");
        }
        string? weight = Text("weight"), layer = Text("layer"), format = Text("format");
        if (string.IsNullOrEmpty(weight) && string.IsNullOrEmpty(layer)) throw new StrataFormatException($"{where} names neither a \"weight\" nor a \"layer\"");
        where += $" ('{weight ?? layer}')";
        if (format == Keep) return new(weight, layer, null);
        string[] formats = [.. WeightFormat.All.Select(f => f.Name).Append(Keep)];
        if (WeightFormat.Find(format ?? "") is not { } found) throw new StrataFormatException($"{where}: {(format is null ? "there is no \"format\"" : $"the format '{format}' does not exist")}; give one of {string.Join(", ", formats)}");
        if (!found.IsScaled)
        {
            if (row.TryGetProperty("group", out _) || row.TryGetProperty("scales", out _)) throw new StrataFormatException($"{where}: {found.Name} has no scales; leave out \"group\" and \"scales\"");
            return new(weight, layer, new(found, WeightGroups.Channel));
        }
        string? group = row.TryGetProperty("group", out var given) && given.ValueKind == JsonValueKind.Number ? given.GetRawText() : Text("group"), scales = Text("scales");
        if (group is not null && WeightGroups.Parse(group) is null) throw new StrataFormatException($"{where}: the group '{group}' is neither a number from 2 on, nor \"channel\", nor \"tensor\"");
        if (scales is not (null or "mse" or "absmax")) throw new StrataFormatException($"{where}: scales '{scales}' do not exist; give \"mse\" or \"absmax\"");
        return new(weight, layer, new(found, group is null ? WeightScheme.DefaultGroups(found) : WeightGroups.Parse(group)!.Value, scales == "absmax" ? ScaleSearch.AbsMax : ScaleSearch.SquaredError));

        string? Text(string property) => !row.TryGetProperty(property, out var value) || value.ValueKind == JsonValueKind.Null ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : throw new StrataFormatException(string.Create(CultureInfo.InvariantCulture, $"{where}: \"{property}\" is no text"));
    }

    /// <summary>Names for a sentence: <c>'a', 'b'</c>.</summary>
    internal static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
