using System.Globalization;
using Strata.Tensors;

namespace Strata.Compiler.Fidelity;

/// <summary>How often a classifier is right: shares of rows whose label is the largest element, or among the five largest.</summary>
/// <param name="Rows">Rows with a label.</param>
/// <param name="Top1">Those whose label is the largest element, over all.</param>
/// <param name="Top5">Those whose label is among the five largest, over all; null where rows have no more than five elements.</param>
public sealed record TaskScore(int Rows, double Top1, double? Top5);

/// <summary>
/// Labels of recorded inputs: a line for each row of the output in order, the number of its class; or lines <c>name class</c> (between them spaces,
/// a tab or a comma), where the name is that of a set, which then has one row.
/// </summary>
public sealed class Labels
{
    private readonly string file;
    private readonly List<int> inOrder = [];
    private readonly Dictionary<string, int> byName = new(StringComparer.Ordinal);

    private Labels(string file) => this.file = file;

    /// <summary>Reads labels.</summary>
    /// <exception cref="InvalidOptionException">There is no such file, or it holds no labels.</exception>
    public static Labels Read(string path)
    {
        if (!File.Exists(path)) throw new InvalidOptionException($"there is no file '{path}'");
        var labels = new Labels(Path.GetFileName(path));
        foreach (var (index, line) in File.ReadLines(path).Index())
        {
            string text = line.Trim();
            if (text.Length == 0) continue;
            int at = text.LastIndexOfAny([' ', '\t', ',']);
            if (!int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int label)) throw labels.Fail($"line {index + 1}, '{text}', is neither a class nor a name and a class");
            if (at < 0) labels.inOrder.Add(label);
            else if (!labels.byName.TryAdd(text[..at].TrimEnd(' ', '\t', ','), label)) throw labels.Fail($"line {index + 1} labels '{text[..at]}' again");
        }
        if (labels.inOrder.Count == 0 == (labels.byName.Count == 0)) throw labels.Fail(labels.inOrder.Count == 0 ? "there are no labels" : "some lines have names and others have none");
        return labels;
    }

    /// <summary>A score that outputs are added to, set by set.</summary>
    public TaskScorer NewScorer() => new(this);

    /// <summary>The class of a row: of the set with that name, or in order.</summary>
    /// <param name="set">The set that the row is of.</param>
    /// <param name="row">The rows before it, of all sets.</param>
    /// <param name="rowsOfSet">Rows of the set.</param>
    /// <exception cref="InvalidOptionException">It has no label.</exception>
    internal int this[string set, int row, int rowsOfSet]
    {
        get
        {
            if (byName.Count == 0) return row < inOrder.Count ? inOrder[row] : throw Fail($"{inOrder.Count} labels for more rows");
            if (rowsOfSet != 1) throw Fail($"the output of '{set}' has {rowsOfSet} rows, a name labels one");
            return byName.TryGetValue(set, out int label) || byName.TryGetValue(Path.GetFileName(set), out label) ? label : throw Fail($"'{set}' has no label");
        }
    }

    /// <summary>Refuses labels that no row was for.</summary>
    internal void RequireAllUsed(int rows)
    {
        if (byName.Count == 0 && inOrder.Count != rows) throw Fail($"{inOrder.Count} labels for {rows} rows");
    }

    internal InvalidOptionException Fail(string sentence) => new($"{file}: {sentence}");
}

/// <summary>Gathers a <see cref="TaskScore"/> over several runs.</summary>
public sealed class TaskScorer(Labels labels)
{
    private const int Five = 5;
    private int rows, first, among, classes;

    /// <summary>Adds the output of one set, whose rows run along its last axis.</summary>
    /// <exception cref="InvalidOptionException">A row has no label, or the output holds no classes.</exception>
    public void Add(string set, RuntimeValue? output)
    {
        if (output is not Tensor { Rank: > 0 } tensor || tensor.ElementType == ElementType.String || tensor.Dims[^1] < 2) throw labels.Fail("the first output holds no rows of classes");
        double[] values = tensor.ToDoubles();
        classes = tensor.Dims[^1];
        for (int start = 0; start < values.Length; start += classes)
        {
            int label = labels[set, rows++, values.Length / classes];
            if (label >= classes) throw labels.Fail($"'{set}' is of class {label}, the output has {classes}");
            int before = Before(values.AsSpan(start, classes), label);
            if (before == 0) first++;
            if (before < Five) among++;
        }
    }

    /// <summary>The score of all that was added.</summary>
    /// <exception cref="InvalidOptionException">There are more labels than rows.</exception>
    public TaskScore Result()
    {
        labels.RequireAllUsed(rows);
        return new(rows, (double)first / Math.Max(1, rows), classes > Five ? (double)among / Math.Max(1, rows) : null);
    }

    /// <summary>How many elements are larger than one, or as large and earlier.</summary>
    internal static int Before(ReadOnlySpan<double> row, int at)
    {
        int count = 0;
        for (int i = 0; i < row.Length; i++)
        {
            if (row[i] > row[at] || row[i] == row[at] && i < at) count++;
        }
        return count;
    }
}
