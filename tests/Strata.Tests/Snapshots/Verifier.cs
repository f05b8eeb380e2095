using System.Reflection;
using System.Runtime.CompilerServices;
using Strata.Tests.Snapshots;

namespace VerifyXunit;

/// <summary>
/// The part of Verify that these tests use, for where the package cannot be restored: the same call, the same files.
/// A text is compared with <c>Class.Method.verified.txt</c> beside the test; on a difference, or without such a file, the
/// text is left in <c>Class.Method.received.txt</c> and the test fails. To accept it, look at it and rename it.
/// Nothing accepts by itself.
/// </summary>
public static class Verifier
{
    /// <summary>Compares a text with the snapshot of the calling test; does so when awaited or returned as a task.</summary>
    public static SettingsTask Verify(
        string? target, [CallerFilePath] string sourceFile = "", [CallerMemberName] string method = "") =>
        new(target ?? "null", sourceFile, method);
}

/// <summary>A comparison that is still to be made.</summary>
public sealed class SettingsTask(string text, string sourceFile, string method)
{
    private object?[] _values = [];

    /// <summary>Makes the snapshot one of its theory's row; the values in the order of the test's parameters.</summary>
    public SettingsTask UseParameters(params object?[] parameters)
    {
        _values = parameters;
        return this;
    }

    /// <summary>Makes the comparison.</summary>
    public TaskAwaiter GetAwaiter() => ToTask().GetAwaiter();

    /// <summary>Makes the comparison, so that a test can return it.</summary>
    public static implicit operator Task(SettingsTask settings) => settings.ToTask();

    /// <summary>Makes the comparison.</summary>
    public Task ToTask()
    {
        try
        {
            Compare();
            return Task.CompletedTask;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            return Task.FromException(e);
        }
    }

    private void Compare()
    {
        string className = Path.GetFileNameWithoutExtension(sourceFile);
        string name = SnapshotName.Of(className, method, Parameters(className), _values);
        string stem = Path.Combine(Path.GetDirectoryName(sourceFile)!, name);
        string received = text.ReplaceLineEndings("\n").TrimEnd('\n');
        string? verified = File.Exists(stem + ".verified.txt")
            ? File.ReadAllText(stem + ".verified.txt").ReplaceLineEndings("\n").TrimEnd('\n')
            : null;

        if (received == verified)
        {
            File.Delete(stem + ".received.txt");
            return;
        }

        File.WriteAllText(stem + ".received.txt", received);
        throw new InvalidOperationException(verified is null
            ? $"New snapshot: '{name}.received.txt'. Look at it, then rename it to '{name}.verified.txt'."
            : $"'{name}.received.txt' differs from '{name}.verified.txt' {FirstDifference(verified, received)}");
    }

    private IEnumerable<ParameterInfo> Parameters(string className) => _values.Length == 0
        ? []
        : typeof(Verifier).Assembly.GetTypes().Single(type => type.Name == className).GetMethod(method)?.GetParameters()
            ?? throw new InvalidOperationException($"'{className}' has no public method '{method}'.");

    private static string FirstDifference(string verified, string received)
    {
        string[] want = verified.Split('\n'), got = received.Split('\n');
        int line = want.Zip(got).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"first in line {line + 1}:\n  verified: {Line(want)}\n  received: {Line(got)}";

        string Line(string[] lines) => line < lines.Length ? lines[line] : "(no such line)";
    }
}
