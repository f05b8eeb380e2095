using System.Globalization;
using Strata.Networks;
using Strata.Passes;

namespace Strata.Compiler.Planning;

/// <summary>Why few bits hurt a weight.</summary>
public enum CauseKind
{
    /// <summary>One channel is much larger than the others.</summary>
    OutlierChannel,
    /// <summary>A few weights, or an offset, leave most of the range of the codes dead.</summary>
    Range,
    /// <summary>Most of the error comes from weights beyond the last code.</summary>
    SaturatedTail,
    /// <summary>The weight is so short that its bits save nothing.</summary>
    TinyLayer,
    /// <summary>Nothing about the weight itself: the outputs depend on it strongly.</summary>
    Sensitive,
}

/// <summary>Why few bits hurt a weight, and in words with its figures.</summary>
public sealed record WeightCause(CauseKind Kind, string Sentence)
{
    // How many times the median channel, or the widest of nearly all weights, something must reach to stand out.
    private const double OutlierChannel = 16, OutlierWeight = 4;

    // Weights below are short, and above which share of them lies what counts as nearly all.
    private const int TinyElements = 2048;
    private const double NearlyAll = 0.999;

    /// <summary>The name of the kind: <c>outlier channel</c>.</summary>
    public string Name => Kind switch
    {
        CauseKind.OutlierChannel => "outlier channel",
        CauseKind.Range => "range",
        CauseKind.SaturatedTail => "saturated tail",
        CauseKind.TinyLayer => "tiny layer",
        _ => "sensitive",
    };

    /// <summary>The cause for a weight and what codes, symmetric around 0 or not, make of it.</summary>
    internal static WeightCause Of(WeightUse use, bool isSymmetric, Constant stored)
    {
        var constant = use.Weight.Constant!;
        double[] weights = constant.Materialize().ToDoubles(), restored = stored.Materialize().ToDoubles();
        if (Outlier(use, weights) is { } outlier) return outlier;
        if (DeadRange(weights, isSymmetric) is { } range) return range;
        if (Saturation(weights, restored) is { } saturated) return saturated;
        return use.Elements < TinyElements
            ? new(CauseKind.TinyLayer, Text($"it has {use.Elements} elements only, which save little"))
            : new(CauseKind.Sensitive, "nothing about the weight itself stands out");
    }

    // By the median of each channel, which a few large weights do not move.
    private static WeightCause? Outlier(WeightUse use, double[] weights)
    {
        if (WeightLayout.Of(use.Layer, use.Operand, WeightGroups.Channel)?.MatrixOf(use.Layer, use.Operand) is not { } matrix) return null;
        return Of("output channel", matrix.Rows, matrix.Columns, (row, column) => matrix[row, column]) ?? Of("input", matrix.Columns, matrix.Rows, (column, row) => matrix[row, column]);

        WeightCause? Of(string what, int channels, int length, Func<int, int, int> at)
        {
            if (channels < 4 || length < 4) return null;
            double[] sizes = [.. Enumerable.Range(0, channels).Select(c => Median([.. Enumerable.Range(0, length).Select(i => Math.Abs(weights[at(c, i)]))]))];
            double middle = Median([.. sizes]), most = sizes.Max();
            return middle > 0 && most > OutlierChannel * middle ? new(CauseKind.OutlierChannel, Text($"{what} {Array.IndexOf(sizes, most)} is {most / middle:G3} times as large as the median one")) : null;
        }
    }

    private static WeightCause? DeadRange(double[] weights, bool isSymmetric)
    {
        double[] sizes = Array.ConvertAll(weights, Math.Abs);
        Array.Sort(sizes);
        double nearly = sizes[Math.Min(sizes.Length - 2, (int)(NearlyAll * sizes.Length))], most = sizes[^1];
        if (most > OutlierWeight * nearly) return new(CauseKind.Range, Text($"its largest weight is {most:G3}, {100 * NearlyAll:G3} % of them lie within {nearly:G3}: most of the range is dead"));
        double mean = weights.Average(), spread = Math.Sqrt(weights.Average(w => (w - mean) * (w - mean)));
        return Math.Abs(mean) > 2 * spread && isSymmetric
            ? new(CauseKind.Range, Text($"its weights lie around {mean:G3}, off 0 by {(spread == 0 ? double.PositiveInfinity : Math.Abs(mean) / spread):G3} times their spread: codes around 0 are dead, uint formats suit it")) : null;
    }

    // Weights beyond the widest that is stored in their scale, as far as the whole tensor tells.
    private static WeightCause? Saturation(double[] weights, double[] restored)
    {
        double all = 0, clipped = 0;
        double usual = Math.Sqrt(weights.Zip(restored).Average(p => (p.First - p.Second) * (p.First - p.Second)));
        for (int i = 0; i < weights.Length; i++)
        {
            double error = weights[i] - restored[i];
            all += error * error;
            // Rounding errs by up to √3 times the root of its mean square, towards either side.
            if (Math.Abs(restored[i]) < Math.Abs(weights[i]) && Math.Abs(error) > 3 * usual) clipped += error * error;
        }
        return clipped > 0.5 * all ? new(CauseKind.SaturatedTail, Text($"{100 * clipped / all:G3} % of its error comes from large weights that the codes cut off")) : null;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
