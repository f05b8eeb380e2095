using Strata.Bitstream.Syntax;
using Strata.Networks;

namespace Strata.Bitstream;

/// <summary>What the fields of a file refer to.</summary>
internal class ReadingContext(IOperatorSet operators, int formatVersion) : UnitContext(operators, formatVersion)
{
    private Dim?[] symbols = [];
    private List<string> symbolNames = [];

    /// <summary>The constants met so far, by unit.</summary>
    public List<List<Constant>> Constants { get; } = [];

    /// <summary>Length of the headers, by which their formulas are bounded.</summary>
    public long HeaderBytes { get; set; }

    public void SetSymbols(List<string> names) => (symbolNames, symbols) = (names, new Dim?[names.Count]);

    public override int NumberOf(string symbol) => throw new InvalidOperationException("symbols are numbered when writing");

    public override Dim SymbolOf(int number) => number < symbols.Length
        ? symbols[number] ??= Dim.Symbol(symbolNames[number])
        : throw new StrataFormatException($"dimension symbol {number} of {symbols.Length}");

    public override ConstantPlace PlaceOf(Constant constant) => throw new InvalidOperationException("constants are placed when writing");

    public override Constant ConstantAt(ConstantPlace place) => place.Unit < Constants.Count && place.Index < Constants[place.Unit].Count
        ? Constants[place.Unit][place.Index]
        : throw new StrataFormatException($"constant {place.Index} of unit {place.Unit} does not exist");

    public override void Weigh(long weight)
    {
        base.Weigh(weight);
        CheckFormulaWeight(HeaderBytes);
    }
}
