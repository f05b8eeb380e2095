using Strata.Networks;
using Strata.Tensors;

namespace Strata.Execution;

/// <summary>Counts the bytes that a run holds against its limit.</summary>
internal sealed class RunMemory(long limit)
{
    private long limit = limit, held;

    /// <summary>Begins another run.</summary>
    public void Restart(long limitOfRun) => (limit, held) = (limitOfRun, 0);

    /// <summary>Counts bytes that a layer is about to allocate, or has allocated.</summary>
    /// <exception cref="ResourceLimitException">There are not so many left.</exception>
    public void Hold(Layer layer, long bytes)
    {
        if (bytes > limit - held)
            throw new ResourceLimitException($"layer '{layer.Name}' ({layer.Operator}): it needs {bytes} bytes beside {held} in use, the memory limit of the run is {limit}; give smaller inputs, or raise the limit (MaxMemory, --max-memory)");
        held += bytes;
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(long bytes) => held -= bytes;

    /// <summary>
    /// The bytes of a layer's outputs, foretold by its shape rule. Outputs whose extents only the elements of large operands
    /// tell count as 0: they are no larger than operands. So do those of layers with bodies, whose layers are counted themselves.
    /// </summary>
    /// <exception cref="InvalidInputException">The operands break the operator's rules, which their static types could not tell.</exception>
    public static long Foretell(Layer layer, RuntimeValue?[] inputs)
    {
        bool unknown = layer.Inputs.Any(static v => v?.Type is TensorType { Shape: null }), hasBodies = !layer.Operator.Bodies.IsEmpty;
        if (hasBodies && !unknown) return 0;
        var known = layer.Inputs.Select((value, i) => value is { Constant: null } && inputs[i] is Tensor tensor ? new Value(value.Name, TensorType.Of(tensor), Constant.Of(tensor)) : value);
        var context = new InferenceContext(new TypeInference(), [.. known], layer.Outputs.Length);
        try
        {
            layer.Operator.Infer(context);
            long bytes = 0;
            for (int i = 0; i < layer.Outputs.Length && !hasBodies; i++)
            {
                if (layer.Outputs[i] is not null && context.OutputType(i) is TensorType { Shape: { } shape } type) bytes = Sum(bytes, Bytes(type.ElementType, shape));
            }
            return bytes;
        }
        catch (InvalidNetworkException error)
        {
            // Where types told all, the evaluation has the better message.
            return unknown ? throw new InvalidInputException(error.Message, error) : 0;
        }
    }

    private static long Bytes(ElementType type, Shape shape)
    {
        Int128 bits = type == ElementType.String ? 8 * Tensor.StringBytes : type.Bits();
        foreach (var dim in shape)
        {
            if (dim.Constant is not { } extent) return 0;
            bits = Int128.Min(bits * extent, long.MaxValue);
        }
        return (long)((bits + 7) / 8);
    }

    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
}
