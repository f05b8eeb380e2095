namespace Strata.Operators;

/// <summary>One activation that a recurrence may name: its function of (x, alpha, beta), and the defaults of the parameters it has.</summary>
public sealed record RecurrenceActivation(string Name, Func<double, double, double, double> Function, double? Alpha = null, double? Beta = null)
{
    private static readonly RecurrenceActivation[] All =
    [
        new("Relu", static (x, _, _) => x > 0 || double.IsNaN(x) ? x : 0),
        new("Tanh", static (x, _, _) => Math.Tanh(x)),
        new("Sigmoid", static (x, _, _) => 1 / (1 + Math.Exp(-x))),
        new("Affine", static (x, a, b) => a * x + b, 1, 0),
        new("LeakyRelu", static (x, a, _) => x >= 0 ? x : a * x, 0.01f),
        new("ThresholdedRelu", static (x, a, _) => x > a ? x : 0, 1),
        new("ScaledTanh", static (x, a, b) => a * Math.Tanh(b * x), 1, 1),
        new("HardSigmoid", static (x, a, b) => Math.Clamp(a * x + b, 0, 1), 0.2f, 0.5f),
        new("Elu", static (x, a, _) => x >= 0 ? x : a * (Math.Exp(x) - 1), 1),
        new("Softsign", static (x, _, _) => x / (1 + Math.Abs(x))),
        new("Softplus", static (x, _, _) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)))),
    ];

    /// <summary>ONNX's names.</summary>
    public static IEnumerable<string> Names => All.Select(a => a.Name);

    /// <summary>Finds an activation by name, whatever its case; null when unknown.</summary>
    public static RecurrenceActivation? Find(string name) => Array.Find(All, a => string.Equals(a.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The activations of one direction as functions of one variable.</summary>
    public static Func<double, double>[] Resolve(Recurrence op, int direction) =>
        Array.ConvertAll(Named(op, direction), n => new Func<double, double>(x => n.Activation.Function(x, n.Alpha, n.Beta)));

    /// <summary>The activations of one direction with their parameters; lists of parameters are consumed in order over all directions.</summary>
    public static (RecurrenceActivation Activation, double Alpha, double Beta)[] Named(Recurrence op, int direction)
    {
        int perDirection = op.DefaultActivations.Length, alpha = 0, beta = 0;
        var result = new (RecurrenceActivation, double, double)[perDirection];
        for (int i = 0; i < perDirection * (direction + 1); i++)
        {
            string name = op.Activations.IsEmpty ? op.DefaultActivations[i % perDirection] : op.Activations[i];
            var activation = Find(name)!;
            result[i % perDirection] = (activation, Next(activation.Alpha, op.ActivationAlpha, ref alpha), Next(activation.Beta, op.ActivationBeta, ref beta));
        }
        return result;
    }

    private static double Next(double? standard, System.Collections.Immutable.ImmutableArray<float> given, ref int at) =>
        standard is not { } value ? 0 : at < given.Length ? given[at++] : value;
}
