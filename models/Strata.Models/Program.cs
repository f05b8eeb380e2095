using System.CommandLine;
using System.Globalization;
using Strata.Models;
using Strata.Models.Building;

var names = new Argument<string[]>("name") { Description = "The models to build; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
names.AcceptOnlyFromAmong([.. ModelCatalog.All.Select(recipe => recipe.Name)]);
var list = new Option<bool>("--list") { Description = "Print a table of all models, and build none." };
var size = new Option<ModelSize>("--size") { Description = "small: below 300 KB each. benchmark: the sizes people deploy." };
var output = new Option<string?>("--output", "-o") { Description = "The folder to write to. [default: models, or artifacts/models for benchmark sizes]" };
var external = new Option<bool>("--external-data") { Description = "Keep weights in NAME.onnx.data, at offsets that are multiples of 64." };

var root = new RootCommand("Builds ONNX models, the same bytes on every machine.\n\nExamples:\n"
    + "  Strata.Models                                    all small models, to models/\n"
    + "  Strata.Models mobilenet --size benchmark -o .    MobileNetV2 1.0, to ./mobilenet.onnx")
{
    names, list, size, output, external,
};
root.SetAction(parsed =>
{
    if (parsed.GetValue(list))
    {
        Console.Write(ModelTable.Markdown());
        return 0;
    }

    var chosen = parsed.GetValue(names) is { Length: > 0 } given ? ModelCatalog.All.Where(recipe => given.Contains(recipe.Name)) : ModelCatalog.All;
    var built = parsed.GetValue(size);
    string folder = parsed.GetValue(output) ?? (built == ModelSize.Small ? "models" : Path.Combine("artifacts", "models"));
    foreach (var recipe in chosen)
    {
        var (path, model) = ModelWriter.Write(folder, recipe.Name, parsed.GetValue(external), weights => recipe.Build(built, weights));
        Report(path, model);
    }
    return 0;
});
var arguments = root.Parse(args);
int code = arguments.Invoke();
return arguments.Errors.Count == 0 ? code : 2;

static void Report(string path, ModelBuilder model) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
    $"{path}  {model.Parameters:N0} parameters, {new FileInfo(path).Length + model.Weights.Bytes:N0} bytes"));
