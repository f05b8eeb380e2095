using Strata.Networks;
using Strata.Operators;

namespace Strata.Passes.Rules;

/// <summary>
/// States types again by the operators' rules, in the order of execution, since operands may be known better than they were at
/// import. Each dimension stays or becomes known better: a number for a symbol, a named symbol for one that only a run tells.
/// Captured values have the type of their operand inside bodies. A network, or body, in which a rule breaks stays as it is: a
/// run that reaches the layer fails, and another may not.
/// </summary>
public sealed class InferTypes : IPass
{
    /// <inheritdoc/>
    public string Name => "infer-types";

    /// <inheritdoc/>
    public string Summary => "state types again where operands became known better";

    /// <inheritdoc/>
    public IReadOnlyList<PassOption> Options => [];

    /// <inheritdoc/>
    public Network Run(Network network, PassContext context) => Refine(network, [], RewriteContext.SymbolsOf(network), depth: 0);

    // The trailing inputs take over the types of what is captured.
    private static Network Refine(Network network, IReadOnlyList<NetworkType> captured, NetworkBuilder symbols, int depth)
    {
        if (depth > Limits.NestingDepth) throw new ResourceLimitException($"network '{network.Name}': bodies nest deeper than {Limits.NestingDepth}");
        try
        {
            return new Refinement(network, symbols, depth).Run(captured);
        }
        catch (InvalidNetworkException)
        {
            return network;
        }
    }

    private sealed class Refinement(Network network, NetworkBuilder symbols, int depth)
    {
        private readonly NetworkBuilder builder = new(network.Name, symbols) { Metadata = network.Metadata };
        private readonly Dictionary<Value, Value> map = new(ReferenceEqualityComparer.Instance);
        private bool changed;

        public Network Run(IReadOnlyList<NetworkType> captured)
        {
            int own = network.Inputs.Length - captured.Count;
            foreach (var (i, input) in network.Inputs.Index())
            {
                var type = i >= own && Knowledge.CanReplace(input.Type, captured[i - own]) ? captured[i - own] : input.Type;
                changed |= !type.Equals(input.Type);
                map[input] = builder.Input(input.Name, type);
            }
            foreach (var constant in network.Constants) map[constant] = builder.Constant(constant.Constant!, constant.Name);
            foreach (var constraint in network.Constraints) builder.Constrain(constraint);
            foreach (var layer in network.Layers) Add(layer);
            foreach (var output in network.Outputs) builder.Output(output.Name, map[output.Value]);
            return changed ? builder.Build() : network;
        }

        private void Add(Layer layer)
        {
            Value?[] operands = [.. layer.Inputs.Select(i => i is null ? null : map[i])];
            var op = layer.Operator;
            if (!op.Bodies.IsEmpty)
            {
                int count = op switch { If => operands.Length - 1, Loop loop => (int)loop.Captures, Scan scan => (int)scan.Captures, _ => 0 };
                NetworkType[] captured = [.. operands[^count..].Select(o => o!.Type)];
                op = BodyRewriter.Apply(op, body => Refine(body, captured, builder, depth + 1));
            }
            changed |= !ReferenceEquals(op, layer.Operator);
            var specs = layer.Outputs.Select(o => o is null ? (OutputSpec?)null : new OutputSpec(o.Name, o.Type)).ToArray();
            var refined = builder.Refine(op, operands, specs, layer.Name);
            foreach (var (old, output) in layer.Outputs.Zip(refined.Outputs))
            {
                if (old is null) continue;
                map[old] = output!;
                changed |= !old.Type.Equals(output!.Type);
            }
        }
    }
}
