using System.Collections.Immutable;
using Strata.Networks;

namespace Strata.Operators;

/// <summary>
/// Runs a network once per slice of its scanned operands. Operands: initial states, scanned tensors, then captured values.
/// The body takes states, one slice of each scanned tensor (without the scanned axis) and the captured values; it gives
/// states and tensors that are stacked along a new axis. Outputs: the final states, then the stacks.
/// </summary>
public sealed record Scan : Operator
{
    /// <summary>What an iteration computes.</summary>
    public Network Body { get; init; } = Network.Empty;

    /// <summary>Number of scanned operands.</summary>
    public long NumScanInputs { get; init; }

    /// <summary>Axis of each scanned operand; empty: 0.</summary>
    public ImmutableArray<long> InputAxes { get; init; } = [];

    /// <summary>1 for each operand that is scanned from its end; empty: 0.</summary>
    public ImmutableArray<long> InputDirections { get; init; } = [];

    /// <summary>Axis of each stack; empty: 0.</summary>
    public ImmutableArray<long> OutputAxes { get; init; } = [];

    /// <summary>1 for each stack that grows at its beginning; empty: 0.</summary>
    public ImmutableArray<long> OutputDirections { get; init; } = [];

    /// <summary>Number of trailing operands that are the same in each iteration.</summary>
    public long Captures { get; init; }

    /// <summary>Number of states.</summary>
    public int States => Math.Max(0, Body.Inputs.Length - (int)NumScanInputs - (int)Captures);

    /// <inheritdoc/>
    public override Operator Walk(AttributeWalker walker) => this with
    {
        Body = walker.Network("body", Body),
        NumScanInputs = walker.Int("num_scan_inputs", NumScanInputs),
        InputAxes = walker.Ints("scan_input_axes", InputAxes),
        InputDirections = walker.Ints("scan_input_directions", InputDirections),
        OutputAxes = walker.Ints("scan_output_axes", OutputAxes),
        OutputDirections = walker.Ints("scan_output_directions", OutputDirections),
        Captures = walker.Int("captures", Captures),
    };

    /// <inheritdoc/>
    public override void Infer(InferenceContext context)
    {
        if (NumScanInputs < 1 || NumScanInputs > Body.Inputs.Length || Captures < 0 || Captures > Body.Inputs.Length - NumScanInputs)
            throw context.Fail($"num_scan_inputs is {NumScanInputs} and captures {Captures}; the body takes {Body.Inputs.Length} inputs");
        int states = States, scanned = (int)NumScanInputs;
        var body = new RepeatedBody(context, "body", Body);
        body.CheckCounts(context.InputCount, Math.Max(states, context.OutputCount));
        CheckList(context, "scan_input_axes", InputAxes, scanned, flags: false);
        CheckList(context, "scan_input_directions", InputDirections, scanned, flags: true);
        CheckList(context, "scan_output_axes", OutputAxes, Body.Outputs.Length - states, flags: false);
        CheckList(context, "scan_output_directions", OutputDirections, Body.Outputs.Length - states, flags: true);

        Dim? length = null;
        for (int i = 0; i < scanned; i++)
        {
            var type = context.Input(states + i);
            body.CheckOperand(states + i, states + i, SliceType(type, At(InputAxes, i)));
            if (type.Shape is not { } shape) continue;
            var extent = shape[context.Axis(At(InputAxes, i), shape.Rank)];
            length = length is null ? extent : context.Same(length, extent, "all scanned operands must have the same length");
        }
        length ??= context.Fresh();
        for (int i = 0; i < states; i++) context.Output(i, body.Carried(i, i, i));
        for (int i = states + scanned; i < context.InputCount; i++) body.CheckOperand(i, i, context.Type(i));
        for (int i = states; i < context.OutputCount; i++) context.Output(i, body.Collected(i, length, At(OutputAxes, i - states)));
    }

    /// <summary>The type of one slice of a scanned operand.</summary>
    /// <exception cref="InvalidNetworkException">The operand is no tensor or does not have the axis.</exception>
    internal static TensorType SliceType(NetworkType operand, long axis) => operand switch
    {
        TensorType { Shape: null } type => type,
        TensorType { Shape: { } shape } type when axis >= -shape.Rank && axis < shape.Rank =>
            type with { Shape = Shape.Create(shape.Dims.RemoveAt((int)(axis < 0 ? axis + shape.Rank : axis)).AsSpan()) },
        _ => throw new InvalidNetworkException($"{operand} cannot be scanned along axis {axis}"),
    };

    /// <summary>The entry of a list whose missing entries are 0.</summary>
    internal static long At(ImmutableArray<long> list, int index) => index < list.Length ? list[index] : 0;

    private static void CheckList(InferenceContext context, string name, ImmutableArray<long> list, int count, bool flags)
    {
        if (!list.IsEmpty && list.Length != count) throw context.Fail($"{name} needs {count} values, has {list.Length}");
        if (flags && list.Any(v => v is not (0 or 1))) throw context.Fail($"{name} contains {list.First(v => v is not (0 or 1))}, allowed are 0 and 1");
    }
}
