using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Strata.Compiler.Frontend.Onnx;

/// <summary>Counts the names a file has: data outside the model's folder can be reached through a hard link that no path check sees.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Each call stands behind its platform check.")]
internal static partial class HardLinks
{
    /// <summary>The number of hard links to a file; 1 where the platform does not tell.</summary>
    public static int Count(string path)
    {
        if (OperatingSystem.IsWindows()) return CountOnWindows(path);
        return OperatingSystem.IsLinux() ? CountOnLinux(path) : 1;
    }

    private static int CountOnLinux(string path)
    {
        // statx(2): stx_nlink is the 32-bit field at offset 16 of struct statx (256 bytes).
        const int AtFdCwd = -100, StatxNlink = 4;
        Span<byte> buffer = stackalloc byte[256];
        try
        {
            int result = Statx(AtFdCwd, path, 0, StatxNlink, ref MemoryMarshal.GetReference(buffer));
            return result == 0 ? MemoryMarshal.Read<int>(buffer[16..]) : 1;
        }
        catch (EntryPointNotFoundException)
        {
            return 1;
        }
    }

    private static int CountOnWindows(string path)
    {
        using var handle = File.OpenHandle(path);
        // BY_HANDLE_FILE_INFORMATION: nNumberOfLinks is the 32-bit field at offset 40 of 52 bytes.
        Span<byte> buffer = stackalloc byte[52];
        return GetFileInformationByHandle(handle.DangerousGetHandle(), ref MemoryMarshal.GetReference(buffer)) ? MemoryMarshal.Read<int>(buffer[40..]) : 1;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte buffer);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandle(nint handle, ref byte information);
}
