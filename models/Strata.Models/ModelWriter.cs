using Google.Protobuf;
using Strata.Models.Building;

namespace Strata.Models;

/// <summary>Writes models to files; a file appears under its name when it is complete.</summary>
internal static class ModelWriter
{
    private const int BufferSize = 1 << 20;

    /// <summary>Writes <c>NAME.onnx</c> and, with <paramref name="externalData"/>, its weights to <c>NAME.onnx.data</c>.</summary>
    /// <returns>The model's path, and what was built.</returns>
    public static (string Path, ModelBuilder Model) Write(string folder, string name, bool externalData, Func<WeightStore, ModelBuilder> build)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, name + ".onnx"), dataPath = path + ".data";
        ModelBuilder model;
        if (externalData)
        {
            using (var data = Create(dataPath)) model = build(new ExternalWeights(data, Path.GetFileName(dataPath)));
        }
        else
        {
            model = build(new InlineWeights());
        }

        using (var file = Create(path)) model.Proto.WriteTo(file);
        if (externalData) Publish(dataPath);
        Publish(path);
        return (path, model);
    }

    private static FileStream Create(string path) => new(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None, BufferSize);

    private static void Publish(string path) => File.Move(path + ".tmp", path, overwrite: true);
}
