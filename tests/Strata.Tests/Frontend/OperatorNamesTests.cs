using Google.Protobuf;
using Strata.Compiler.Frontend.Onnx;
using Strata.Compiler.Frontend.Onnx.Proto;
using Strata.Tests.Docs;

namespace Strata.Tests.Frontend;

/// <summary>The importer's table against the full list of ONNX's operators: nothing forgotten, nothing misspelt.</summary>
public class OperatorNamesTests
{
    // What ONNX Runtime's optimiser writes into the default domain, or under an older version than ONNX has.
    private static readonly HashSet<(string Name, int Since)> OnnxRuntimes = [("SimplifiedLayerNormalization", 1), ("LayerNormalization", 1)];

    // Core operators of the newest form whose lowering reads more than they hold.
    private static readonly HashSet<string> LoweredByHand = ["LabelEncoder", "TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor"];

    // An import of a node without operands and attributes fails, but never because its operator is unknown.
    private static readonly string[] Reasons = ["no operator of that name", "is not known, and the model defines", "convert the model"];

    [Fact]
    public void EveryVersionOfEveryOperatorIsImportedOrRefusedForAReason()
    {
        foreach (var schema in OnnxSchema.All)
        {
            bool imported = OperatorTable.Find(schema.TableDomain, schema.Name).Any(r => r.Since <= schema.Version);
            string message = Message(schema);
            Assert.True(imported || message.Contains("not supported", StringComparison.Ordinal) || message.Contains("; ", StringComparison.Ordinal), $"{schema}: {message}");
            Assert.All(Reasons, reason => Assert.DoesNotContain(reason, message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void NoVersionHasTwoRows() =>
        Assert.Empty(OperatorTable.All.GroupBy(r => (r.Domain, r.Name, r.Since)).Where(g => g.Count() > 1).Select(g => g.Key));

    [Fact]
    public void TrainingOperatorsAreRefusedAsSuch() => Assert.All(OnnxSchema.All.Where(s => s.Domain == "ai.onnx.preview.training"), schema =>
        Assert.Contains("trains a network", Message(schema), StringComparison.Ordinal));

    [Fact]
    public void EveryRowStandsForAVersionThatOnnxHas()
    {
        var versions = OnnxSchema.All.Select(s => (s.TableDomain, s.Name, s.Version)).ToHashSet();
        var strange = OperatorTable.All.Where(r => r.Domain != "com.microsoft" && !versions.Contains((r.Domain, r.Name, r.Since)) && !(r.Domain.Length == 0 && OnnxRuntimes.Contains((r.Name, r.Since))))
            .Select(r => $"{r.Domain} {r.Name} {r.Since}");
        Assert.Empty(strange);
    }

    [Fact]
    public void AttributesAreCalledAsOnnxCallsThem()
    {
        string[] writtenOut = ["captures", "stretch", "method"]; // in other layers or operands, or nowhere where it only says how
        var schemas = OnnxSchema.All.ToLookup(s => (s.TableDomain, s.Name));
        var wrong = new List<string>();
        foreach (var row in OperatorTable.All.Where(r => r.Direct is not null && r.Domain != "com.microsoft" && !OnnxRuntimes.Contains((r.Name, r.Since))))
        {
            var ours = AttributeRow.Of(row.Direct!).Select(a => a.Name).Except(writtenOut).ToHashSet();
            int? next = OperatorTable.Find(row.Domain, row.Name).Where(r => r.Since > row.Since).Min(r => (int?)r.Since);
            var covered = schemas[(row.Domain, row.Name)].Where(s => s.Version >= row.Since && (next is null || s.Version < next)).ToArray();
            if (!LoweredByHand.Contains(row.Name)) wrong.AddRange(covered.SelectMany(s => s.Attributes.Except(ours).Select(a => $"{s} has {a}, which nobody reads")));
            // What the newest version has no name for would be exported, and nobody could read it.
            if (next is null) wrong.AddRange(ours.Except(covered.SelectMany(s => s.Attributes)).Select(a => $"{row.Name} would be exported with {a}"));
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string Message(OnnxSchema schema)
    {
        var model = new ModelProto
        {
            IrVersion = 8,
            Graph = new() { Name = "graph", Node = { new NodeProto { OpType = schema.Name, Domain = schema.TableDomain, Output = { "y" } } }, Output = { new ValueInfoProto { Name = "y" } } },
            OpsetImport = { new OperatorSetIdProto { Domain = schema.TableDomain, Version = schema.Version } },
        };
        var error = Record.Exception(() => OnnxImporter.Import(OnnxModel.Parse(model.ToByteArray(), "m.onnx")));
        Assert.True(error is null or StrataException, $"{schema}: {error}");
        return error?.Message ?? "";
    }
}
