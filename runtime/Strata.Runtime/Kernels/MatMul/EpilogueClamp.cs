namespace Strata.Kernels.MatMul;

/// <summary>Bounds that a kernel applies in registers.</summary>
internal static class EpilogueClamp
{
    /// <summary>The bounds of a leading clamp (else none), and what is left of the epilogue.</summary>
    public static (float Least, float Most, Epilogue Left) TakeClamp(this Epilogue epilogue) => epilogue.Steps is [{ Clamp: { } clamp }, ..]
        ? (clamp.Least, clamp.Most, epilogue.Rest)
        : (float.NegativeInfinity, float.PositiveInfinity, epilogue);
}
