using Strata.Networks;
using Strata.Tensors;

namespace Strata.Tests.Docs;

/// <summary>What an operator asks of its operands, in the words of its own errors: found by offering it operands until it is content.</summary>
internal sealed class OperatorRules
{
    private const int MostInputs = 8;

    private readonly Operator op;
    private readonly List<ElementType> types = [];
    private readonly SortedDictionary<int, string> inputs = [];
    private readonly List<string> others = [];

    private OperatorRules(Operator op) => this.op = op;

    /// <summary>Operand types, such as <c>0: floating point; 1: i64</c>; empty when any will do. Then what else the prototype lacks.</summary>
    public static (string Types, string Others) Of(Operator op)
    {
        var rules = new OperatorRules(op);
        rules.Explore();
        return (string.Join("; ", rules.inputs.Select(p => $"{p.Key}: {p.Value}")), string.Join("; ", rules.others));
    }

    private void Explore()
    {
        for (int tries = 0; tries < 4 * MostInputs; tries++)
        {
            if (Sentence() is not { } sentence) return;
            if (Missing(sentence) && types.Count < MostInputs) types.Add(ElementType.Float32);
            else if (Input(sentence) is { } input && input.Index < types.Count)
            {
                inputs.TryAdd(input.Index, input.What);
                if (!Satisfy(input.Index)) return;
            }
            else if (sentence.StartsWith("element types differ", StringComparison.Ordinal) && types.Distinct().Count() > 1) for (int i = 1; i < types.Count; i++) types[i] = types[0];
            else
            {
                others.Add(Allowed(sentence));
                return;
            }
        }
    }

    // The first type that the operator does not refuse for this operand.
    private bool Satisfy(int index)
    {
        foreach (var type in ElementTypes.All)
        {
            types[index] = type;
            if (Sentence() is not { } sentence || Input(sentence)?.Index != index) return true;
        }
        return false;
    }

    private string? Sentence()
    {
        var builder = new NetworkBuilder("probe");
        var operands = types.Select((t, i) => (Value?)builder.Input($"x{i}", new TensorType(t, null))).ToArray();
        try
        {
            builder.Add(op, operands, [new OutputSpec("y")], "");
            return null;
        }
        catch (StrataException error)
        {
            string message = error.Message;
            if (message.StartsWith($"{op} '': ", StringComparison.Ordinal)) message = message[$"{op} '': ".Length..];
            int end = message.LastIndexOf(" (inputs: ", StringComparison.Ordinal);
            return end < 0 ? message : message[..end];
        }
    }

    private static bool Missing(string sentence) => sentence.StartsWith("input ", StringComparison.Ordinal) && sentence.Contains(" is missing", StringComparison.Ordinal);

    private static (int Index, string What)? Input(string sentence)
    {
        const string Must = " must be ";
        if (!sentence.StartsWith("input ", StringComparison.Ordinal) || !char.IsAsciiDigit(sentence[6])) return null;
        int at = sentence.IndexOf(Must, StringComparison.Ordinal), end = sentence.LastIndexOf(", is ", StringComparison.Ordinal);
        return at == 7 && end > at ? (sentence[6] - '0', sentence[(at + Must.Length)..end]) : null;
    }

    // The value at hand is the prototype's, not a model's.
    private static string Allowed(string sentence) => sentence.LastIndexOf(", is ", StringComparison.Ordinal) is > 0 and var end ? sentence[..end] : sentence;
}
