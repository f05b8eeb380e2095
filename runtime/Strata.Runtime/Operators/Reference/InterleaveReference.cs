using Strata.Tensors;

namespace Strata.Operators.Reference;

/// <summary>Evaluates <see cref="Interleave"/>, element by element of the result.</summary>
internal static class InterleaveReference
{
    public static Tensor Evaluate(Interleave op, ReferenceContext context)
    {
        if (op.Parts() is not { } parts) throw ReferenceContext.Fail($"strides must be positive and make at most {Interleave.MostParts} parts, are [{string.Join(", ", op.Strides)}]");
        var operands = new List<Tensor>();
        int[] starts = new int[parts + 1];
        Array.Fill(starts, -1);
        for (int i = 0, at = 0; i <= parts; i++)
        {
            if (context.Tensor(i) is not { } operand) continue;
            if (i < parts && operands.Count > 0 && !operand.Dims.AsSpan().SequenceEqual(operands[0].Dims.AsSpan())) throw ReferenceContext.Fail($"parts differ: {operand} and {operands[0]}");
            starts[i] = at;
            at += operand.Count;
            operands.Add(operand);
        }
        int axes = op.Strides.Length;
        if (operands.Count == 0 || operands[0].Rank != axes + 2) throw ReferenceContext.Fail($"parts need rank {axes + 2}");
        int[] part = [.. operands[0].Dims], dims = [.. part];
        if (starts[parts] >= 0 && operands[^1].Count != part[1]) throw ReferenceContext.Fail($"{operands[^1]} stands for omitted parts of {part[1]} channels");
        for (int d = 0; d < axes; d++)
        {
            long extent = part[d + 2] * op.Strides[d] - op.TrimOf(d);
            if (extent is < 0 or > int.MaxValue) throw ReferenceContext.Fail($"the result would have {extent} elements along spatial axis {d}");
            dims[d + 2] = (int)extent;
        }
        Slabs.Checked(operands[0].ElementType, dims);
        int[] positions = new int[Tensor.CountOf(dims)], place = new int[axes + 2];
        for (int i = 0; i < positions.Length; i++)
        {
            if (i % 4096 == 0) context.Observe();
            int rest = i, phase = 0, at = 0;
            for (int d = axes + 1; d >= 0; d--) (rest, place[d]) = Math.DivRem(rest, dims[d]);
            for (int d = 0; d < axes + 2; d++)
            {
                int stride = d < 2 ? 1 : (int)op.Strides[d - 2];
                phase = phase * stride + place[d] % stride;
                at = at * part[d] + place[d] / stride;
            }
            positions[i] = starts[phase] >= 0 ? starts[phase] + at : starts[parts] >= 0 ? starts[parts] + place[1] : -1;
        }
        return Slabs.Gather(Slabs.Chain(operands), dims, positions);
    }
}
