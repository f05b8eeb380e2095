using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Bitstream.Syntax;

/// <summary>The parts of a network besides its layers, and nested networks as a whole.</summary>
internal static class BodySyntax
{
    /// <summary>A nested network: signature, layers, outputs.</summary>
    public static void Walk(FieldSyntax s, UnitContext context, ref Network network)
    {
        if (++context.Depth > Limits.NestingDepth) throw new StrataFormatException($"networks nest deeper than {Limits.NestingDepth}");
        var known = s.IsReading ? null : network;
        var numbers = new ValueNumbers();
        var builder = Signature(s, context, numbers, known);
        var metadata = MetadataSection.Walk(s, known?.Metadata ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));
        builder?.Metadata = metadata;
        List<Layer?> layers = known is null ? [] : [.. known.Layers];
        s.List("layers", ref layers, Limits.Values, layer =>
        {
            LayerSyntax.Walk(s, context, numbers, layer, builder);
            return layer;
        });
        Outputs(s, context, numbers, known, builder);
        if (builder is not null) network = builder.Build();
        context.Depth--;
    }

    /// <summary>Name, inputs and constraints. Returns the builder to add layers to when reading.</summary>
    public static NetworkBuilder? Signature(FieldSyntax s, UnitContext context, ValueNumbers numbers, Network? network)
    {
        string name = network?.Name ?? "";
        s.Text("network_name", ref name);
        var builder = s.IsReading ? new NetworkBuilder(name) : null;
        List<Value?> inputs = network is null ? [] : [.. network.Inputs];
        s.List("inputs", ref inputs, Limits.Values, value =>
        {
            string inputName = value?.Name ?? "";
            s.Text("input_name", ref inputName);
            var type = value?.Type;
            TypeSyntax.Walk(s, context, ref type!);
            value ??= builder!.Input(inputName, type);
            numbers.Add(value, inputName);
            return value;
        });
        List<DimConstraint?> constraints = network is null ? [] : [.. network.Constraints];
        s.List("constraints", ref constraints, Limits.Values, constraint =>
        {
            Dim left = constraint?.Left ?? Dim.Zero, right = constraint?.Right ?? Dim.Zero;
            string reason = constraint?.Reason ?? "";
            TypeSyntax.Walk(s, context, ref left);
            TypeSyntax.Walk(s, context, ref right);
            s.Text("reason", ref reason);
            builder?.Constrain(new(left, right, reason));
            return constraint;
        });
        return builder;
    }

    /// <summary>Outputs by name, each the number of its value; constants that only outputs use come first.</summary>
    public static void Outputs(FieldSyntax s, UnitContext context, ValueNumbers numbers, Network? network, NetworkBuilder? builder)
    {
        LayerSyntax.Constants(s, context, numbers, network?.Outputs.Select(o => (Value?)o.Value) ?? [], builder);
        List<NetworkOutput> outputs = network is null ? [] : [.. network.Outputs];
        s.List("outputs", ref outputs, Limits.Values, output =>
        {
            string name = output.Name ?? "";
            s.Text("output_name", ref name);
            int number = output.Value is null ? 0 : numbers.NumberOf(output.Value);
            s.Int("output_value", ref number, Math.Max(0, numbers.Count - 1));
            if (number >= numbers.Count) throw new StrataFormatException($"output '{name}' refers to value {number} of {numbers.Count}");
            builder?.Output(name, numbers[number]);
            return output;
        });
    }
}
