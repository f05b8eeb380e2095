namespace Strata.Operators.Reference.Images;

/// <summary>One component of a JPEG frame: its sampling, tables and samples, whole blocks at a time.</summary>
internal sealed class JpegComponent(int id, int across, int down, int table)
{
    public int Id => id;
    public int Across => across;
    public int Down => down;
    public int Table => table;
    public HuffmanTable? DcTable { get; set; }
    public HuffmanTable? AcTable { get; set; }
    public int[]? Quantization { get; set; }
    public int Predictor { get; set; }

    /// <summary>Samples of the image proper.</summary>
    public int Width { get; private set; }
    public int Height { get; private set; }

    /// <summary>Blocks stored, to whole interleaved units; and those that a scan of this component alone covers.</summary>
    public int Columns { get; private set; }
    public int Rows { get; private set; }
    public int OwnColumns => (Width + 7) / 8;
    public int OwnRows => (Height + 7) / 8;

    public byte[] Samples { get; private set; } = [];

    public void Allocate(int width, int height, int most, int mostDown)
    {
        Width = (width * across + most - 1) / most;
        Height = (height * down + mostDown - 1) / mostDown;
        Columns = (width + 8 * most - 1) / (8 * most) * across;
        Rows = (height + 8 * mostDown - 1) / (8 * mostDown) * down;
        Samples = new byte[Tensors.Tensor.CountOf([Rows * 8, Columns * 8])];
    }
}
