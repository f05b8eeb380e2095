namespace Strata.Bitstream.Syntax;

/// <summary>The lists at the start of unit headers.</summary>
internal static class UnitSyntax
{
    /// <summary>The dimension symbols of the whole network, in the order of their numbers (network header only).</summary>
    public static List<string> Symbols(FieldSyntax s, List<string> symbols)
    {
        s.List("symbols", ref symbols, Limits.Values, symbol =>
        {
            symbol ??= "";
            s.Text("symbol", ref symbol);
            return symbol.Length > 0 ? symbol : throw new StrataFormatException("a dimension symbol has no name");
        });
        return symbols;
    }

    /// <summary>The constants that the unit owns. When reading, <paramref name="known"/> hears of each as soon as it is read: later ones may refer to it.</summary>
    public static void Constants(FieldSyntax s, UnitContext context, List<ConstantHeader> constants, Action<ConstantHeader>? known = null)
    {
        List<ConstantHeader?> list = [.. constants];
        s.List("owned_constants", ref list, Limits.Values, constant =>
        {
            ConstantHeader.Walk(s, context, ref constant);
            known?.Invoke(constant!);
            return constant;
        });
    }
}
