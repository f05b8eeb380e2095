using Strata.Kernels;
using Strata.Kernels.Recurrence;
using Strata.Kernels.Simd;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Tests.Kernels;

/// <summary>Recurrences against the reference evaluation, with all results and states.</summary>
public class RecurrenceKernelTests
{
    // Errors of the first steps go through at most seven more, each of which at most doubles them for weights of this size.
    private const double Bound = 128 * 8 * KernelProbe.Unit;

    private readonly struct Maker : IKernelMaker
    {
        public IKernel? Make<V>(KernelRequest request) where V : struct, ISimd<V> => RecurrenceKernel<V>.Supports(request) ? RecurrenceKernel<V>.Create(request) : null;
    }

    public static TheoryData<Recurrence> Operators =>
    [
        new Lstm(), new Lstm { InputForget = true }, new Lstm { Clip = 0.25f }, new Lstm { Activations = ["HardSigmoid", "Softsign", "Relu"], ActivationAlpha = [0.3f], ActivationBeta = [0.4f] },
        new Gru(), new Gru { LinearBeforeReset = true }, new Gru { Clip = 0.25f }, new Gru { LinearBeforeReset = true, Clip = 0.25f, Activations = ["sigmoid", "Elu"] },
        new Rnn(), new Rnn { Activations = ["LeakyRelu"], ActivationAlpha = [0.25f] },
    ];

    [Theory]
    [MemberData(nameof(Operators))]
    public void EveryDirectionLayoutAndOperand(Recurrence op)
    {
        foreach (var direction in Enum.GetValues<RecurrenceDirection>())
        {
            foreach (int layout in new[] { 0, 1 })
            {
                var whole = op with { Direction = direction, Layout = layout };
                if (direction == RecurrenceDirection.Bidirectional) whole = whole with
                {
                    Activations = [.. op.Activations, .. op.Activations],
                    ActivationAlpha = [.. op.ActivationAlpha, .. op.ActivationAlpha.Select(a => a / 2)],
                    ActivationBeta = [.. op.ActivationBeta, .. op.ActivationBeta],
                };
                Check(whole, 4, 3, 5, 7, optional: true);
                Check(whole, 3, 1, 18, 16, optional: false);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void SizesFromNothingToManyTiles(Recurrence op)
    {
        (int Sequence, int Batch, int Features, int Hidden)[] sizes = [(0, 2, 3, 4), (3, 0, 3, 4), (2, 2, 0, 5), (1, 1, 1, 1), (2, 33, 8, 9), (3, 16, 33, 35)];
        foreach (var (sequence, batch, features, hidden) in sizes) Check(op, sequence, batch, features, hidden, optional: true);
    }

    [Fact]
    public void NaNAndInfinityStayInTheirBatchRow()
    {
        foreach (var op in new Recurrence[] { new Lstm(), new Gru(), new Gru { LinearBeforeReset = true }, new Rnn() })
        {
            Tensor?[] inputs = Inputs(op, 3, 4, 5, 6, optional: false);
            float[] x = inputs[0]!.Span<float>().ToArray();
            (x[5 + 2], x[3 * 5 + 1], x[9 * 5 + 4]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
            inputs[0] = Tensor.From<float>([3, 4, 5], x);
            KernelProbe.Check(new Maker(), op, inputs, static (_, _, _) => Bound, 1 + op.States);
        }
    }

    [Fact]
    public void LengthsBeyondTheSequenceAreRefused()
    {
        var op = new Gru();
        Tensor?[] inputs = Inputs(op, 3, 2, 4, 5, optional: true);
        var expected = Strata.Tests.Operators.Evaluation.RunMany(op, 2, inputs);
        inputs[4] = Tensor.Vector<int>(3, 4);
        var request = KernelProbe.Request(op, inputs, expected, new bool[inputs.Length]);
        Assert.Contains("from 0 to 3", Assert.Throws<InvalidInputException>(() => KernelProbe.Run(RecurrenceKernel<F32>.Create(request), request, inputs, reversed: false)).Message);
    }

    private static void Check(Recurrence op, int sequence, int batch, int features, int hidden, bool optional)
    {
        Tensor?[] inputs = Inputs(op, sequence, batch, features, hidden, optional);
        int outputs = optional ? 1 + op.States : 1;
        KernelProbe.Check(new Maker(), op, inputs, static (_, _, _) => Bound, outputs);
        KernelProbe.Check(new Maker(), op, inputs, static (_, _, _) => Bound, outputs, [.. inputs.Select((_, i) => i is 1 or 2)]);
    }

    private static Tensor?[] Inputs(Recurrence op, int sequence, int batch, int features, int hidden, bool optional)
    {
        var random = new Random(sequence * 1000 + batch * 100 + hidden);
        int directions = op.Directions, gated = op.Gates * hidden;
        int[] states = op.Layout == 1 ? [batch, directions, hidden] : [directions, batch, hidden];
        Tensor?[] inputs = [KernelProbe.Draw(random, op.Layout == 1 ? [batch, sequence, features] : [sequence, batch, features]), Weights(gated, features), Weights(gated, hidden)];
        if (!optional) return inputs;
        int[] lengths = [.. Enumerable.Range(0, batch).Select(i => i == 0 ? sequence : random.Next(sequence + 1))];
        inputs = [.. inputs, KernelProbe.Draw(random, directions, 2 * gated), Tensor.Vector<int>(lengths), .. Enumerable.Range(0, op.States).Select(_ => KernelProbe.Draw(random, states))];
        return op.States > 1 ? [.. inputs, KernelProbe.Draw(random, directions, 3 * hidden)] : inputs;

        // Rows whose magnitudes sum to about one.
        Tensor Weights(int rows, int columns) => Tensor.From<float>([directions, rows, columns], Array.ConvertAll(KernelProbe.Draw(random, directions, rows, columns).Span<float>().ToArray(), v => 2 * v / columns));
    }
}
