using Strata.Compiler;
using Strata.Execution;
using Strata.Tests.Support;

// Not below 'Strata', where 'Compiler' would be a namespace: the sample reads as a user's program.
namespace ReadmeSamples;

public class ReadmeSample
{
    [Fact]
    public void CompilesAndRuns()
    {
        var folder = Directory.CreateTempSubdirectory("strata-readme-");
        string onnx = Path.Combine(Repository.Root, "models", "mobilenet.onnx"), strata = Path.Combine(folder.FullName, "mobilenet.strata");
        var pixels = new float[3 * 96 * 96];
        try
        {
            // readme:
            Compiler.Compile(onnx, strata);

            using var model = Model.Load(strata);       // immutable, shared by any number of threads
            using var session = model.CreateSession();  // one per thread
            session.SetInput<float>("input", pixels, 1, 3, 96, 96);
            session.Run();
            ReadOnlySpan<float> logits = session.GetOutput<float>("logits");
            // :readme
            Assert.Equal(20, logits.Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
