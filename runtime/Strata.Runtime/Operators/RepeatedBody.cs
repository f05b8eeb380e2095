using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators;

/// <summary>
/// Types around a body that runs many times. Symbols made inside the body stand for another value in each iteration, so
/// they never leave it: results get fresh ones instead.
/// </summary>
internal sealed class RepeatedBody(InferenceContext context, string name, Network body)
{
    private readonly HashSet<string> outerSymbols = Symbols(context);

    /// <summary>Refuses a body with other numbers of inputs or too few outputs.</summary>
    public void CheckCounts(int inputs, int outputs)
    {
        if (body.Inputs.Length != inputs) throw context.Fail($"{name} must take {inputs} inputs, takes {body.Inputs.Length}");
        if (body.Outputs.Length < outputs) throw context.Fail($"{name} must have {outputs} outputs, has {body.Outputs.Length}");
    }

    /// <summary>Demands that an operand may be passed to an input of the body.</summary>
    public void CheckOperand(int operand, int input, NetworkType type)
    {
        if (!Accepts(body.Inputs[input].Type, type))
            throw context.Fail($"operand {operand} is {type}, {name} takes {body.Inputs[input].Type} as input {input}");
    }

    /// <summary>The type of a carried value after any number of iterations.</summary>
    public NetworkType Carried(int operand, int input, int result)
    {
        CheckOperand(operand, input, context.Type(operand));
        NetworkType taken = body.Inputs[input].Type, given = body.Outputs[result].Value.Type;
        if (!Accepts(taken, given)) throw context.Fail($"{name} takes {taken} as input {input} and gives {given} for the next iteration");
        return Outside(taken);
    }

    /// <summary>The type of results collected from all iterations along a new axis.</summary>
    public TensorType Collected(int result, Dim count, long axis)
    {
        if (body.Outputs[result].Value.Type is not TensorType element) throw context.Fail($"output {result} of {name} is collected and must be a tensor");
        if (Outside(element) is not TensorType { Shape: { } shape }) return new(element.ElementType, null);
        int at = context.Axis(axis, shape.Rank + 1);
        return new(element.ElementType, Shape.Create(shape.Dims.Insert(at, count).AsSpan()));
    }

    /// <summary>The type of one iteration's result, whichever the iteration.</summary>
    public NetworkType Result(int result) => Outside(body.Outputs[result].Value.Type);

    // The value of a present optional may stand for the optional.
    private static bool Accepts(NetworkType taken, NetworkType given) => NetworkVerifier.Compatible(taken, given)
        || taken is OptionalType optional && NetworkVerifier.Compatible(optional.Element, given);

    private NetworkType Outside(NetworkType type) => type switch
    {
        TensorType { Shape: { } shape } tensor => tensor with { Shape = Shape.Create([.. shape.Select(d => d.Symbols.All(IsOuter) ? d : context.Fresh())]) },
        SequenceType sequence => new SequenceType(Outside(sequence.Element)),
        OptionalType optional => new OptionalType(Outside(optional.Element)),
        _ => type,
    };

    private bool IsOuter(string symbol) => !symbol.StartsWith('?') || outerSymbols.Contains(symbol);

    private static HashSet<string> Symbols(InferenceContext context)
    {
        var symbols = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < context.InputCount; i++)
        {
            if (context.Has(i) && context.Type(i) is TensorType { Shape: { } shape }) symbols.UnionWith(shape.SelectMany(d => d.Symbols));
        }
        return symbols;
    }
}
