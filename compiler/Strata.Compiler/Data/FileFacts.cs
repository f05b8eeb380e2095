using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Strata.Compiler.Data;

/// <summary>What the operating system knows of a file and .NET does not tell: whether it is a regular file, and how many names it has.</summary>
/// <param name="IsRegular">False for devices, pipes and sockets, whose reading may never end and which must not be replaced; true where the platform does not tell.</param>
/// <param name="Links">The number of hard links, through which data outside a folder can be reached that no path check sees; 1 where the platform does not tell.</param>
[SuppressMessage("Interoperability", "CA1416", Justification = "Each call stands behind its platform check.")]
internal readonly partial record struct FileFacts(bool IsRegular, int Links)
{
    private static readonly FileFacts Untold = new(true, 1);

    /// <summary>The facts of an existing file; symbolic links are followed.</summary>
    public static FileFacts Of(string path)
    {
        if (OperatingSystem.IsWindows()) return OnWindows(path);
        return OperatingSystem.IsLinux() ? OnLinux(path) : Untold;
    }

    private static FileFacts OnLinux(string path)
    {
        // statx(2): in struct statx (256 bytes) stx_nlink is the 32-bit field at offset 16, stx_mode the 16-bit one at 28.
        const int AtFdCwd = -100, StatxType = 1, StatxNlink = 4, TypeMask = 0xF000, Regular = 0x8000;
        Span<byte> buffer = stackalloc byte[256];
        try
        {
            if (Statx(AtFdCwd, path, 0, StatxType | StatxNlink, ref MemoryMarshal.GetReference(buffer)) != 0) return Untold;
            return new((MemoryMarshal.Read<ushort>(buffer[28..]) & TypeMask) == Regular, MemoryMarshal.Read<int>(buffer[16..]));
        }
        catch (EntryPointNotFoundException)
        {
            return Untold;
        }
    }

    private static FileFacts OnWindows(string path)
    {
        using var handle = File.OpenHandle(path);
        // BY_HANDLE_FILE_INFORMATION: nNumberOfLinks is the 32-bit field at offset 40 of 52 bytes. It is given for files on disk only.
        Span<byte> buffer = stackalloc byte[52];
        return GetFileInformationByHandle(handle.DangerousGetHandle(), ref MemoryMarshal.GetReference(buffer)) ? new(true, MemoryMarshal.Read<int>(buffer[40..])) : new(false, 1);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte buffer);

    [LibraryImport("kernel32", EntryPoint = "GetFileInformationByHandle")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandle(nint handle, ref byte information);
}
