using Strata.Networks;
using Strata.Tensors;

namespace Strata.Kernels;

/// <summary>An operand or a result of a layer as a kernel is made for it. <paramref name="Constant"/>: what it always is, where that is known.</summary>
internal sealed record KernelOperand(ElementType Type, int[] Dims, Constant? Constant = null)
{
    /// <summary>Number of elements.</summary>
    public int Count { get; } = Tensor.CountOf(Dims);

    /// <summary>Number of dimensions.</summary>
    public int Rank => Dims.Length;
}

/// <summary>A layer with concrete shapes, for which a kernel is wanted. Null stands for omitted operands and unwanted results.</summary>
internal sealed record KernelRequest(Operator Operator, IReadOnlyList<KernelOperand?> Inputs, IReadOnlyList<KernelOperand?> Outputs, Epilogue Epilogue, PackedWeights Weights)
{
    /// <summary>An operand that is there.</summary>
    public KernelOperand Input(int index) => Inputs[index]!;

    /// <summary>True when the operand is there.</summary>
    public bool Has(int index) => index < Inputs.Count && Inputs[index] is not null;

    /// <summary>The first result.</summary>
    public KernelOperand Output => Outputs[0]!;

    /// <summary>True when every operand and result that is there has the element type.</summary>
    public bool IsAll(ElementType type) => Inputs.Concat(Outputs).All(o => o is null || o.Type == type);

    /// <summary>Position among <see cref="KernelBuffers"/> of an output.</summary>
    public int OutputIndex(int output = 0) => Inputs.Count + output;

    /// <summary>
    /// A constant operand in the form that the kernel wants, made once per model and form. <paramref name="form"/> names all
    /// that <paramref name="pack"/> depends on besides the constant.
    /// </summary>
    public PinnedBuffer Pack(int input, string form, Func<Tensor, PinnedBuffer> pack) => Weights.Get(Input(input).Constant!, form, pack);
}

/// <summary>Constants in the forms that kernels want, shared by all plans of a model. Thread-safe.</summary>
internal sealed class PackedWeights
{
    private readonly Dictionary<(Constant, string), object> made = [];
    private readonly Lock gate = new();

    /// <summary>The constant in a form; makes it when it is asked for the first time.</summary>
    public T Get<T>(Constant constant, string form, Func<Tensor, T> make) where T : class
    {
        lock (gate)
        {
            if (!made.TryGetValue((constant, form), out object? known)) made[(constant, form)] = known = make(constant.Materialize());
            return (T)known;
        }
    }
}
