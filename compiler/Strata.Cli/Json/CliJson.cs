using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Strata.Cli.Json;

/// <summary>Every document that <c>--json</c> prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BenchDocument))]
[JsonSerializable(typeof(CardDocument))]
[JsonSerializable(typeof(CheckDocument))]
[JsonSerializable(typeof(CodecBenchDocument))]
[JsonSerializable(typeof(CompileDocument))]
[JsonSerializable(typeof(DecodeDocument))]
[JsonSerializable(typeof(DiffDocument))]
[JsonSerializable(typeof(ExplainDocument))]
[JsonSerializable(typeof(HeaderBenchDocument))]
[JsonSerializable(typeof(InspectDocument))]
[JsonSerializable(typeof(PassesDocument))]
[JsonSerializable(typeof(RunDocument))]
[JsonSerializable(typeof(SensitivityDocument))]
[JsonSerializable(typeof(SuiteDocument))]
[JsonSerializable(typeof(VerifyDocument))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>For people as well as programs: quotes in messages and letters of any script stand as they are.</summary>
    public static CliJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
