using System.Numerics;
using System.Runtime.InteropServices;

namespace Strata.Passes;

/// <summary>A weight as a matrix: each of its rows is multiplied with a vector of inputs. Strides are in elements of the codes' order.</summary>
/// <param name="Groups">Groups of consecutive rows that see vectors of their own.</param>
/// <param name="Rows">Rows of all groups.</param>
/// <param name="Columns">Elements of a row.</param>
/// <param name="RowStride">Distance of neighbouring rows.</param>
/// <param name="ColumnStride">Distance of neighbouring columns.</param>
internal sealed record WeightMatrix(int Groups, int Rows, int Columns, int RowStride, int ColumnStride)
{
    /// <summary>Position of an element among the codes.</summary>
    public int this[int row, int column] => row * RowStride + column * ColumnStride;
}

/// <summary>
/// Rounds the columns of a weight one after another; after each, the columns to come are changed so that they make up for its error
/// on the calibration inputs as well as they can (GPTQ, Frantar et al. 2022, arXiv 2210.17323). The scale of a group is chosen
/// when its first column is reached, for the weights as they are by then. Rows do not depend on each other, so that the
/// result is independent of the number of threads.
/// </summary>
internal sealed class CompensatedRounding(GroupQuantizer quantizer, WeightLayout layout, WeightMatrix matrix, InputMoments moments, float[] values)
{
    // Rows that share a pass over the factor.
    private const int RowsAtOnce = 16;

    private readonly GroupParameters?[] parameters = new GroupParameters?[layout.GroupCount];
    private readonly sbyte[] codes = new sbyte[values.Length];
    private readonly bool[] isChosen = new bool[layout.GroupCount];

    /// <summary>The codes, in the layout's order, and the parameters of each group.</summary>
    public (sbyte[] Codes, GroupParameters?[] Parameters) Run()
    {
        // Scales that several rows share are chosen for the weights as given.
        if (layout.GroupCount < matrix.Rows) ChooseBeforehand();
        int rowsPerGroup = matrix.Rows / matrix.Groups;
        for (int group = 0; group < matrix.Groups; group++)
        {
            for (int block = 0; block < moments.BlockCount; block++)
            {
                var columns = moments.Block(block);
                float[]? factor = InverseFactor.Of(moments.Sums(group, block), columns.Length, moments.Count);
                int first = group * rowsPerGroup, g = group;
                Parallel.For(0, (rowsPerGroup + RowsAtOnce - 1) / RowsAtOnce, chunk =>
                    Round(g, first + chunk * RowsAtOnce, Math.Min(RowsAtOnce, rowsPerGroup - chunk * RowsAtOnce), columns, factor));
            }
        }
        return (codes, parameters);
    }

    private void ChooseBeforehand()
    {
        var weights = new float[values.Length];
        for (int g = 0; g < parameters.Length; g++)
        {
            var range = layout[g];
            range.Gather(values, weights);
            (isChosen[g], parameters[g]) = (true, quantizer.Choose(weights.AsSpan(0, range.Count), []));
        }
    }

    private void Round(int group, int firstRow, int rows, (int Start, int Length) block, float[]? factor)
    {
        var weights = new float[rows * block.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < block.Length; c++) weights[r * block.Length + c] = values[matrix[firstRow + r, block.Start + c]];
        }
        for (int c = 0; c < block.Length; c++)
        {
            for (int r = 0; r < rows; r++)
            {
                var row = weights.AsSpan(r * block.Length, block.Length);
                int at = matrix[firstRow + r, block.Start + c], scaleOf = layout.GroupOf(at);
                if (!isChosen[scaleOf]) (isChosen[scaleOf], parameters[scaleOf]) = (true, Choose(group, firstRow + r, block.Start + c, row[c..]));
                if (parameters[scaleOf] is not { } chosen) continue; // all zero
                quantizer.Encode(row.Slice(c, 1), chosen, codes.AsSpan(at, 1));
                float error = row[c] - quantizer.Decode(codes[at], chosen);
                if (factor is not null && error != 0) Subtract(row[(c + 1)..], factor.AsSpan(c * block.Length + c + 1, block.Length - c - 1), error);
            }
        }
    }

    // The scale for a row's weights from a column on, as far as the group goes: as changed within the block, as given after it.
    private GroupParameters? Choose(int group, int row, int column, ReadOnlySpan<float> rest)
    {
        int scaleOf = layout.GroupOf(matrix[row, column]), length = 1;
        while (column + length < matrix.Columns && layout.GroupOf(matrix[row, column + length]) == scaleOf) length++;
        float[] weights = new float[length], importance = new float[length];
        for (int i = 0; i < length; i++)
        {
            weights[i] = i < rest.Length ? rest[i] : values[matrix[row, column + i]];
            importance[i] = moments.Importance(group, column + i);
        }
        return quantizer.Choose(weights, importance);
    }

    private static void Subtract(Span<float> row, ReadOnlySpan<float> factor, float error)
    {
        var target = MemoryMarshal.Cast<float, Vector<float>>(row);
        var source = MemoryMarshal.Cast<float, Vector<float>>(factor);
        for (int i = 0; i < target.Length; i++) target[i] -= source[i] * error;
        for (int i = target.Length * Vector<float>.Count; i < row.Length; i++) row[i] -= factor[i] * error;
    }
}
