using Strata.Kernels.Conv;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Integer;

/// <summary>Where a convolution of codes has its operands.</summary>
internal sealed unsafe class IntegerConvOperands
{
    private readonly bool xIsSigned, wIsSigned, hasXZero, hasWZero, hasManyZeros;

    private IntegerConvOperands(KernelRequest request, int w, int xZero, int wZero, int bias)
    {
        (W, XZero, WZero, Bias) = (w, xZero, wZero, bias);
        (xIsSigned, wIsSigned) = (request.Input(0).Type == ElementType.Int8, request.Input(w).Type == ElementType.Int8);
        (hasXZero, hasWZero) = (request.Has(xZero), request.Has(wZero));
        hasManyZeros = hasWZero && request.Input(wZero).Count > 1;
    }

    public int W { get; }
    public int XZero { get; }
    public int WZero { get; }
    public int Bias { get; }

    /// <summary>The operands of a layer; null when it is no convolution of codes.</summary>
    public static IntegerConvOperands? Of(KernelRequest request) => request.Operator switch
    {
        ConvInteger => new(request, 1, 2, 3, -1),
        QLinearConv => new(request, 3, 2, 5, 8),
        _ => null,
    };

    /// <summary>The sizes; null when they do not fit together.</summary>
    public ConvShape? Shape(KernelRequest request)
    {
        var (window, group) = request.Operator is QLinearConv linear ? (linear.Window, linear.Group) : (((ConvInteger)request.Operator).Window, ((ConvInteger)request.Operator).Group);
        return ConvShape.Of(request with { Operator = new Operators.Conv { Window = window, Group = group }, Inputs = [request.Input(0), request.Input(W), Bias >= 0 && request.Has(Bias) ? request.Input(Bias) : null] });
    }

    /// <summary>True when parameters are one for all, or one per filter where they may be.</summary>
    public bool AreScalars(KernelRequest request, int filters)
    {
        if (!IsOne(XZero) || !IsOneOrMany(WZero)) return false;
        return request.Operator is ConvInteger || IsOne(1) && IsOneOrMany(4) && IsOne(6) && IsOne(7);

        bool IsOne(int index) => !request.Has(index) || request.Input(index).Count == 1;
        bool IsOneOrMany(int index) => IsOne(index) || request.Input(index).Count == filters;
    }

    /// <summary>True when weights and their zero-points are known.</summary>
    public bool PacksWeights(KernelRequest request) => request.Input(W).Constant is not null && (!request.Has(WZero) || request.Input(WZero).Constant is not null);

    /// <summary>A name for what a constant parameter holds.</summary>
    public string Parameter(KernelRequest request, int index) => request.Has(index) ? request.Input(index).Constant!.Hash.ToString()! : "";

    /// <summary>The codes of x.</summary>
    public Codes X(in KernelBuffers buffers) => new(buffers.Get<byte>(0), xIsSigned, hasXZero ? buffers.Get<byte>(XZero) : null, false);

    /// <summary>The codes of the weights.</summary>
    public Codes Weights(in KernelBuffers buffers) => Weights(buffers.Get<byte>(W), hasWZero ? buffers.Get<byte>(WZero) : null);

    /// <summary>The codes of the weights where they lie.</summary>
    public Codes Weights(byte* address, byte* zeros) => new(address, wIsSigned, hasWZero ? zeros : null, hasManyZeros);
}
