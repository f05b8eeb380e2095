using System.Collections.Immutable;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>com.microsoft's operators over weights of a few bits that are packed in bytes.</summary>
internal static class PackedWeightsLowering
{
    /// <summary>MatMulNBits: the core operator; weights packed for one graphics processor are refused.</summary>
    public static void MatMulNBits(NodeLowering node)
    {
        if (node.Attributes.Int("weight_prepacked", 0) is var layout and not 0)
            throw NodeLowering.Unsupported($"weight_prepacked {layout} means weights in the layout of one graphics processor; allowed is 0");
        node.Result(node.Read(new MatMulNBits()), node.Inputs.AsSpan());
    }

    // The 16 values of bitsandbytes' codes: FP4 and NF4.
    private static readonly ImmutableArray<float>[] BnbCodes =
    [
        [0, 0.005208333333f, 0.66666667f, 1, 0.33333333f, 0.5f, 0.16666667f, 0.25f, -0f, -0.005208333333f, -0.66666667f, -1, -0.33333333f, -0.5f, -0.16666667f, -0.25f],
        [-1, -0.6961928f, -0.52507305f, -0.3949175f, -0.28444138f, -0.18477343f, -0.09105004f, 0, 0.0795803f, 0.1609302f, 0.2461123f, 0.33791524f, 0.44070983f, 0.562617f, 0.72295684f, 1],
    ];

    /// <summary>MatMulBnb4: operands a, codes two in a byte, the first in the high bits, and the largest magnitude of each block of them.</summary>
    public static void MatMulBnb4(NodeLowering node)
    {
        long k = node.Attributes.Int("K", 0), n = node.Attributes.Int("N", 0), block = node.Attributes.Int("block_size", 0), kind = node.Attributes.Int("quant_type", -1);
        bool transposed = node.Attributes.Flag("transB", true);
        node.Attributes.Ignore("training_mode"); // the forward result is the same
        if (k is < 1 or > int.MaxValue || n is < 1 or > int.MaxValue) throw new InvalidNetworkException($"K and N must be positive, are {k} and {n}");
        if (block is < 16 or > 1 << 20 || !long.IsPow2(block)) throw new InvalidNetworkException($"block_size must be a power of two from 16 on, is {block}");
        if (kind is not (0 or 1)) throw new InvalidNetworkException($"quant_type must be 0 (FP4) or 1 (NF4), is {kind}");
        long count = k * n, blocks = (count + block - 1) / block;

        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        var codes = node.Emit(new Slice(), node.Emit(new Reshape(), Unpack(node, node[1], 4, highFirst: true), node.Ints(-1)), node.Ints(0), node.Ints(count));
        if (count % block != 0) codes = node.Emit(new Pad(), codes, node.Ints(0, blocks * block - count));
        var table = node.Constant(Tensor.FromDoubles(wide.Type, [16], [.. BnbCodes[kind].Select(v => (double)v)]));
        var values = node.Emit(new Gather(), table, node.Emit(new Cast { To = ElementType.Int32 }, codes));
        var scaled = node.Emit(new Mul(), node.Emit(new Reshape(), values, node.Ints(blocks, block)), node.Emit(new Reshape(), wide.In(node[2]), node.Ints(blocks, 1)));
        if (count % block != 0) scaled = node.Emit(new Slice(), node.Emit(new Reshape(), scaled, node.Ints(-1)), node.Ints(0), node.Ints(count));
        var weights = node.Emit(new Reshape(), scaled, node.Ints(n, k));
        if (transposed) weights = node.Emit(new Transpose { Perm = [1, 0] }, weights);
        wide.Bind(0, node.Emit(new MatMul(), wide.In(node[0]), weights));
    }

    /// <summary>GatherBlockQuantized: operands data, indices, scales, zero-points; what is gathered is dequantised by blocks.</summary>
    public static void GatherBlockQuantized(NodeLowering node)
    {
        var read = node.Attributes;
        long gatherAxis = read.Int("gather_axis", 0), quantizeAxis = read.Int("quantize_axis", 1), block = read.Int("block_size", 128), bits = read.Int("bits", 4);
        Value data = node[0], indices = node[1];
        if (data.TensorType.Rank is not { } rank || indices.TensorType.Rank is not { } indexRank) throw NodeLowering.Unsupported("data and indices must have known ranks");
        int along = Normal(gatherAxis, "gather_axis"), blocked = Normal(quantizeAxis, "quantize_axis");
        var type = data.TensorType.ElementType;
        bool packed = type == ElementType.UInt8 && bits < 8;
        if (type == ElementType.UInt8 && bits is not (2 or 4 or 8)) throw new InvalidNetworkException($"bits must be 2, 4 or 8, is {bits}");
        if (along == blocked) throw NodeLowering.Unsupported($"gather_axis and quantize_axis must differ, are both {along}");
        if (packed && blocked != rank - 1) throw NodeLowering.Unsupported($"packed data must be quantised along the last axis, quantize_axis is {quantizeAxis}");
        if (packed && along == rank - 1) throw NodeLowering.Unsupported("packed data cannot be gathered along the last axis");

        Value codes = Pick(data), scales = Pick(node[2]);
        var zeros = node.Has(3) ? Pick(node[3]) : null;
        int axis = blocked > along ? blocked + indexRank - 1 : blocked;
        if (packed)
        {
            codes = Unpack(node, codes, (int)bits);
            // The last byte of a row of zero-points may not be full.
            if (zeros is not null) zeros = node.Emit(new Slice(), Unpack(node, zeros, (int)bits), node.Ints(0), node.Emit(new ShapeOf { Start = axis, End = axis + 1 }, scales), node.Ints(axis));
        }
        if (type == ElementType.UInt8)
            zeros ??= node.Emit(new Expand(), node.Constant(Tensor.Scalar((byte)(1 << (int)(bits - 1)))), node.Emit(new ShapeOf(), scales));
        node.Result(new DequantizeLinear { Axis = axis, BlockSize = block }, codes, scales, zeros);

        int Normal(long given, string name) => given >= -rank && given < rank ? (int)(given < 0 ? given + rank : given) : throw new InvalidNetworkException($"{name} {given} lies outside [{-rank}, {rank - 1}]");

        Value Pick(Value table) => node.Emit(new Gather { Axis = along }, table, indices);
    }

    /// <summary>Codes of a few bits, packed along the last axis, each in a byte of its own. The rank must be known.</summary>
    public static Value Unpack(NodeLowering node, Value bytes, int bits, bool highFirst = false)
    {
        if (bytes.TensorType.ElementType != ElementType.UInt8) throw new InvalidNetworkException($"packed codes must be u8, are {bytes.Type}");
        int rank = bytes.TensorType.Rank ?? throw NodeLowering.Unsupported("packed codes must have a known rank");
        if (rank == 0) throw new InvalidNetworkException("packed codes must have rank 1 or more, are a scalar");
        var mask = node.Constant(Tensor.Scalar((byte)((1 << bits) - 1)));
        var fields = new List<Value?>();
        for (int shift = 0; shift < 8; shift += bits)
        {
            var moved = shift == 0 ? bytes : node.Emit(new BitShift { Direction = ShiftDirection.Right }, bytes, node.Constant(Tensor.Scalar((byte)shift)));
            fields.Add(node.Emit(new Unsqueeze(), node.Emit(new BitwiseAnd(), moved, mask), node.Ints(-1)));
        }
        if (highFirst) fields.Reverse();
        var shape = new long[rank];
        shape[^1] = -1;
        return node.Emit(new Reshape(), node.Emit(new Concat { Axis = -1 }, fields.ToArray()), node.Ints(shape));
    }
}
