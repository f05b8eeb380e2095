using Strata.Compiler.Data;
using Strata.Networks;
using Strata.Tensors;

namespace Strata.Cli.Models;

/// <summary>Where the results of a run go.</summary>
internal sealed class OutputTargets
{
    private readonly Dictionary<string, string> files = new(StringComparer.Ordinal);
    private string? folder, archive;

    /// <summary>True when a result goes to standard output, so that nothing else may.</summary>
    public bool UseStandardOutput => files.ContainsValue("-");

    /// <summary>Reads <c>NAME=FILE</c>, <c>FILE.npz</c> and folders; refuses what could not be written later.</summary>
    public static OutputTargets Parse(Network network, IEnumerable<string> arguments)
    {
        var targets = new OutputTargets();
        foreach (string argument in arguments)
        {
            if (network.Outputs.Where(o => argument.StartsWith(o.Name + "=", StringComparison.Ordinal)).OrderByDescending(o => o.Name.Length).Select(o => o.Name).FirstOrDefault() is { } name)
            {
                string path = argument[(name.Length + 1)..];
                ValueFile.RequireKnown(path);
                targets.files[name] = path;
            }
            else if (argument.Contains('=')) throw new UsageException($"--output '{argument}': the network has no output '{argument[..argument.IndexOf('=')]}'; it has {string.Join(", ", network.Outputs.Select(o => o.Name))}");
            else if (argument.EndsWith(".npz", StringComparison.OrdinalIgnoreCase))
            {
                OutputFile.RequireFolder(argument);
                targets.archive = argument;
            }
            else if (File.Exists(argument) || argument == "-") throw new UsageException($"--output '{argument}': write NAME=FILE for a file, or give a folder");
            else targets.folder = argument.Length > 0 ? argument : throw new UsageException("--output names no file and no folder");
        }
        if (targets.files.Values.Count(f => f == "-") > 1) throw new UsageException("only one output can go to standard output");
        return targets;
    }

    /// <summary>Writes the results; gives the path of each that was written to a file of its own.</summary>
    public IReadOnlyDictionary<string, string> Write(Network network, IReadOnlyList<RuntimeValue?> results, Terminal terminal)
    {
        var written = new Dictionary<string, string>(StringComparer.Ordinal);
        if (folder is not null) Directory.CreateDirectory(folder);
        for (int i = 0; i < results.Count; i++)
        {
            string name = network.Outputs[i].Name;
            if (results[i] is not { } value) continue;
            string? path = files.GetValueOrDefault(name) ?? (folder is null ? null : Path.Combine(folder, FileName(name) + ValueFile.ExtensionFor(value)));
            if (path is null) continue;
            ValueFile.Write(path, value, name, terminal);
            written[name] = path;
        }
        if (archive is not null)
        {
            var tensors = results.Select((value, i) => KeyValuePair.Create(network.Outputs[i].Name, value as Tensor
                ?? throw new UsageException($"output '{network.Outputs[i].Name}' is no tensor and does not fit an .npz file; write it to a .pb file")));
            OutputFile.Write(archive, terminal, output => NpzFile.Write(output, tensors));
        }
        return written;
    }

    // Names of values may hold anything, above all slashes.
    private static string FileName(string name) => string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_')).TrimStart('.') is { Length: > 0 } safe ? safe : "_";
}
