using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Frontend.Onnx.Lowering;

/// <summary>
/// com.microsoft's Attention, QAttention and MultiHeadAttention as projections and splits around the core attention. Masked keys get
/// a finite number added to their scores there, so that a row without any unmasked key still attends evenly.
/// </summary>
internal static class MicrosoftAttentionLowering
{
    private const float DefaultMask = -10000;

    /// <summary>Attention: operands x, joined weights, bias, mask or lengths, joined past, addend of scores, past length.</summary>
    public static void Attention(NodeLowering node)
    {
        if (node.Has(6)) throw NodeLowering.Unsupported("past_sequence_length, for a buffer shared between past and present, is not supported; export the model with separate past and present");
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        var joined = node.Emit(new MatMul(), wide.In(node[0]), wide.In(node[1]));
        if (node.Has(2)) joined = node.Emit(new Add(), joined, wide.In(node[2]));
        Joined(node, wide, joined, mask: 3, past: 4, wide.InOptional(5));
    }

    /// <summary>QAttention: operands x and joined weights as codes, bias, their scales, mask or lengths, their zero-points, joined past.</summary>
    public static void Quantized(NodeLowering node)
    {
        var wide = new WideArithmetic(node, node[3].TensorType.ElementType);
        var sums = node.Emit(new MatMulInteger(), node[0], node[1], node.Optional(6), node.Optional(7));
        var joined = node.Emit(new Mul(), node.Emit(new Cast { To = wide.Type }, sums), node.Emit(new Mul(), wide.In(node[3]), wide.In(node[4])));
        if (node.Has(2)) joined = node.Emit(new Add(), joined, wide.In(node[2]));
        Joined(node, wide, joined, mask: 5, past: 8, addend: null);
    }

    // Queries, keys and values side by side along the last axis.
    private static void Joined(NodeLowering node, WideArithmetic wide, Value joined, int mask, int past, Value? addend)
    {
        var read = node.Attributes;
        if (read.Flag("past_present_share_buffer", false)) throw NodeLowering.Unsupported("past_present_share_buffer 1 is not supported; allowed is 0: export the model with separate past and present");
        if (read.Flag("do_rotary", false)) throw NodeLowering.Unsupported("do_rotary 1 is not supported here; allowed is 0");
        read.Ignore("rotary_embedding_dim"); // only means something with do_rotary
        long heads = Heads(node);
        var sizes = read.Ints("qkv_hidden_sizes", []);
        if (sizes.Length is not (0 or 3)) throw new InvalidNetworkException($"qkv_hidden_sizes needs 3 values, has {sizes.Length}");
        var parts = sizes.IsEmpty
            ? node.EmitMany(new Split { Axis = -1, NumOutputs = 3 }, 3, joined).Outputs
            : node.EmitMany(new Split { Axis = -1 }, 3, joined, node.Ints(sizes.AsSpan())).Outputs;

        Value? pastKeys = null, pastValues = null;
        if (node.Has(past))
        {
            var both = wide.In(node[past]);
            pastKeys = node.Emit(new Gather(), both, node.Constant(Tensor.Scalar(0L)));
            pastValues = node.Emit(new Gather(), both, node.Constant(Tensor.Scalar(1L)));
        }
        var (added, causal) = Mask(node, wide, mask, parts[0]!, pastKeys, parts[1]!);
        var core = new Attention
        {
            IsCausal = causal, QNumHeads = heads, KvNumHeads = heads, Scale = Scale(node),
        };
        var layer = node.EmitMany(core, 3, parts[0], parts[1], parts[2], Plus(node, added, addend), pastKeys, pastValues);
        wide.Bind(0, layer.Outputs[0]!);
        if (node.Wants(1))
        {
            var axis = node.Ints(0);
            wide.Bind(1, node.Emit(new Concat(), node.Emit(new Unsqueeze(), layer.Outputs[1], axis), node.Emit(new Unsqueeze(), layer.Outputs[2], axis)));
        }
    }

    /// <summary>MultiHeadAttention: operands q, k, v, bias, mask or lengths, addend of scores, past keys, past values.</summary>
    public static void MultiHead(NodeLowering node)
    {
        var read = node.Attributes;
        if (node.Has(8) || node.Has(9)) throw NodeLowering.Unsupported("past_sequence_length and cache_indirection, for buffers shared between past and present, are not supported");
        long heads = Heads(node);
        var wide = new WideArithmetic(node, node[0].TensorType.ElementType);
        var (q, k, v) = Projections(node, wide);
        if (node.Has(3)) (q, k, v) = AddBias(node, wide, heads, q, k, v);
        bool flat = q.TensorType.Rank == 3 && k.TensorType.Rank == 3 && v.TensorType.Rank == 3;
        if (!flat) (q, k, v) = (ByHead(node, heads, q), ByHead(node, heads, k), ByHead(node, heads, v));
        Value? pastKeys = wide.InOptional(6), pastValues = wide.InOptional(7);
        var (mask, causal) = Mask(node, wide, 4, q, pastKeys, k);
        var core = new Attention
        {
            IsCausal = causal, QNumHeads = flat ? heads : null, KvNumHeads = flat ? heads : null,
            QkMatmulOutputMode = AttentionScores.Biased, Scale = Scale(node),
        };
        var layer = node.EmitMany(core, node.Wants(3) ? 4 : 3, q, k, v, Plus(node, mask, wide.InOptional(5)), pastKeys, pastValues);
        var y = layer.Outputs[0]!;
        if (!flat) y = node.Emit(new Reshape(), node.Emit(new Transpose { Perm = [0, 2, 1, 3] }, y), node.Ints(0, 0, -1));
        wide.Bind(0, y);
        wide.Bind(1, layer.Outputs[1]!);
        wide.Bind(2, layer.Outputs[2]!);
        if (node.Wants(3)) wide.Bind(3, layer.Outputs[3]!);
    }

    private static long Heads(NodeLowering node)
    {
        long heads = node.Attributes.Int("num_heads", 0);
        return heads > 0 ? heads : throw new InvalidNetworkException($"num_heads must be positive, is {heads}");
    }

    private static float? Scale(NodeLowering node)
    {
        float scale = node.Attributes.Float("scale", 0);
        return scale == 0 ? null : scale;
    }

    // Queries, keys and values, of rank 3 or by head; keys and values may be joined with the queries [B, S, N, 3, H] or with each other [B, L, N, 2, H].
    private static (Value Q, Value K, Value V) Projections(NodeLowering node, WideArithmetic wide)
    {
        if (node.Has(2)) return (wide.In(node[0]), wide.In(node[1]), wide.In(node[2]));
        if (node.Has(1))
        {
            var pair = Joined(wide.In(node[1]), 2);
            return (wide.In(node[0]), pair[0], pair[1]);
        }
        var all = Joined(wide.In(node[0]), 3);
        return (all[0], all[1], all[2]);

        Value[] Joined(Value value, int count)
        {
            if (value.TensorType.Rank is { } rank && rank != 5) throw new InvalidNetworkException($"joined operands must have rank 5, are {value.Type}");
            return [.. Enumerable.Range(0, count).Select(i => node.Emit(new Transpose { Perm = [0, 2, 1, 3] }, node.Emit(new Gather { Axis = 3 }, value, node.Constant(Tensor.Scalar((long)i)))))];
        }
    }

    private static (Value Q, Value K, Value V) AddBias(NodeLowering node, WideArithmetic wide, long heads, Value q, Value k, Value v)
    {
        Dim Width(Value value) => value.TensorType.Shape is not { } shape ? throw NodeLowering.Unsupported("a bias needs operands of known rank") : shape.Rank == 3 ? shape[2] : shape[3] * heads;
        long Known(Value value) => Width(value).Constant ?? throw NodeLowering.Unsupported("a bias needs operands of known hidden sizes");
        long[] sizes = [Known(q), Known(k), Known(v)];
        var parts = node.EmitMany(new Split(), 3, wide.In(node[3]), node.Ints(sizes)).Outputs;
        return (Plus(q, 0), Plus(k, 1), Plus(v, 2));

        Value Plus(Value value, int part) => value.TensorType.Rank == 3
            ? node.Emit(new Add(), value, parts[part])
            : node.Emit(new Add(), value, node.Emit(new Reshape(), parts[part], node.Ints(heads, 1, sizes[part] / heads)));
    }

    // [B, S, N·H] to [B, N, S, H]
    private static Value ByHead(NodeLowering node, long heads, Value value) => value.TensorType.Rank switch
    {
        4 => value,
        3 => node.Emit(new Transpose { Perm = [0, 2, 1, 3] }, node.Emit(new Reshape(), value, node.Ints(0, 0, heads, -1))),
        _ => throw NodeLowering.Unsupported($"operands must have a known rank of 3 or 4, one is {value.Type}"),
    };

    private static Value? Plus(NodeLowering node, Value? a, Value? b) => a is null ? b : b is null ? a : node.Emit(new Add(), a, b);

    // What is added to scores, 0 for unmasked keys and the filter value for masked ones, and whether the core operator
    // hides later keys. It broadcasts to [B, N, S, T].
    private static (Value? Added, bool Causal) Mask(NodeLowering node, WideArithmetic wide, int index, Value queries, Value? pastKeys, Value keys)
    {
        bool causal = node.Attributes.Flag("unidirectional", false);
        float filter = node.Attributes.Float("mask_filter_value", DefaultMask);
        if (!node.Has(index)) return (null, causal);
        var lengths = new Lengths(node, queries, pastKeys, keys);
        var added = node.Emit(new Where(), Unmasked(node, node[index], queries, lengths), wide.Scalar(0), wide.Scalar(filter));
        if (!causal || filter > float.MinValue) return (added, causal);
        // Later keys get the least finite number, so that they count as much as masked ones in a row that has no others.
        var last = node.Emit(new Add(), node.Emit(new Unsqueeze(), lengths.Positions(lengths.Queries), node.Ints(1)), lengths.Past);
        return (node.Emit(new Where(), node.Emit(new LessOrEqual(), lengths.Positions(lengths.Total), last), added, wide.Scalar(filter)), false);
    }

    private static Value Unmasked(NodeLowering node, Value given, Value queries, Lengths lengths)
    {
        switch (given.TensorType.Rank)
        {
            case 1:
                return Within(node, given, queries, lengths);
            case 2:
                return node.Emit(new Unsqueeze(), Positive(), node.Ints(1, 2));
            case 3:
                return node.Emit(new Unsqueeze(), Positive(), node.Ints(1));
            case 4:
                // [B, 1, M, M] for the longest sequence: the rows of the queries and the columns of the keys so far.
                var end = node.Emit(new Add(), lengths.Past, lengths.Queries);
                return node.Emit(new Slice(), Positive(), node.Emit(new Concat(), lengths.Past, node.Ints(0)), node.Emit(new Concat(), end, lengths.Total), node.Ints(2, 3));
            default:
                throw NodeLowering.Unsupported($"the mask must have a known rank from 1 to 4, is {given.Type}");
        }

        Value Positive() => node.Emit(new Greater(), given, node.Constant(Tensor.Scalar(0)));
    }

    // Ends [B], or ends and starts [2·B]: the keys from start to end count. To [B, 1, 1, T].
    private static Value Within(NodeLowering node, Value ends, Value queries, Lengths lengths)
    {
        var batch = queries.TensorType.Shape?[0] ?? throw NodeLowering.Unsupported("lengths as a mask need queries of known rank");
        var count = ends.TensorType.Shape![0];
        if (count.Equals(batch * 3 + 2)) throw NodeLowering.Unsupported("masks of 3·batch + 2 numbers are not supported; give a mask of rank 1 with batch or 2·batch numbers, or of rank 2");
        var positions = lengths.Positions(lengths.Total);
        var wideEnds = node.Emit(new Cast { To = ElementType.Int64 }, ends);
        if (!count.Equals(batch * 2)) return node.Emit(new Less(), positions, Column(wideEnds));
        var halves = node.EmitMany(new Split { NumOutputs = 2 }, 2, wideEnds).Outputs;
        return node.Emit(new And(), node.Emit(new Less(), positions, Column(halves[0]!)), node.Emit(new GreaterOrEqual(), positions, Column(halves[1]!)));

        Value Column(Value value) => node.Emit(new Unsqueeze(), value, node.Ints(1, 2, 3));
    }

    /// <summary>Lengths of queries, past keys and all keys, each as a vector of one number.</summary>
    private sealed class Lengths
    {
        private readonly NodeLowering node;

        public Lengths(NodeLowering node, Value queries, Value? pastKeys, Value keys)
        {
            this.node = node;
            Queries = Of(queries);
            Past = pastKeys is null ? node.Ints(0) : Of(pastKeys);
            Total = node.Emit(new Add(), Past, Of(keys));
        }

        public Value Queries { get; }

        public Value Past { get; }

        public Value Total { get; }

        /// <summary>The numbers from 0 up to a length.</summary>
        public Value Positions(Value length) =>
            node.Emit(new NumberRange(), node.Constant(Tensor.Scalar(0L)), node.Emit(new Squeeze(), length, node.Ints(0)), node.Constant(Tensor.Scalar(1L)));

        // The length stands before the size of a head, or of all heads side by side.
        private Value Of(Value value)
        {
            int axis = value.TensorType.Rank switch { 3 => 1, 4 => 2, _ => throw NodeLowering.Unsupported($"operands must have a known rank of 3 or 4, one is {value.Type}") };
            return node.Emit(new ShapeOf { Start = axis, End = axis + 1 }, value);
        }
    }
}
