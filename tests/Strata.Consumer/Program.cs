using System.IO.Compression;
using System.Xml.Linq;
using Strata.Compiler;
using Strata.Compiler.Frontend.Onnx;
using Strata.Execution;
using Strata.Networks;

// Arguments: an ONNX model whose inputs are f32 of known shapes, and the package of the runtime.
using var onnx = OnnxModel.Load(args[0]);
using var compiled = new MemoryStream();
Compiler.Compile(onnx, compiled);

using var model = Model.Load(compiled.ToArray());
using var session = model.CreateSession();
foreach (var input in model.Network.Inputs)
{
    int[] dims = ((TensorType)input.Type).Shape!.Constant!;
    session.SetInput<float>(input.Name, new float[dims.Aggregate(1, (product, dim) => product * dim)], dims);
}
session.Run();
foreach (var output in model.Network.Outputs) Console.WriteLine($"{output.Name}: {session.GetOutput<float>(output.Name).Length} elements");

using var package = ZipFile.OpenRead(args[1]);
string[] assets = [.. package.Entries.Select(e => e.FullName).Where(n => !n.StartsWith("lib/net10.0/Strata.Runtime.", StringComparison.Ordinal) && !n.EndsWith("/lib/net10.0/Strata.Runtime.dll", StringComparison.Ordinal) && n.Split('/')[0] is "lib" or "runtimes" or "native" or "build" or "tools" or "contentFiles")];
using var specification = package.GetEntry("Strata.Runtime.nuspec")!.Open();
string[] dependencies = [.. XDocument.Load(specification).Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value)];
Console.WriteLine($"Strata.Runtime: {dependencies.Length} dependencies, {assets.Length} assets beside its assembly {string.Join(' ', dependencies.Concat(assets))}".TrimEnd());
return dependencies.Length + assets.Length == 0 ? 0 : 1;
