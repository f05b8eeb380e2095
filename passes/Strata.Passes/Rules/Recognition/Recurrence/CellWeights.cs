using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Passes.Rules.Recognition;

/// <summary>The constants of a cell by gate, where it is known which value is the input and which the previous hidden state.</summary>
/// <param name="Input">The input <c>[B, I]</c>.</param>
/// <param name="Hidden">The previous hidden state <c>[B, H]</c>; null where the gates do not depend on it, as the first step's may not.</param>
/// <param name="FromInput">Weights of the input.</param>
/// <param name="FromHidden">Weights of the hidden state; empty without one.</param>
/// <param name="InputBiases">Summands of each gate.</param>
/// <param name="HiddenBiases">Of a GRU that resets behind the product, summands of what is reset; else empty.</param>
internal sealed record CellWeights(Atom Input, Value? Hidden, ImmutableArray<WeightBlock> FromInput, ImmutableArray<WeightBlock> FromHidden, ImmutableArray<ImmutableArray<BiasBlock>> InputBiases, ImmutableArray<BiasBlock> HiddenBiases)
{
    private const int MostUnits = 1 << 16;

    /// <summary>The constants of a cell whose previous hidden state is a certain value (null: none); null where the cell is not of that form.</summary>
    public static CellWeights? Of(RecurrentCell cell, Value? hidden)
    {
        Atom? state = hidden is null ? null : Atom.Of(hidden);
        if (cell.Atoms.Where(a => a != state).ToArray() is not [var input] || cell.Size > MostUnits) return null;
        if (hidden is not null && !(cell.Atoms.Contains(state!.Value) && Match.SameShape(hidden, cell.Hidden)) || !Atom.Of(cell.Hidden).Rows!.Equals(input.Rows)) return null;
        var fromInput = cell.Gates.Select(g => Only(g, input)).OfType<WeightBlock>().ToImmutableArray();
        var fromHidden = state is not { } h ? [] : cell.Gates.Select((g, i) => i == 2 && cell.Candidate is { } apart ? Only(apart, h) : Only(g, h)).OfType<WeightBlock>().ToImmutableArray();
        int count = cell.Gates.Length;
        if (fromInput.Length != count || fromHidden.Length != (state is null ? 0 : count)) return null;
        if (cell.Gates.Sum(static g => g.Terms.Length) + (cell.Candidate?.Terms.Length ?? 0) != fromInput.Length + fromHidden.Length) return null;
        return new(input, hidden, fromInput, fromHidden, [.. cell.Gates.Select(static g => g.Biases)], cell.Candidate?.Biases ?? []);
    }

    /// <summary>True when a step with these constants may precede one with others: they are the same, the hidden state apart, which may be left out.</summary>
    public bool Precedes(CellWeights next) => AreSame(FromInput, next.FromInput) && (Hidden is null || AreSame(FromHidden, next.FromHidden))
        && InputBiases.Zip(next.InputBiases).All(static b => AreSame(b.First, b.Second)) && AreSame(HiddenBiases, next.HiddenBiases);

    /// <summary>W, R and B as a recurrence of one direction wants them.</summary>
    public (Constant W, Constant R, Constant B) ToConstants(ElementType type)
    {
        int units = (int)FromInput[0].Columns.Count, gates = FromInput.Length;
        double[] input = [.. InputBiases.SelectMany(b => Total(b, units))], hidden = new double[gates * units];
        if (!HiddenBiases.IsEmpty) Total(HiddenBiases, units).CopyTo(hidden, 2 * units);
        return (Stacked(FromInput), Stacked(FromHidden), Constant.Of(Tensor.FromDoubles(type, [1, 2 * gates * units], [.. input, .. hidden])));

        Constant Stacked(ImmutableArray<WeightBlock> blocks)
        {
            var whole = ConstantExpressions.Apply(new Concat { Axis = 0 }, [.. blocks.Select(static b => b.ToConstant())]);
            return Channels.Reshape(whole, 1, gates * units, whole.Dims[1]);
        }
    }

    private static WeightBlock? Only(LinearForm form, Atom atom) => form.Terms.Where(t => t.Atom == atom).ToArray() is [var only] ? only.Weights : null;

    private static bool AreSame(ImmutableArray<WeightBlock> a, ImmutableArray<WeightBlock> b) => a.Length == b.Length && a.Zip(b).All(static p => p.First.IsSame(p.Second));

    // The same summands, or the same sums: a state of zeros leaves a summand of zeros behind.
    private static bool AreSame(ImmutableArray<BiasBlock> a, ImmutableArray<BiasBlock> b)
    {
        bool alike = a.Length == b.Length && a.Zip(b).All(static p => p.First with { Source = p.Second.Source } == p.Second && WeightBlock.AreSame(p.First.Source, p.Second.Source));
        int units = (int)(a.FirstOrDefault() ?? b.FirstOrDefault() ?? new(null!, 0, 0, 0)).Count;
        return alike || Total(a, units).SequenceEqual(Total(b, units));
    }

    private static double[] Total(ImmutableArray<BiasBlock> biases, int units)
    {
        var total = new double[units];
        foreach (var bias in biases)
        {
            var elements = bias.ToDoubles();
            for (int i = 0; i < units; i++) total[i] += elements[i];
        }
        return total;
    }
}
