using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Operators;

/// <summary>Operands and attributes of any kind are either computed, to the type that the shape rule promises, or refused with a typed error.</summary>
public class RobustnessTests
{
    private const int Attempts = 400;

    private static readonly ElementType[] Types = [.. ElementTypes.All];

    public static TheoryData<string> Names => [.. OperatorCatalog.Standard.Rows.Where(r => r.Number is < 200 or >= 500 and < 750).Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void RandomOperandsAreComputedOrRefused(string name)
    {
        Assert.True(OperatorCatalog.Standard.TryGet(name, out var row));
        var random = new Random(row.Number);
        int computed = 0;
        for (int i = 0; i < Attempts; i++)
        {
            // Most operators want one type, or few; entirely random operands would hardly ever get past the shape rule.
            var common = i % 2 == 0 ? Pick(random, Types) : Pick(random, [ElementType.Float32, ElementType.UInt8, ElementType.Bool, ElementType.String]);
            int[] dims = [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(4))];
            Tensor?[] operands = [.. Enumerable.Range(0, random.Next(9)).Select(_ => Operand(random, common, dims))];
            var op = i % 4 == 0 ? row.Prototype : row.Prototype.Walk(new Mutator(random));
            try
            {
                Evaluation.RunMany(op, 1, operands);
                computed++;
            }
            catch (StrataException)
            {
            }
        }
        if (row.Number < 200) Assert.True(computed > 0, "every attempt was refused");
    }

    private static Tensor? Operand(Random random, ElementType common, int[] dims)
    {
        if (random.Next(12) == 0) return null;
        var type = random.Next(4) == 0 ? Pick(random, Types) : common;
        int[] own = random.Next(4) switch { 0 => [], 1 => [.. dims.Select(d => random.Next(3) == 0 ? random.Next(3) : d)], _ => dims };
        int count = own.Aggregate(1, (a, b) => a * b);
        if (type == ElementType.String) return Tensor.FromStrings(own, [.. Enumerable.Range(0, count).Select(_ => Pick(random, ["", "1", "-2.5", "a b", "inf"]))]);
        double[] values = [.. Enumerable.Range(0, count).Select(_ => Pick(random, [0, 1, -1, 2, 3.5, 1e10, -1e300, double.NaN, double.PositiveInfinity]))];
        return Tensor.FromDoubles(type, own, values);
    }

    private static T Pick<T>(Random random, T[] items) => items[random.Next(items.Length)];

    private sealed class Mutator(Random random) : AttributeWalker
    {
        private bool Changes => random.Next(2) == 0;

        public override long Int(string name, long value, int since = 1) => Changes ? Number() : value;

        public override long? OptionalInt(string name, long? value, int since = 1) => Changes ? Number() : value;

        public override ImmutableArray<long> Ints(string name, ImmutableArray<long> value, int since = 1) => Changes ? [.. Enumerable.Range(0, random.Next(4)).Select(_ => Number())] : value;

        public override float Float(string name, float value, int since = 1) => Changes ? Pick(random, [0f, -1, 0.5f, float.NaN, float.PositiveInfinity]) : value;

        public override float? OptionalFloat(string name, float? value, int since = 1) => Changes ? 1 : value;

        public override bool Flag(string name, bool value, int since = 1) => Changes ? !value : value;

        public override string Text(string name, string value, int since = 1) => Changes ? Pick(random, ["", "a", "(", "[", "\\", " "]) : value;

        public override ImmutableArray<string> Texts(string name, ImmutableArray<string> value, int since = 1) => Changes ? ["a b", ""] : value;

        public override int Choice(string name, int value, ImmutableArray<string> names, int since = 1) => Changes ? random.Next(names.Length) : value;

        public override ElementType? Type(string name, ElementType? value, int since = 1) => Changes ? Pick(random, Types) : value;

        private long Number() => Pick(random, [0L, 1, -1, 2, 3, 32, long.MaxValue, long.MinValue]);
    }
}
