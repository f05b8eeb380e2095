using Strata.Networks;
using Strata.Operators;

namespace Strata.Bitstream.Syntax;

/// <summary>What the syntax of one unit refers to: symbols and constants of the whole network, the operator catalogue.</summary>
internal abstract class UnitContext(OperatorCatalog catalog, int formatVersion)
{
    /// <summary>The version in which the file is written: minor version + 1.</summary>
    public int FormatVersion => formatVersion;

    public OperatorCatalog Catalog => catalog;

    /// <summary>Depth of nested networks at the current place.</summary>
    public int Depth { get; set; }

    /// <summary>The unit being walked: 0 for the network, k + 1 for layer k.</summary>
    public int Unit { get; set; }

    /// <summary>The number of a symbol.</summary>
    public abstract int NumberOf(string symbol);

    /// <summary>The symbol with a number.</summary>
    public abstract string SymbolOf(int number);

    /// <summary>Where a constant lives.</summary>
    public abstract ConstantPlace PlaceOf(Constant constant);

    /// <summary>The constant at a place.</summary>
    public abstract Constant ConstantAt(ConstantPlace place);
}

/// <summary>A constant's owner and its position among the owner's constants.</summary>
internal readonly record struct ConstantPlace(int Unit, int Index);
