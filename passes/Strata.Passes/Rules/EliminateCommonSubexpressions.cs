using System.Globalization;
using Strata.Networks;
using Strata.Networks.Text;

namespace Strata.Passes.Rules;

/// <summary>
/// <c>y = f(a, b); z = f(a, b)</c> → <c>z = y</c>: the same operator with the same attributes, compared by their text to the last
/// bit, on the same operands. Assumes that operators are functions of their operands; those that draw numbers, and those
/// with bodies, are left alone, and so is a layer that knows its outputs' types better than the earlier one.
/// </summary>
public sealed class EliminateCommonSubexpressions : RewritePass
{
    /// <inheritdoc/>
    public override string Name => "eliminate-common-subexpressions";

    /// <inheritdoc/>
    public override string Summary => "compute equal layers with equal operands once";

    /// <inheritdoc/>
    protected override IEnumerable<NetworkPatch> Sweep(RewriteContext context)
    {
        var first = new Dictionary<string, Layer>(StringComparer.Ordinal);
        var numbers = new Dictionary<Value, int>(ReferenceEqualityComparer.Instance);
        foreach (var layer in context.Network.Layers)
        {
            if (!Purity.IsPure(layer.Operator)) continue;
            if (first.TryAdd(KeyOf(layer), layer)) continue;
            var earlier = first[KeyOf(layer)];
            var pairs = layer.Outputs.Zip(earlier.Outputs).Where(p => p.First is not null).ToArray();
            if (!pairs.All(p => p.Second is not null && Knowledge.CanReplace(p.First!.Type, p.Second.Type))) continue;
            var patch = context.NewPatch(Name);
            foreach (var (output, same) in pairs)
            {
                patch.Replace(output!, patch.Tap(same!));
                numbers[output!] = Number(same!);
            }
            if (pairs.Length > 0) yield return patch;
        }

        string KeyOf(Layer layer) => string.Create(CultureInfo.InvariantCulture,
            $"{layer.Operator.GetType().AssemblyQualifiedName} {layer.Outputs.Length} ({string.Join(' ', layer.Inputs.Select(i => i is null ? -1 : Number(i)))}) {OperatorText.Attributes(layer.Operator)}");

        int Number(Value value)
        {
            if (!numbers.TryGetValue(value, out int number)) numbers[value] = number = numbers.Count;
            return number;
        }
    }
}
