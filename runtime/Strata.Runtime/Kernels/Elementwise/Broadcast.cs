namespace Strata.Kernels.Elementwise;

/// <summary>How operands of a result are walked along its axes; neighbouring axes that all operands walk alike are one.</summary>
internal sealed class Broadcast
{
    private Broadcast(int[] extents, int[][] strides) => (Extents, Strides) = (extents, strides);

    /// <summary>The merged axes of the result, outermost first; at least one.</summary>
    public int[] Extents { get; }

    /// <summary>For each operand the distance in elements along each merged axis; 0 where it repeats.</summary>
    public int[][] Strides { get; }

    /// <summary>Results along the last merged axis.</summary>
    public int Inner => Extents[^1];

    /// <summary>Bit i is set when operand i moves along the last axis.</summary>
    public int Moving => Strides.Select((s, i) => s[^1] == 0 ? 0 : 1 << i).Sum();

    /// <summary>The walk over operands that broadcast to the dimensions of a result.</summary>
    public static Broadcast Of(int[] dims, params IReadOnlyList<int[]> operands)
    {
        var strides = operands.Select(o => StridesOf(dims, o)).ToArray();
        var axes = new List<int>(); // of the merged walk: the last axis of each group
        var extents = new List<int>();
        for (int d = 0; d < dims.Length; d++)
        {
            if (dims[d] == 1) continue;
            if (axes.Count > 0 && strides.All(s => s[axes[^1]] == s[d] * (long)dims[d])) (axes[^1], extents[^1]) = (d, extents[^1] * dims[d]);
            else
            {
                axes.Add(d);
                extents.Add(dims[d]);
            }
        }
        return axes.Count == 0 ? new([1], [.. operands.Select(_ => new[] { 0 })]) : new([.. extents], [.. strides.Select(s => axes.Select(a => s[a]).ToArray())]);
    }

    private static int[] StridesOf(int[] dims, int[] operand)
    {
        var strides = new int[dims.Length];
        for (int i = operand.Length - 1, stride = 1; i >= 0; stride *= operand[i], i--) strides[dims.Length - operand.Length + i] = operand[i] == 1 ? 0 : stride;
        return strides;
    }
}
