using System.Collections.Immutable;
using System.Globalization;
using Strata.Execution;
using Strata.Networks;
using Strata.Operators;
using Strata.Tensors;

namespace Strata.Compiler.Data;

/// <summary>How a picture becomes a network's input: scaled, its centre cut out, <c>(value / divide − mean) / std</c> per channel.</summary>
public sealed record ImagePreparation
{
    private const string Remedy = "write for instance 'resize=256 mean=0.485,0.456,0.406 std=0.229,0.224,0.225', or imagenet, which is the same";
    private static readonly ImmutableArray<string> Orders = ["rgb", "bgr"];

    /// <summary>Extensions of files that are pictures: PNG, baseline JPEG, BMP and PNM.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm"];

    /// <summary>The whole picture's centre in the input's size, red first, values from 0 to 1 (0 to 255 for bytes).</summary>
    public static ImagePreparation Default { get; } = new();

    /// <summary>Pixels of the shorter side before the centre is cut out; null for what the input just needs, 0 to stretch both sides to it.</summary>
    public int? ShorterSide { get; init; }

    /// <summary>Height and width for inputs that leave them open.</summary>
    public (int Height, int Width)? Size { get; init; }

    /// <summary>Order of the channels of inputs with three.</summary>
    public PixelFormat Order { get; init; } = PixelFormat.Rgb;

    /// <summary>What values from 0 to 255 are divided by; null for 255, or 1 where the input takes bytes.</summary>
    public double? Divisor { get; init; }

    /// <summary>Subtracted after division, per channel; one for all, or empty for 0.</summary>
    public ImmutableArray<double> Mean { get; init; } = [];

    /// <summary>Divided by in the end, per channel; one for all, or empty for 1.</summary>
    public ImmutableArray<double> Deviation { get; init; } = [];

    /// <summary>Reads <c>key=value</c> pairs between spaces: <c>size=HxW</c>, <c>resize=N</c> or <c>resize=stretch</c>, <c>order=rgb|bgr</c>, <c>divide=X</c>, <c>mean=A,B,C</c>, <c>std=A,B,C</c>; <c>imagenet</c> stands for what its networks are trained with.</summary>
    /// <exception cref="InvalidOptionException">The text is none of these.</exception>
    public static ImagePreparation Parse(string text)
    {
        var result = Default;
        foreach (string part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string value = part[(equals + 1)..];
            result = part[..Math.Max(0, equals)] switch
            {
                "" when part == "imagenet" => result with { ShorterSide = 256, Mean = [0.485, 0.456, 0.406], Deviation = [0.229, 0.224, 0.225] },
                "resize" => result with { ShorterSide = value == "stretch" ? 0 : Whole(value) },
                "size" when value.Split('x') is [var height, var width] => result with { Size = (Whole(height), Whole(width)) },
                "order" when Orders.IndexOf(value) is >= 0 and var order => result with { Order = (PixelFormat)order },
                "divide" => result with { Divisor = Numbers(value) is [> 0 and var divisor] ? divisor : throw Fail() },
                "mean" => result with { Mean = Numbers(value) },
                "std" => result with { Deviation = Numbers(value) is var deviation && deviation.All(d => d > 0) ? deviation : throw Fail() },
                _ => throw Fail(),
            };

            InvalidOptionException Fail() => new($"'{part}' says nothing about pictures that is known; {Remedy}");
            int Whole(string number) => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is > 0 and <= 1 << 14 ? n : throw Fail();
            ImmutableArray<double> Numbers(string list) => [.. list.Split(',').Select(n => double.TryParse(n, NumberStyles.Float, CultureInfo.InvariantCulture, out double d) && double.IsFinite(d) ? d : throw Fail())];
        }
        return result;
    }

    /// <summary>Reads a picture for an input of shape <c>[1, C, H, W]</c>, <c>[1, H, W, C]</c> or without the first axis, of 1 or 3 channels.</summary>
    /// <exception cref="InvalidOptionException">The input takes no pictures, or leaves its size open and <see cref="Size"/> too.</exception>
    /// <exception cref="StrataFormatException">The file is no picture that can be read.</exception>
    internal Tensor Read(byte[] file, string name, Value input)
    {
        var target = TargetOf(input);
        if (Mean.Length > 1 && Mean.Length != target.Channels || Deviation.Length > 1 && Deviation.Length != target.Channels)
            throw new InvalidOptionException($"mean and std hold a number, or one for each of the {target.Channels} channels of input '{input.Name}'");
        Tensor planes;
        try
        {
            planes = (Tensor)new Interpreter(Scaling(target)).Run([Tensor.Vector(file)])[0]!;
        }
        catch (InvalidInputException error)
        {
            throw new StrataFormatException($"{name}: {error.Message}", error);
        }
        if (planes.Count == 0) throw new StrataFormatException($"{name}: the picture is damaged");
        return Cut(planes, target);
    }

    private sealed record Target(TensorType Type, int[] Dims, int Channels, int Height, int Width, bool ChannelsLast);

    private Target TargetOf(Value input)
    {
        if (input.Type is TensorType { Shape: { Rank: 3 or 4 } shape } type && (type.ElementType.IsFloat() || type.ElementType == ElementType.UInt8) && (shape.Rank == 3 || shape[0].Constant is null or 1))
        {
            int lead = shape.Rank - 3;
            foreach (bool last in (ReadOnlySpan<bool>)[false, true])
            {
                if (shape[lead + (last ? 2 : 0)].Constant is not (1 or 3)) continue;
                int channels = (int)shape[lead + (last ? 2 : 0)].Constant!.Value, y = lead + (last ? 0 : 1);
                if ((Size?.Height ?? shape[y].Constant) is not { } height || (Size?.Width ?? shape[y + 1].Constant) is not { } width)
                    throw new InvalidOptionException($"input '{input.Name}' : {input.Type} leaves the size of pictures open; give it with size=HxW");
                int[] dims = last ? [(int)height, (int)width, channels] : [channels, (int)height, (int)width];
                return new(type, lead == 0 ? dims : [1, .. dims], channels, (int)height, (int)width, last);
            }
        }
        throw new InvalidOptionException($"input '{input.Name}' : {input.Type} takes no single picture of 1 or 3 channels; record .npy or .npz files for it");
    }

    // File → [channels, height, width], no side less than what is cut out. Shrinking averages over all pixels, as training pipelines do.
    private Network Scaling(Target target)
    {
        var builder = new NetworkBuilder("picture");
        var file = builder.Input("file", new TensorType(ElementType.UInt8, [builder.Fresh()]));
        var pixels = builder.Add(new Cast { To = ElementType.Float32 }, builder.Add(new ImageDecoder { Format = target.Channels == 1 ? PixelFormat.Grayscale : Order }, file));
        long[] sizes = ShorterSide is > 0 and var side ? [side, side] : [target.Height, target.Width];
        var resize = new Resize { Antialias = true, Axes = [1, 2], Mode = Interpolation.Linear, KeepAspectRatio = ShorterSide == 0 ? AspectRatioPolicy.Stretch : AspectRatioPolicy.NotSmaller };
        builder.Output("planes", builder.Add(resize, builder.Add(new Transpose { Perm = [2, 0, 1] }, pixels), null, null, builder.Constant(Tensor.Vector(sizes))));
        return builder.Build();
    }

    private Tensor Cut(Tensor planes, Target target)
    {
        int height = planes.Dims[1], width = planes.Dims[2], top = (height - target.Height) / 2, left = (width - target.Width) / 2;
        if (top < 0 || left < 0) throw new InvalidOptionException($"resize={ShorterSide} leaves {height} x {width} pixels, the input takes {target.Height} x {target.Width}");
        var source = planes.Span<float>();
        var values = new double[target.Channels * target.Height * target.Width];
        double divisor = Divisor ?? (target.Type.ElementType == ElementType.UInt8 ? 1 : 255);
        for (int c = 0; c < target.Channels; c++)
        {
            double mean = Of(Mean, c, 0), deviation = Of(Deviation, c, 1);
            for (int y = 0; y < target.Height; y++)
            {
                for (int x = 0; x < target.Width; x++)
                {
                    double value = (source[(c * height + top + y) * width + left + x] / divisor - mean) / deviation;
                    values[target.ChannelsLast ? (y * target.Width + x) * target.Channels + c : (c * target.Height + y) * target.Width + x] = target.Type.ElementType == ElementType.UInt8 ? Math.Clamp(Math.Round(value), 0, 255) : value;
                }
            }
        }
        return Tensor.FromDoubles(target.Type.ElementType, target.Dims, values);

        static double Of(ImmutableArray<double> numbers, int channel, double otherwise) => numbers.Length switch { 0 => otherwise, 1 => numbers[0], _ => numbers[channel] };
    }
}
