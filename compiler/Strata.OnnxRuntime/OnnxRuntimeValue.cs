namespace Strata.OnnxRuntime;

/// <summary>A value that goes into a session or comes out of it.</summary>
public abstract record OnnxRuntimeValue;

/// <summary>A tensor of anything but strings.</summary>
/// <param name="ElementType">The number of ONNX's <c>TensorProto.DataType</c>.</param>
/// <param name="Dims">The extents, outermost first; empty for a scalar.</param>
/// <param name="Data">The elements, row-major and little-endian; types of less than a byte packed, lowest bits first.</param>
public sealed record OnnxRuntimeTensor(int ElementType, long[] Dims, byte[] Data) : OnnxRuntimeValue;

/// <summary>A tensor of strings.</summary>
/// <param name="Dims">The extents, outermost first; empty for a scalar.</param>
/// <param name="Data">The elements, row-major.</param>
public sealed record OnnxRuntimeStrings(long[] Dims, string[] Data) : OnnxRuntimeValue;

/// <summary>A sequence.</summary>
/// <param name="Items">Its elements, in order.</param>
public sealed record OnnxRuntimeSequence(IReadOnlyList<OnnxRuntimeValue> Items) : OnnxRuntimeValue;

/// <summary>A map, as two tensors of rank 1 and of equal length.</summary>
/// <param name="Keys">Integers or strings.</param>
/// <param name="Values">The value of each key.</param>
public sealed record OnnxRuntimeMap(OnnxRuntimeValue Keys, OnnxRuntimeValue Values) : OnnxRuntimeValue;
