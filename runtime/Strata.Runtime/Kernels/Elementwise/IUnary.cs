using Strata.Kernels.Simd;

namespace Strata.Kernels.Elementwise;

/// <summary>A function of one f32; parameters are fields.</summary>
internal interface IUnary
{
    /// <summary>The function on vectors of any width; inlined.</summary>
    V Invoke<V>(V x) where V : struct, ISimd<V>;
}

/// <summary>A function of two f32.</summary>
internal interface IBinary
{
    /// <summary>The function on vectors of any width; inlined.</summary>
    static abstract V Invoke<V>(V a, V b) where V : struct, ISimd<V>;
}
