using System.CommandLine;
using Strata.Compiler;
using Strata.Compiler.Data;

namespace Strata.Cli.Verbs;

/// <summary>The options about recorded inputs, the same for every verb that takes them.</summary>
internal sealed class DataOptions(string description, string otherwise = "random")
{
    private const string Forms = "test_data_set_*/input_i.pb; an .npz file, or several, with arrays named as inputs; for a model with one input, an .npy file with a set per row, .pb or .npy files, or pictures (PNG, JPEG, BMP)";

    /// <summary>The file or folder.</summary>
    public Option<string?> Path { get; } = new("--data") { Description = $"{description}: {Forms}. Default: {otherwise} inputs.", HelpName = "PATH" };

    private readonly Option<ImagePreparation?> images = new("--image")
    {
        Description = "How pictures of --data become inputs: 'size=HxW resize=N|stretch order=rgb|bgr divide=X mean=A,B,C std=A,B,C', or imagenet. Default: the shorter side scaled to the input's, the centre, red first, from 0 to 1.",
        HelpName = "HOW",
        CustomParser = result =>
        {
            try
            {
                return ImagePreparation.Parse(result.Tokens[0].Value);
            }
            catch (InvalidOptionException error)
            {
                result.AddError($"--image: {error.Message}.");
                return null;
            }
        },
    };

    public IReadOnlyList<Option> All => [Path, images];

    public void AddTo(Command command)
    {
        foreach (var option in All) command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(images) is { Implicit: false } && result.GetResult(Path) is null) result.AddError("--image goes with --data only.");
        });
    }

    /// <summary>How pictures become inputs; null for the default.</summary>
    public ImagePreparation? ImagesOf(ParseResult parsed) => parsed.GetValue(images);
}
