using Strata.Networks;
using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Loop"/> and <see cref="Scan"/>.</summary>
internal static class LoopReference
{
    public static IReadOnlyList<RuntimeValue?> Evaluate(Loop op, ReferenceContext context)
    {
        long limit = context.Has(0) ? One(context[0], "the number of iterations").ToInt64s()[0] : long.MaxValue;
        bool goOn = !context.Has(1) || One(context[1], "the condition").Bytes.Span[0] != 0;
        var carried = new RuntimeValue?[op.Carried];
        for (int i = 0; i < carried.Length; i++) carried[i] = context.Value(2 + i);
        RuntimeValue?[] captured = [.. Enumerable.Range(2 + carried.Length, (int)op.Captures).Select(context.Value)];
        var stacks = new List<Tensor>[op.Body.Outputs.Length - 1 - carried.Length];
        for (int i = 0; i < stacks.Length; i++) stacks[i] = [];

        for (long i = 0; i < limit && goOn; i++)
        {
            var results = context.Run(op.Body, [Shaped(Tensor.Scalar(i), op.Body.Inputs[0]), Shaped(Tensor.Scalar(true), op.Body.Inputs[1]), .. carried, .. captured]);
            goOn = One((Tensor)results[0]!, "the condition").Bytes.Span[0] != 0;
            for (int c = 0; c < carried.Length; c++) carried[c] = results[1 + c];
            for (int s = 0; s < stacks.Length; s++) Keep(context, stacks[s], results[1 + carried.Length + s]);
        }
        return [.. carried, .. stacks.Select((parts, s) => Stack(parts, 0, op.Body.Outputs[1 + carried.Length + s].Value.Type, context.OutputType(carried.Length + s)))];
    }

    public static IReadOnlyList<RuntimeValue?> Evaluate(Scan op, ReferenceContext context)
    {
        int states = op.States, scanned = (int)op.NumScanInputs;
        var carried = new RuntimeValue?[states];
        for (int i = 0; i < states; i++) carried[i] = context.Value(i);
        RuntimeValue?[] captured = [.. Enumerable.Range(states + scanned, (int)op.Captures).Select(context.Value)];
        var inputs = new (Tensor Tensor, int Axis)[scanned];
        for (int i = 0; i < scanned; i++)
        {
            var tensor = context[states + i];
            inputs[i] = (tensor, Axis(Scan.At(op.InputAxes, i), tensor.Rank));
        }
        int length = inputs[0].Tensor.Dims[inputs[0].Axis];
        if (inputs.Any(i => i.Tensor.Dims[i.Axis] != length)) throw ReferenceContext.Fail("the scanned operands differ in length");
        var stacks = new List<Tensor>[op.Body.Outputs.Length - states];
        for (int i = 0; i < stacks.Length; i++) stacks[i] = [];

        for (int t = 0; t < length; t++)
        {
            var slices = inputs.Select((x, i) => Take(x.Tensor, x.Axis, Scan.At(op.InputDirections, i) == 1 ? length - 1 - t : t));
            var results = context.Run(op.Body, [.. carried, .. slices, .. captured]);
            for (int s = 0; s < states; s++) carried[s] = results[s];
            for (int s = 0; s < stacks.Length; s++) Keep(context, stacks[s], results[states + s]);
        }
        for (int s = 0; s < stacks.Length; s++)
        {
            if (Scan.At(op.OutputDirections, s) == 1) stacks[s].Reverse();
        }
        return [.. carried, .. stacks.Select((parts, s) => Stack(parts, Scan.At(op.OutputAxes, s), op.Body.Outputs[states + s].Value.Type, context.OutputType(states + s)))];
    }

    private static void Keep(ReferenceContext context, List<Tensor> stack, RuntimeValue? result)
    {
        stack.Add((Tensor)result!);
        context.Reserve(result!.Footprint);
    }

    // ONNX lets a body declare number and condition as scalars or as vectors of one element.
    private static Tensor Shaped(Tensor scalar, Value input) => input.Type is TensorType { Rank: 1 } ? scalar.Reshape(1) : scalar;

    private static Tensor One(Tensor tensor, string what) => tensor.Count == 1 ? tensor : throw ReferenceContext.Fail($"{what} must have one element, is {tensor}");

    private static int Axis(long axis, int rank) => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw ReferenceContext.Fail($"axis {axis} lies outside rank {rank}");

    private static Tensor Take(Tensor tensor, int axis, int index)
    {
        int inner = 1;
        for (int d = axis + 1; d < tensor.Rank; d++) inner *= tensor.Dims[d];
        int[] dims = [.. tensor.Dims.RemoveAt(axis)];
        var positions = new int[Tensor.CountOf(dims)];
        for (int i = 0; i < positions.Length; i++) positions[i] = (i / inner * tensor.Dims[axis] + index) * inner + i % inner;
        return Slabs.Gather(tensor, dims, positions);
    }

    private static Tensor Stack(List<Tensor> parts, long axis, NetworkType element, NetworkType? output)
    {
        if (parts.Count == 0)
        {
            // No iteration tells the dimensions that the types leave open.
            int[] known = output is TensorType { Shape: { } shape } ? [.. shape.Select(d => (int)Math.Clamp(d.Constant ?? 0, 0, int.MaxValue))] : [0];
            if (output is TensorType { Shape: not null }) known[Axis(axis, known.Length)] = 0;
            return Tensor.Zeros(((TensorType)element).ElementType, known);
        }
        var first = parts[0];
        foreach (var part in parts)
        {
            if (!part.Dims.SequenceEqual(first.Dims)) throw ReferenceContext.Fail($"results of the iterations differ: {first} and {part}");
        }
        int at = Axis(axis, first.Rank + 1);
        int[] slab = [.. first.Dims.Insert(at, 1)], dims = [.. first.Dims.Insert(at, parts.Count)];
        return Slabs.Join([.. parts.Select(p => p.Reshape(slab))], dims, at);
    }
}
