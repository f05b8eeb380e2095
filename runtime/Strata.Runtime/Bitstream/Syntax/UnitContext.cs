using Strata.Networks;

namespace Strata.Bitstream.Syntax;

/// <summary>What the syntax of one unit refers to: symbols and constants of the whole network, the operator catalogue.</summary>
internal abstract class UnitContext(IOperatorSet operators, int formatVersion)
{
    /// <summary>The version in which the file is written: minor version + 1.</summary>
    public int FormatVersion => formatVersion;

    /// <summary>The least version that knows every operator and every attribute that was written.</summary>
    public int NeededVersion { get; private set; } = 1;

    public IOperatorSet Operators => operators;

    /// <summary>Notes that what is written needs a version.</summary>
    public void Need(int version) => NeededVersion = Math.Max(NeededVersion, version);

    /// <summary>Depth of nested networks at the current place.</summary>
    public int Depth { get; set; }

    /// <summary>The unit being walked: 0 for the network, k + 1 for layer k.</summary>
    public int Unit { get; set; }

    /// <summary>The number of a symbol.</summary>
    public abstract int NumberOf(string symbol);

    /// <summary>The symbol with a number.</summary>
    public abstract Dim SymbolOf(int number);

    /// <summary>What the dimensions walked so far weigh: formulas repeat long names.</summary>
    public long FormulaWeight { get; private set; }

    /// <summary>The most that the dimensions of headers may weigh.</summary>
    public static long MostFormulaWeight(long headerBytes) => Math.Min((1 << 13) + 32 * headerBytes, Limits.FormulaWeight);

    /// <summary>Adds the weight of a dimension.</summary>
    public virtual void Weigh(long weight) => FormulaWeight += weight;

    /// <summary>Refuses formulas that weigh too much for headers of a length.</summary>
    public void CheckFormulaWeight(long headerBytes)
    {
        if (FormulaWeight > MostFormulaWeight(headerBytes)) throw new ResourceLimitException($"the dimensions weigh {FormulaWeight} in headers of {headerBytes} bytes, allowed is {MostFormulaWeight(headerBytes)}: give symbols shorter names");
    }

    /// <summary>Where a constant lives.</summary>
    public abstract ConstantPlace PlaceOf(Constant constant);

    /// <summary>The constant at a place.</summary>
    public abstract Constant ConstantAt(ConstantPlace place);
}

/// <summary>A constant's owner and its position among the owner's constants.</summary>
internal readonly record struct ConstantPlace(int Unit, int Index);
