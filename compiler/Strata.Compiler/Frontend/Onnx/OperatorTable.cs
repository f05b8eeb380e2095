using Strata.Compiler.Frontend.Onnx.Lowering;
using Strata.Networks;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>
/// How one ONNX operator becomes core operators, for operator set versions from <paramref name="Since"/> on.
/// <paramref name="Direct"/> is the core operator when it takes the same operands, outputs and attributes.
/// </summary>
internal sealed record OnnxOperator(string Domain, string Name, int Since, Action<NodeLowering> Lower, Operator? Direct = null);

/// <summary>
/// Every ONNX operator that Strata imports, sorted by name within its family. An operator has several rows where an older
/// version means something else; the row with the greatest <c>Since</c> not above the model's version is used.
/// </summary>
internal static partial class OperatorTable
{
    private const string Onnx = "", Microsoft = "com.microsoft", Preview = "ai.onnx.preview", Learning = "ai.onnx.ml";

    private static readonly Dictionary<(string Domain, string Name), OnnxOperator[]> ByName = OnnxRows().Concat(LearningRows()).Concat(MicrosoftRows())
        .GroupBy(r => (r.Domain, r.Name))
        .ToDictionary(g => g.Key, g => g.OrderByDescending(r => r.Since).ToArray());

    /// <summary>All rows.</summary>
    public static IEnumerable<OnnxOperator> All => ByName.Values.SelectMany(r => r);

    /// <summary>The rows of an operator, newest first; empty when there are none.</summary>
    public static IReadOnlyList<OnnxOperator> Find(string domain, string name) => ByName.TryGetValue((domain, name), out var rows) ? rows : [];

    /// <summary>The row whose core operator has the ONNX operator's operands, outputs and attribute names: what the exporter writes.</summary>
    public static OnnxOperator? FindDirect(Operator op) => ByCoreType.GetValueOrDefault(op.GetType());

    /// <summary>The version from which the ONNX operator has the core operator's form.</summary>
    public static int FirstDirect(Operator op) => FirstByCoreType[op.GetType()];

    private static readonly Dictionary<Type, OnnxOperator> ByCoreType = All.Where(r => r.Direct is not null)
        .GroupBy(r => r.Direct!.GetType()).ToDictionary(g => g.Key, g => g.MaxBy(r => r.Since)!);

    private static readonly Dictionary<Type, int> FirstByCoreType = ByCoreType.ToDictionary(p => p.Key, p => Find(p.Value.Domain, p.Value.Name).Where(r => r.Direct is not null).Min(r => r.Since));

    private static OnnxOperator Direct(string name, int since, Operator prototype, string domain = Onnx) =>
        new(domain, name, since, node => node.Result(node.Read(prototype), node.Inputs.AsSpan()), prototype);

    private static OnnxOperator Custom(string name, int since, Action<NodeLowering> lower, string domain = Onnx) => new(domain, name, since, lower);

    // A lowering of its own for an operator that nevertheless has a core operator of the same form.
    private static OnnxOperator Custom(string name, int since, Action<NodeLowering> lower, Operator direct, string domain = Onnx) => new(domain, name, since, lower, direct);
}
