namespace Strata.Networks.Text;

/// <summary>An operator's attributes in the text form, to the last bit: what tells two operators of one type apart.</summary>
public static class OperatorText
{
    /// <summary>All attributes, those at their default included: <c>axis=1, keepdims=true</c>. A body is given by its name only.</summary>
    public static string Attributes(Operator op) =>
        string.Join(", ", AttributePrinter.Print(op, static body => TextQuoting.Quote(body.Name)).Select(a => $"{a.Name}={a.Text}"));
}
