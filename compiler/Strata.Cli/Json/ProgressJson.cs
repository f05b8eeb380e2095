using System.Text.Json.Serialization;

namespace Strata.Cli.Json;

/// <summary>One line of <c>--progress json</c>.</summary>
internal sealed record ProgressEvent(string Stage, double? Fraction);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProgressEvent))]
internal sealed partial class ProgressJson : JsonSerializerContext;
