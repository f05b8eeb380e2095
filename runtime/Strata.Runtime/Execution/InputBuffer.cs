using Strata.Tensors;

namespace Strata.Execution;

/// <summary>The memory of an input that is given as elements: it grows by doubling, and serves every shape that fits.</summary>
internal sealed class InputBuffer(ElementType type)
{
    private const int MostViews = 128;

    private readonly List<Tensor> views = [];
    private byte[] bytes = [];

    /// <summary>The tensor of the dimensions; its elements are undefined. Tensors of one buffer share memory.</summary>
    /// <exception cref="ResourceLimitException">The tensor would exceed <see cref="Limits.TensorBytes"/>.</exception>
    public Tensor For(ReadOnlySpan<int> dims)
    {
        foreach (var view in views)
        {
            if (view.Dims.AsSpan().SequenceEqual(dims)) return view;
        }
        if (type == ElementType.String) return Tensor.Zeros(type, dims);
        long needed = type.ByteCount(Tensor.CountOf(dims));
        if (needed > Limits.TensorBytes) throw new ResourceLimitException($"{type.Name()}[{Tensor.Format(dims)}] exceeds the limit of {Limits.TensorBytes} bytes");
        if (needed > bytes.Length)
        {
            bytes = new byte[Math.Min(Math.Max(needed, 2L * bytes.Length), Limits.TensorBytes)];
            views.Clear();
        }
        if (views.Count == MostViews) views.RemoveAt(0);
        var made = Tensor.FromBytes(type, dims, bytes.AsMemory(0, (int)needed));
        views.Add(made);
        return made;
    }
}
