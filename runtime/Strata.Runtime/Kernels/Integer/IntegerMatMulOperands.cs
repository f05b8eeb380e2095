using Strata.Kernels.MatMul;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Integer;

/// <summary>Where a product of codes has its operands.</summary>
internal sealed unsafe class IntegerMatMulOperands
{
    private readonly bool aIsSigned, bIsSigned, hasAZero, hasBZero, hasManyAZeros, hasManyBZeros;

    private IntegerMatMulOperands(KernelRequest request, int aZero, int b, int bZero)
    {
        (AZero, B, BZero) = (aZero, b, bZero);
        (aIsSigned, bIsSigned) = (request.Input(0).Type == ElementType.Int8, request.Input(b).Type == ElementType.Int8);
        (hasAZero, hasBZero) = (request.Has(aZero), request.Has(bZero));
        (hasManyAZeros, hasManyBZeros) = (hasAZero && request.Input(aZero).Count > 1, hasBZero && request.Input(bZero).Count > 1);
    }

    public int AZero { get; }
    public int B { get; }
    public int BZero { get; }

    /// <summary>The operands of a layer; null when it is no product of integers.</summary>
    public static IntegerMatMulOperands? Of(KernelRequest request) => request.Operator switch
    {
        MatMulInteger => new(request, 2, 1, 3),
        QLinearMatMul when QuantizedOperands.IsByte(request.Input(0).Type) && request.Input(1).Type == ElementType.Float32 && QuantizedOperands.IsByte(request.Output.Type) => new(request, 2, 3, 5),
        _ => null,
    };

    /// <summary>The sizes; null when they do not fit together.</summary>
    public MatMulShape? Shape(KernelRequest request) => MatMulShape.Of(request with { Operator = new Operators.MatMul(), Inputs = [request.Input(0), request.Input(B)] });

    /// <summary>True when parameters are one for all, or one per row of a single matrix a or per column of b.</summary>
    public bool Fit(KernelRequest request, MatMulShape shape)
    {
        bool oneMatrix = request.Input(0).Rank == 2 && shape.Batch == 1;
        if (!IsOneOr(AZero, oneMatrix ? shape.Rows : 1) || !IsOneOr(BZero, shape.Columns)) return false;
        return request.Operator is MatMulInteger || IsOneOr(1, oneMatrix ? shape.Rows : 1) && IsOneOr(4, shape.Columns) && IsOneOr(6, 1) && IsOneOr(7, 1);

        bool IsOneOr(int index, long count) => !request.Has(index) || request.Input(index).Count == 1 || request.Input(index).Count == count;
    }

    /// <summary>True when b is one known matrix with known zero-points.</summary>
    public bool PacksColumns(KernelRequest request, MatMulShape shape) => request.Input(B).Constant is not null && !shape.HasBatchedColumns && (!hasBZero || request.Input(BZero).Constant is not null);

    /// <summary>The codes of a.</summary>
    public Codes A(in KernelBuffers buffers) => new(buffers.Get<byte>(0), aIsSigned, hasAZero ? buffers.Get<byte>(AZero) : null, hasManyAZeros);

    /// <summary>The codes of b.</summary>
    public Codes Columns(in KernelBuffers buffers) => Columns(buffers.Get<byte>(B), hasBZero ? buffers.Get<byte>(BZero) : null);

    /// <summary>The codes of b where they lie.</summary>
    public Codes Columns(byte* address, byte* zeros) => new(address, bIsSigned, hasBZero ? zeros : null, hasManyBZeros);
}
