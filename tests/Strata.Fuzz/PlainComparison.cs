using System.Collections.Immutable;
using System.Numerics;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;
using Strata.Tests.Oracles;

namespace Strata.Fuzz;

/// <summary>Finds where the network that the runtime decoded differs from what the second decoder read.</summary>
internal sealed class PlainComparison(OperatorCatalog operators)
{
    private readonly HashSet<PlainConstant> compared = [];

    /// <summary>Says where the two differ, or null. Elements are compared where the plain constant is decoded.</summary>
    public static string? FirstDifference(PlainFile plain, Network network, OperatorCatalog? operators = null)
    {
        try
        {
            var comparison = new PlainComparison(operators ?? OperatorCatalog.Standard);
            comparison.Compare(plain.Network, network, "network");
            return null;
        }
        catch (Difference difference)
        {
            return difference.Message;
        }
    }

    private sealed class Difference(string message) : Exception(message);

    private static void Same<T>(T plain, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(plain, actual)) throw new Difference($"{what}: '{plain}' by the document, '{actual}' by the runtime");
    }

    private void Compare(PlainNetwork plain, Network network, string where)
    {
        Same(plain.Name, network.Name, $"{where}: name");
        Same(plain.Inputs, network.Inputs.Length, $"{where}: inputs");
        for (int i = 0; i < plain.Inputs; i++) Compare(plain.Values[i], network.Inputs[i], $"{where}: input {i}");
        // What nothing uses is gone once a network is built.
        var used = plain.Layers.SelectMany(l => l.Operands).Concat(plain.Outputs.Select(o => o.Value)).OfType<PlainValue>().Where(v => v.Constant is not null).Distinct(ReferenceEqualityComparer.Instance).Cast<PlainValue>().ToList();
        Same(used.Count, network.Constants.Length, $"{where}: constants");
        for (int i = 0; i < used.Count; i++) Compare(used[i], network.Constants[i], $"{where}: constant {i}");
        int met = 0;
        foreach (var constraint in plain.Constraints)
        {
            // One that is stated again counts once.
            if (met < network.Constraints.Length && AreSame(constraint, network.Constraints[met])) met++;
            else if (!network.Constraints.Take(met).Any(known => AreSame(constraint, known))) throw new Difference($"{where}: a constraint '{constraint.Reason}' by the document");
        }
        Same(met, network.Constraints.Length, $"{where}: constraints");
        Same(string.Join('\n', plain.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal)), string.Join('\n', network.Metadata.Select(m => (m.Key, m.Value))), $"{where}: metadata");
        Same(plain.Layers.Count, network.Layers.Length, $"{where}: layers");
        foreach (var (layer, other) in plain.Layers.Zip(network.Layers)) Compare(layer, other, $"{where}, layer '{layer.Name}'");
        Same(plain.Outputs.Count, network.Outputs.Length, $"{where}: outputs");
        foreach (var (one, other) in plain.Outputs.Zip(network.Outputs))
        {
            Same(one.Name, other.Name, $"{where}: name of an output");
            Same(one.Value.Name, other.Value.Name, $"{where}: value of output '{one.Name}'");
        }
    }

    private void Compare(PlainLayer plain, Layer layer, string where)
    {
        Same(plain.Name, layer.Name, $"{where}: name");
        Same((int)plain.Operator, operators.NumberOf(layer.Operator), $"{where}: operator");
        // Writers may leave out omitted operands at the end; a reader may keep or drop them.
        int operands = Math.Max(plain.Operands.Count, layer.Inputs.Length);
        for (int i = 0; i < operands; i++) Same(plain.Operands.ElementAtOrDefault(i)?.Name, layer.Inputs.ElementAtOrDefault(i)?.Name, $"{where}: operand {i}");
        Same(plain.Results.Count, layer.Outputs.Length, $"{where}: results");
        for (int i = 0; i < plain.Results.Count; i++)
        {
            Same(plain.Results[i]?.Name, layer.Outputs[i]?.Name, $"{where}: result {i}");
            if (plain.Results[i] is { } result) Compare(result, layer.Outputs[i]!, $"{where}: result {i}");
        }
        var attributes = new AttributeList();
        layer.Operator.Walk(attributes);
        Same(plain.Attributes.Count, attributes.Items.Count, $"{where}: attributes");
        foreach (var (one, other) in plain.Attributes.Zip(attributes.Items))
        {
            Same(one.Name, other.Name, $"{where}: name of an attribute");
            CompareAttribute(one.Value, other.Value, $"{where}: attribute '{one.Name}'");
        }
    }

    private void CompareAttribute(object? plain, object? actual, string where)
    {
        switch (plain, actual)
        {
            case (PlainNetwork one, Network other): Compare(one, other, where); break;
            case (PlainConstant one, Constant other): Compare(one, other, where); break;
            case (PlainType one, NetworkType other): Compare(one, other, where); break;
            case (Array one, Array other): Same(string.Join('\n', one.Cast<object>()), string.Join('\n', other.Cast<object>()), where); break;
            default: Same(plain, actual, where); break;
        }
    }

    private void Compare(PlainValue plain, Value value, string where)
    {
        Same(plain.Name, value.Name, $"{where}: name");
        Compare(plain.Type, value.Type, where);
        Same(plain.Constant is null, value.Constant is null, $"{where}: being a constant");
        if (plain.Constant is not null) Compare(plain.Constant, value.Constant!, where);
    }

    private void Compare(PlainType plain, NetworkType type, string where)
    {
        switch (plain, type)
        {
            case (PlainSequence one, SequenceType other): Compare(one.Element, other.Element, where); break;
            case (PlainOptional one, OptionalType other): Compare(one.Element, other.Element, where); break;
            case (PlainMap one, MapType other):
                Same(one.Key, (int)other.Key, $"{where}: key type");
                Compare(one.Value, other.Value, where);
                break;
            case (PlainTensor one, TensorType other): Compare(one, other, where); break;
            default: throw new Difference($"{where}: {plain.GetType().Name} by the document, {type} by the runtime");
        }
    }

    private void Compare(PlainTensor plain, TensorType type, string where)
    {
        Same(plain.Element, (int)type.ElementType, $"{where}: element type");
        Same(plain.Dims?.Count, type.Rank, $"{where}: rank");
        for (int axis = 0; axis < type.Rank; axis++) Compare(plain.Dims![axis], type.Shape![axis], $"{where}: dimension {axis}");
        Same(plain.Quantization is null, type.Quantization is null, $"{where}: being quantised");
        if (plain.Quantization is null) return;
        Same(plain.Quantization.Axis, type.Quantization!.Axis, $"{where}: axis");
        Same(plain.Quantization.Group, type.Quantization.Group, $"{where}: group");
        Compare(plain.Quantization.Scale, type.Quantization.Scale, $"{where}: scale");
        Same(plain.Quantization.ZeroPoint is null, type.Quantization.ZeroPoint is null, $"{where}: having a zero point");
        if (plain.Quantization.ZeroPoint is not null) Compare(plain.Quantization.ZeroPoint, type.Quantization.ZeroPoint!, $"{where}: zero point");
    }

    private static bool AreSame((PlainDim Left, PlainDim Right, string Reason) plain, DimConstraint constraint)
    {
        try
        {
            Compare(plain.Left, constraint.Left, "");
            Compare(plain.Right, constraint.Right, "");
            return plain.Reason == constraint.Reason;
        }
        catch (Difference)
        {
            return false;
        }
    }

    // Two formulas are the same if they give the same numbers; small and large ones, distinct for each symbol.
    private static void Compare(PlainDim plain, Dim dim, string where)
    {
        for (int round = 0; round < 4; round++)
        {
            long Assign(string symbol) => round == 0 ? 1 : round == 1 ? Of(symbol) % 7 : Of(symbol) % (round == 2 ? 100 : 9999);
            long Of(string symbol) => symbol.Aggregate(17L + round, (h, c) => (h * 31 + c) & 0xFFFFFF);
            long? actual;
            try
            {
                actual = dim.Evaluate(s => Assign(s));
            }
            catch (InvalidInputException)
            {
                continue; // 64 bits do not hold it, or something is divided by zero
            }
            if (plain.Evaluate(s => Assign(s)) is { } value) Same(value, (BigInteger)actual!.Value, where);
        }
    }

    private void Compare(PlainConstant plain, Constant constant, string where)
    {
        if (!compared.Add(plain)) return;
        Compare(plain.Type, constant.Type, where);
        Same(plain.Count, constant.Count, $"{where}: elements");
        if (plain.Bytes is null && plain.Strings is null) return;
        var tensor = constant.Materialize();
        if (!SameElements(plain, tensor)) throw new Difference($"{where}: elements differ");
    }

    public static bool SameElements(PlainConstant plain, Tensor tensor) =>
        plain.Strings is not null ? tensor.Strings.SequenceEqual(plain.Strings) : Masked(tensor).SequenceEqual(plain.Bytes);

    private static ReadOnlySpan<byte> Masked(Tensor tensor)
    {
        int used = (int)((long)tensor.Count * tensor.ElementType.Bits() % 8);
        if (used == 0) return tensor.Bytes.Span;
        byte[] bytes = tensor.Bytes.ToArray();
        bytes[^1] &= (byte)((1 << used) - 1);
        return bytes;
    }

    private sealed class AttributeList : AttributeWalker
    {
        public List<(string Name, object? Value)> Items { get; } = [];

        private T Add<T>(string name, T value, object? plain)
        {
            Items.Add((name, plain));
            return value;
        }

        public override long Int(string name, long value, int since = 1) => Add(name, value, value);

        public override long? OptionalInt(string name, long? value, int since = 1) => Add(name, value, value);

        public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Add(name, value, value.IsDefault ? Array.Empty<long>() : value.ToArray());

        public override float Float(string name, float value, int since = 1) => Add(name, value, BitConverter.SingleToUInt32Bits(value));

        public override float? OptionalFloat(string name, float? value, int since = 1) => Add(name, value, value is { } known ? BitConverter.SingleToUInt32Bits(known) : null);

        public override ImmutableArray<float> Floats(string name, ImmutableArray<float> value, int since = 1) => Add(name, value, value.IsDefault ? Array.Empty<uint>() : value.Select(BitConverter.SingleToUInt32Bits).ToArray());

        public override bool Flag(string name, bool value, int since = 1) => Add(name, value, value);

        public override string Text(string name, string value, int since = 1) => Add(name, value, value);

        public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => Add(name, value, value.IsDefault ? Array.Empty<string>() : value.ToArray());

        public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1) => Add(name, value, value);

        public override ElementType? Type(string name, ElementType? value, int since = 1) => Add(name, value, value is { } known ? (int)known : null);

        public override Constant? Tensor(string name, Constant? value, int since = 1) => Add(name, value, value);

        public override Network Network(string name, Network value, int since = 1) => Add(name, value, value);

        public override NetworkType? ValueType(string name, NetworkType? value, int since = 1) => Add(name, value, value);
    }
}
