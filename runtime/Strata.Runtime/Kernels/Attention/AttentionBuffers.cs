using Strata.Tensors;

namespace Strata.Kernels.Attention;

/// <summary>Where the tensors of an attention lie among the buffers; −1: nowhere.</summary>
internal sealed class AttentionBuffers(KernelRequest request)
{
    public const int FreshKeys = 1, FreshValues = 2, Mask = 3, PastKeys = 4, PastValues = 5;

    /// <summary>True when there is a mask.</summary>
    public bool HasMask { get; } = request.Has(Mask);

    /// <summary>True when the mask says who may attend, false when it is added.</summary>
    public bool MaskIsFlags { get; } = request.Has(Mask) && request.Input(Mask).Type == ElementType.Bool;

    /// <summary>Valid keys of each batch row.</summary>
    public int Valid { get; } = request.Has(6) ? 6 : -1;

    /// <summary>The result.</summary>
    public int Result { get; } = Wanted(request, 0);

    /// <summary>Past and new keys.</summary>
    public int Keys { get; } = Wanted(request, 1);

    /// <summary>Past and new values.</summary>
    public int Values { get; } = Wanted(request, 2);

    /// <summary>The scores.</summary>
    public int Scores { get; } = Wanted(request, 3);

    /// <summary>True when past and new keys are written as one.</summary>
    public bool JoinsKeys => Keys >= 0 || HasPast;

    /// <summary>True when past and new values are written as one.</summary>
    public bool JoinsValues => Values >= 0 || HasPast;

    private bool HasPast { get; } = request.Has(PastKeys);

    private static int Wanted(KernelRequest request, int output) => output < request.Outputs.Count && request.Outputs[output] is not null ? request.OutputIndex(output) : -1;
}

/// <summary>Which keys a query may attend to by its position.</summary>
internal readonly unsafe struct AttentionLimits(Operators.Attention op, AttentionShape shape, long* valid)
{
    private readonly long offset = valid is not null ? *valid - shape.Rows : shape.Past;
    private readonly long end = Math.Min(Math.Min(shape.Total, shape.MaskEnd), valid is not null ? Math.Max(0, *valid) : long.MaxValue);

    /// <summary>The first key of a query.</summary>
    public int Begin(int row) => op.LeftWindowSize < 0 ? 0 : (int)Math.Clamp(row + offset - Math.Min(op.LeftWindowSize, int.MaxValue), 0, shape.Total);

    /// <summary>The key after the last one of a query.</summary>
    public int End(int row)
    {
        long last = end;
        if (op.IsCausal) last = Math.Min(last, row + offset + 1);
        if (op.RightWindowSize >= 0) last = Math.Min(last, row + offset + Math.Min(op.RightWindowSize, int.MaxValue) + 1);
        return (int)Math.Clamp(last, 0, shape.Total);
    }
}
