namespace Strata.Passes;

/// <summary>
/// Second moments, <c>Σ x · xᵀ</c>, of the vectors x that the rows of a weight are multiplied with, gathered over calibration
/// inputs: the Hessian, but for a factor, of the layer's squared error. Columns are cut into blocks; what two blocks have in
/// common is left out, which bounds memory by <c>columns · <see cref="BlockColumns"/> · 4</c> bytes per group of rows.
/// </summary>
public sealed class InputMoments
{
    /// <summary>Most columns of a block.</summary>
    public const int BlockColumns = 1024;

    private readonly float[][] blocks;

    /// <summary>Moments of nothing yet.</summary>
    /// <param name="groups">Groups of rows that are multiplied with vectors of their own (channel groups, directions).</param>
    /// <param name="columns">Elements of a vector.</param>
    public InputMoments(int groups, int columns)
    {
        (Groups, Columns) = (groups, columns);
        blocks = new float[groups * BlockCount][];
        for (int i = 0; i < blocks.Length; i++)
        {
            int length = Block(i % BlockCount).Length;
            blocks[i] = new float[length * length];
        }
    }

    /// <summary>Groups of rows.</summary>
    public int Groups { get; }

    /// <summary>Elements of a vector.</summary>
    public int Columns { get; }

    /// <summary>Vectors per group seen so far.</summary>
    public long Count { get; set; }

    /// <summary>Number of blocks.</summary>
    public int BlockCount => (Columns + BlockColumns - 1) / BlockColumns;

    /// <summary>The columns of a block.</summary>
    public (int Start, int Length) Block(int block) => (block * BlockColumns, Math.Min(BlockColumns, Columns - block * BlockColumns));

    /// <summary>The sums of a block, a symmetric matrix in row-major order.</summary>
    public Span<float> Sums(int group, int block) => blocks[group * BlockCount + block];

    /// <summary>The mean square of a column: how much an error of its weights matters.</summary>
    public float Importance(int group, int column)
    {
        int block = column / BlockColumns, at = column % BlockColumns;
        return Count == 0 ? 1 : Sums(group, block)[at * (Block(block).Length + 1)] / Count;
    }
}
