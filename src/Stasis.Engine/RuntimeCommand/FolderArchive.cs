using Stasis.Engine.Formats.Tar;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>A folder with the entries of a checkpoint archive, as an image volume is, read as the archive that it would be.</summary>
internal static class FolderArchive
{
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
                TarPacker.Write(tar, folder);
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
}
