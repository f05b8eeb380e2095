using System.Runtime.InteropServices;
using Strata.Tensors;

namespace Strata.Kernels;

/// <summary>Managed memory at a fixed address, aligned to 64 bytes; lives as long as someone refers to it.</summary>
internal sealed unsafe class PinnedBuffer
{
    private const int LineBytes = 64;

    private readonly Line[] lines;

    /// <summary>Takes memory whose content is undefined.</summary>
    /// <exception cref="ResourceLimitException">There is not that much memory.</exception>
    public PinnedBuffer(long bytes)
    {
        try
        {
            lines = GC.AllocateUninitializedArray<Line>(checked((int)((bytes + LineBytes - 1) / LineBytes + 1)), pinned: true);
        }
        catch (Exception error) when (error is OutOfMemoryException or OverflowException)
        {
            throw new ResourceLimitException($"{bytes} bytes of working memory cannot be had", error);
        }
        Bytes = bytes;
        Address = (byte*)(((nint)Marshal.UnsafeAddrOfPinnedArrayElement(lines, 0) + LineBytes - 1) & -LineBytes);
    }

    /// <summary>A copy of a tensor's elements.</summary>
    public static PinnedBuffer Of(Tensor tensor)
    {
        var copy = new PinnedBuffer(tensor.Bytes.Length);
        tensor.Bytes.Span.CopyTo(new(copy.Address, tensor.Bytes.Length));
        return copy;
    }

    /// <summary>The first byte.</summary>
    public byte* Address { get; }

    /// <summary>The number of bytes.</summary>
    public long Bytes { get; }

    /// <summary>The first f32.</summary>
    public float* F32 => (float*)Address;

    [StructLayout(LayoutKind.Sequential, Size = LineBytes)]
    private struct Line;
}
