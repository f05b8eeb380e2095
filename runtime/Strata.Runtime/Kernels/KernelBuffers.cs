namespace Strata.Kernels;

/// <summary>
/// Where the tensors of one run lie: first the layer's inputs (null when omitted), then its outputs (null when nobody wants
/// them), then the operands of the epilogue. Addresses have the alignment of their elements at least.
/// </summary>
internal readonly unsafe struct KernelBuffers(void** tensors, byte* shared, byte* scratch)
{
    /// <summary>Memory of <see cref="IKernel.SharedBytes"/>, aligned to 64 bytes.</summary>
    public byte* Shared => shared;

    /// <summary>Memory of <see cref="IKernel.ScratchBytes"/>, aligned to 64 bytes.</summary>
    public byte* Scratch => scratch;

    /// <summary>The first element of a tensor.</summary>
    public T* Get<T>(int index) where T : unmanaged => (T*)tensors[index];

    /// <summary>The first element of an f32 tensor.</summary>
    public float* F32(int index) => (float*)tensors[index];

    /// <summary>The same tensors for another thread.</summary>
    public KernelBuffers WithScratch(byte* other) => new(tensors, shared, other);
}
