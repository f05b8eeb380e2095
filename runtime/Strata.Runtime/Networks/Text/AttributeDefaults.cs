namespace Strata.Networks.Text;

/// <summary>Tells which attributes of an operator are not at their default; text, bitstream and export leave out those that are.</summary>
internal static class AttributeDefaults
{
    /// <summary>Names of the attributes that differ from the prototype's. An attribute's text says it to the last bit.</summary>
    public static HashSet<string> Changed(Operator op, Operator prototype)
    {
        var defaults = AttributePrinter.Print(prototype, PrintBody).ToDictionary(a => a.Name, a => a.Text, StringComparer.Ordinal);
        return [.. AttributePrinter.Print(op, PrintBody).Where(a => defaults[a.Name] != a.Text).Select(a => a.Name)];
    }

    private static string PrintBody(Network body) => body == Network.Empty ? "empty" : "network";
}
