using System.Collections.Immutable;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Tests.Support;

/// <summary>Tells whether a network of a few layers can be run in no time: a large tensor is no error, and evaluating it only takes time.</summary>
internal static class SmallNetworks
{
    private const double LargestAttribute = 64, LargestConstant = 4096;

    public static bool IsSmall(Network network)
    {
        var largest = new Largest();
        foreach (var layer in network.Layers) layer.Operator.Walk(largest);
        return largest.Value <= LargestAttribute && network.Constants.All(c => !Integers(c.Constant!).Any(v => Math.Abs((double)v) > LargestConstant));
    }

    private static IEnumerable<long> Integers(Constant constant) => constant.Type.ElementType is ElementType.Int32 or ElementType.Int64 ? constant.Materialize().ToInt64s() : [];

    private sealed class Largest : AttributeWalker
    {
        public double Value { get; private set; }

        public override long Int(string name, long value, int since = 1)
        {
            Value = Math.Max(Value, Math.Abs((double)value));
            return value;
        }

        public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1)
        {
            foreach (long item in value) Int(name, item);
            return value;
        }
    }
}
