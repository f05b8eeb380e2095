using Strata.Kernels.Conversion;
using Strata.Kernels.MatMul;
using Strata.Kernels.Pooling;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Kernels.Integer;

/// <summary>
/// Products and convolutions of 8-bit codes by kernels of f32, where those are exact: with known weights no sum of any of a
/// result's terms exceeds 2²⁴ in magnitude. They have methods for shapes that patches do not suit.
/// </summary>
internal static class ExactRows
{
    private const double MostExact = 1 << 24;
    private const double ConversionCost = 0.25;

    /// <summary>Every row.</summary>
    public static IEnumerable<KernelRow> All =>
    [
        Row<MatMulInteger>("matmulinteger.exact", Products),
        Row<QLinearMatMul>("qlinearmatmul.exact", Products),
        Row<ConvInteger>("convinteger.exact", Convolutions),
        Row<QLinearConv>("qlinearconv.exact", Convolutions),
    ];

    private static KernelRow Row<TOperator>(string name, Func<KernelRequest, Exact?> find) => new()
    {
        Name = name,
        Operator = typeof(TOperator),
        Supports = r => find(r) is { } exact && KernelTable.Find(exact.Request, keepsIntegers: true) is not null,
        Cost = r => KernelTable.Find(find(r)!.Request, keepsIntegers: true)!.Cost(find(r)!.Request) + 100 + ConversionCost * (r.Input(0).Count + r.Output.Count),
        Create = r => Create(r, find(r)!),
    };

    // The layer in f32; where its operands come from; results that share a scale of the weights, and how many such groups there are.
    private sealed record Exact(KernelRequest Request, ConvertedTensor[] Inputs, long Inner, int Groups);

    private static ConvertingKernel Create(KernelRequest request, Exact exact)
    {
        ElementConversion after = request.Output.Type == ElementType.Int32
            ? new FunctionConversion(CastFunctions.Of(ElementType.Float32, ElementType.Int32)!)
            : new RequantizedReals(1, 4, 6, 7, exact.Inner, exact.Groups, request.Output.Type);
        return new(request, exact.Request, KernelTable.Find(exact.Request, keepsIntegers: true)!.Create(exact.Request), exact.Inputs, [new(request.OutputIndex(), after)]);
    }

    private static Exact? Convolutions(KernelRequest request)
    {
        var operands = IntegerConvOperands.Of(request)!;
        if (operands.Shape(request) is not { } shape || !operands.AreScalars(request, shape.Groups * shape.Filters) || !operands.PacksWeights(request)) return null;
        int filters = shape.Groups * shape.Filters, bias = operands.Bias >= 0 && request.Has(operands.Bias) ? operands.Bias : -1;
        if (bias >= 0 && request.Input(bias).Constant is null) return null;
        var weights = Weights(request, operands.W, operands.WZero, filters, byColumn: false);
        double addend = bias < 0 ? 0 : request.Input(bias).Constant!.Materialize().ToDoubles().Select(Math.Abs).DefaultIfEmpty().Max();
        if (weights.Largest * Range(request, operands.XZero) + addend > MostExact) return null;
        var (window, group) = request.Operator is QLinearConv linear ? (linear.Window, linear.Group) : (((ConvInteger)request.Operator).Window, ((ConvInteger)request.Operator).Group);
        var wide = request with
        {
            Operator = new Operators.Conv { Window = window, Group = group },
            Inputs = [Real(request.Input(0)), Real(request.Input(operands.W), weights.Numbers), bias < 0 ? null : Real(request.Input(bias), request.Weights.Get(request.Input(bias).Constant!, "f32", static t => Constant.Of(Tensor.FromDoubles(ElementType.Float32, t.Dims.AsSpan(), t.ToDoubles()))))],
            Outputs = [Real(request.Output)],
        };
        bool isScaled = request.Operator is QLinearConv && request.Input(4).Count > 1;
        return new(wide, [From(request, operands.XZero), ConvertedTensor.Made, ConvertedTensor.Made], isScaled ? shape.OutputSize : Math.Max(1, request.Output.Count), isScaled ? filters : 1);
    }

    private static Exact? Products(KernelRequest request)
    {
        if (IntegerMatMulOperands.Of(request) is not { } operands || operands.Shape(request) is not { } shape || !operands.Fit(request, shape) || !operands.PacksColumns(request, shape)) return null;
        int columns = (int)shape.Columns;
        if (request.Has(operands.AZero) && request.Input(operands.AZero).Count > 1 || request.Operator is QLinearMatMul && request.Input(1).Count > 1 || request.Input(operands.B).Count != shape.K * columns) return null;
        var weights = Weights(request, operands.B, operands.BZero, columns, byColumn: true);
        if (weights.Largest * Range(request, operands.AZero) > MostExact) return null;
        var wide = request with { Operator = new Operators.MatMul(), Inputs = [Real(request.Input(0)), Real(request.Input(operands.B), weights.Numbers)], Outputs = [Real(request.Output)] };
        bool isScaled = request.Operator is QLinearMatMul && request.Input(4).Count > 1;
        return new(wide, [From(request, operands.AZero), ConvertedTensor.Made], isScaled ? 1 : Math.Max(1, request.Output.Count), isScaled ? columns : 1);
    }

    private static CentredWeights Weights(KernelRequest request, int weights, int zero, int results, bool byColumn)
    {
        var zeros = request.Has(zero) ? request.Input(zero).Constant : null;
        return request.Weights.Get(request.Input(weights).Constant!, $"centred.{results}.{byColumn}.{zeros?.Hash}", t => CentredWeights.Of(t, zeros?.Materialize(), results, byColumn));
    }

    // The greatest magnitude of a code less its zero-point.
    private static double Range(KernelRequest request, int zero)
    {
        double least = request.Input(0).Type == ElementType.Int8 ? sbyte.MinValue : 0, most = least + byte.MaxValue;
        if (!request.Has(zero)) return Math.Max(-least, most);
        return request.Input(zero).Constant is { } known ? known.Materialize().ToDoubles()[0] is var origin ? Math.Max(origin - least, most - origin) : 0 : byte.MaxValue;
    }

    private static ConvertedTensor From(KernelRequest request, int zero) => new(0, new FunctionConversion(CodePoolRows.FromCodes(request.Input(0).Type), -1, request.Has(zero) ? zero : -1));

    private static KernelOperand Real(KernelOperand operand, Constant? constant = null) => new(ElementType.Float32, operand.Dims, constant);
}
