using System.Text.Json.Serialization;

namespace Strata.Cli.Json;

/// <summary>Every document that <c>--json</c> prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CheckDocument))]
[JsonSerializable(typeof(CompileDocument))]
[JsonSerializable(typeof(DecodeDocument))]
[JsonSerializable(typeof(InspectDocument))]
[JsonSerializable(typeof(RunDocument))]
[JsonSerializable(typeof(SuiteDocument))]
[JsonSerializable(typeof(VerifyDocument))]
internal sealed partial class CliJson : JsonSerializerContext;
