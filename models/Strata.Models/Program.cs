using System.CommandLine;
using System.Globalization;
using Strata.Models;
using Strata.Models.Architectures;
using Strata.Models.Building;

var names = new Argument<string[]>("name") { Description = "The models to build; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
names.AcceptOnlyFromAmong([.. ModelCatalog.All.Select(recipe => recipe.Name)]);
var list = new Option<bool>("--list") { Description = "Print a table of all models, and build none." };
var size = new Option<ModelSize>("--size") { Description = "small: below 300 KB each. benchmark: the sizes people deploy." };
var output = new Option<string?>("--output", "-o") { Description = "The folder to write to. [default: models, or artifacts/models for benchmark sizes]", Recursive = true };
var external = new Option<bool>("--external-data") { Description = "Keep weights in NAME.onnx.data, at offsets that are multiples of 64." };

var mebibytes = new Option<int>("--tensor-mib") { Description = "MiB of each weight.", DefaultValueFactory = _ => 16 };
var layers = new Option<int>("--layers") { Description = "How many weights.", DefaultValueFactory = _ => 32 };
var op = new Option<ChainOp>("--op") { Description = "What each weight belongs to." };
mebibytes.Validators.Add(AtLeastOne(mebibytes));
layers.Validators.Add(AtLeastOne(layers));

var chain = new Command("chain", "Writes chain.onnx, of any size: layers of one weight, batch normalisation and ReLU, weights in chain.onnx.data.") { mebibytes, layers, op };
chain.SetAction(parsed =>
{
    Write(parsed.GetValue(output) ?? BenchmarkFolder(), chain.Name, externalData: true,
        weights => Chain.Build(parsed.GetValue(mebibytes), parsed.GetValue(layers), parsed.GetValue(op), weights));
    return 0;
});

var root = new RootCommand("Builds ONNX models, the same bytes on every machine.\n\nExamples:\n"
    + "  Strata.Models                                    all small models, to models/\n"
    + "  Strata.Models mobilenet --size benchmark -o .    MobileNetV2 1.0, to ./mobilenet.onnx\n"
    + "  Strata.Models chain --tensor-mib 64 --layers 40  2.5 GiB of weights, to artifacts/models/chain.onnx.data")
{
    names, list, size, output, external, chain,
};
root.SetAction(parsed =>
{
    if (parsed.GetValue(list))
    {
        Console.Write(ModelTable.Markdown());
        return 0;
    }

    var built = parsed.GetValue(size);
    string folder = parsed.GetValue(output) ?? (built == ModelSize.Small ? "models" : BenchmarkFolder());
    foreach (var recipe in ModelCatalog.All)
    {
        if (parsed.GetValue(names) is { Length: > 0 } chosen && !chosen.Contains(recipe.Name)) continue;
        Write(folder, recipe.Name, parsed.GetValue(external), weights => recipe.Build(built, weights));
    }
    return 0;
});

var arguments = root.Parse(args);
int code = arguments.Invoke();
return arguments.Errors.Count == 0 ? code : 2;

static string BenchmarkFolder() => Path.Combine("artifacts", "models");

static Action<System.CommandLine.Parsing.OptionResult> AtLeastOne(Option<int> option) => result =>
{
    if (result.GetValue(option) < 1) result.AddError($"{option.Name} must be at least 1.");
};

static void Write(string folder, string name, bool externalData, Func<WeightStore, ModelBuilder> build)
{
    var (path, model) = ModelWriter.Write(folder, name, externalData, build);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{path}  {model.Parameters:N0} parameters, {new FileInfo(path).Length + model.Weights.Bytes:N0} bytes"));
}
