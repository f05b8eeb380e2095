using Strata.Tests.Support;

namespace Strata.Tests.Docs;

/// <summary>Compares generated pages with the committed ones. A differing page is left as <c>….received.md</c> to look at and rename.</summary>
internal static class CommittedDocument
{
    public static void Check(string path, string text)
    {
        string file = Path.Combine(Repository.Root, path), received = Path.ChangeExtension(file, ".received.md");
        if (File.Exists(file) && Repository.ReadText(path) == text)
        {
            File.Delete(received);
            return;
        }
        File.WriteAllText(received, text);
        Assert.Fail($"'{path}' is not what the code says. Look at '{Path.GetFileName(received)}' beside it, then rename it to '{Path.GetFileName(file)}'.");
    }
}
