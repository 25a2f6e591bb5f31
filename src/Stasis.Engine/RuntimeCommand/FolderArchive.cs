using System.Text;
using Stasis.Engine.Archive;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>A folder with the entries of a checkpoint archive, as an image volume is, read as the archive that it would be.</summary>
internal static class FolderArchive
{
    private const int BlockSize = 512; // as stat(2) counts

    /// <summary>Opens it.</summary>
    /// <param name="folder">The folder, of which nothing but names and contents is believed: they are checked as an archive's.</param>
    /// <returns>A tar, which a thread writes while it is read.</returns>
    public static Stream Open(string folder)
    {
        var (read, write) = Pipe.Create();
        new Thread(() =>
        {
            using var stream = new FileStream(write, FileAccess.Write);
            try
            {
                var tar = new TarWriter(stream);
                TarPacker.Write(tar, folder, new TarPackerOptions { Filter = RefuseHoles });
                tar.Finish();
            }
            catch (Exception e) when (e is IOException or LinuxException or TarException)
            {
                return; // the reader has gone, or finds a tar that ends early
            }
        })
        {
            IsBackground = true,
            Name = "folder as archive",
        }.Start();
        return new FileStream(read, FileAccess.Read);
    }

    // A file of holes takes no room there, and would be written out here.
    private static TarPackerChoice RefuseHoles(
        ReadOnlySpan<byte> path, DirectoryHandle folder, ReadOnlySpan<byte> name, in FileStatus status)
    {
        var limits = ArchiveLimits.Default;
        return status.IsRegularFile && status.Size > limits.RatioFrom && status.Size / limits.MaxRatio > (long)status.Blocks * BlockSize
            ? throw new TarException(0, Encoding.UTF8.GetString(path), "it has hardly any blocks for its length: it is sparse")
            : TarPackerChoice.Take;
    }
}
