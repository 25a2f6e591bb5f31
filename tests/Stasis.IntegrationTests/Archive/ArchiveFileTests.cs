using System.Security.Cryptography;
using Stasis.Engine.Archive;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Streams;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Xunit;

namespace Stasis.IntegrationTests.Archive;

/// <summary>An archive's file on file systems that are full, or share blocks; mounted in a mount namespace of the test run's own.</summary>
public sealed class ArchiveFileTests : IDisposable
{
    private readonly string _home = Directory.CreateDirectory($"/var/tmp/stasis-test-{Guid.NewGuid():N}").FullName;

    private string MountPoint => Directory.CreateDirectory(Path.Combine(_home, "mount")).FullName;

    public void Dispose()
    {
        Mount.Unmount(MountPoint);
        FileTree.Remove(_home);
    }

    /// <summary>
    /// It is a thread that meets it: whoever gives the data must hear of it, in the middle or at the end, and not wait for ever; and no
    /// thread may stay.
    /// </summary>
    [Theory]
    [InlineData(12, 64)]
    [InlineData(40, 41)] // when all is given
    public async Task A_file_system_that_becomes_full_is_told(int size, int written)
    {
        Mount.Make("small", MountPoint, "tmpfs", MountFlags.None, $"size={size}m");
        using (var file = File.OpenHandle(Path.Combine(MountPoint, "file"), FileMode.CreateNew, FileAccess.ReadWrite))
        using (var stream = new HashingFileStream(file))
        {
            var error = Assert.Throws<IOException>(() =>
            {
                for (var i = 0; i < written; i++)
                    stream.Write(new byte[1 << 20]);
                stream.Complete();
            });
            Assert.Equal((int)Errno.ENOSPC, error.HResult);
        }

        await Eventually.TrueAsync(() => !Threads().Contains("archive sync"), "its thread to end");
    }

    /// <summary>Not compressed, an archive on btrfs takes no room for what CRIU has dumped there; and is read as any other.</summary>
    [Fact]
    public void Blocks_are_shared_where_they_can_be()
    {
        const int Large = 64 << 20;
        var image = Path.Combine(_home, "image");
        Run("truncate", "-s", "300M", image);
        Run("mkfs.btrfs", "-q", image);
        Run("mount", "-o", "loop", image, MountPoint);
        var (pages, archive) = (Path.Combine(MountPoint, "pages-1.img"), Path.Combine(MountPoint, "archive.tar"));
        var content = RandomNumberGenerator.GetBytes(Large + 100);
        File.WriteAllBytes(pages, content);
        var before = Free();

        string digest;
        using (var writer = ArchiveWriter.Create(archive, CompressionFormat.None))
        {
            writer.AddBytes("config.dump", "{}"u8);
            writer.AddFile("checkpoint/pages-1.img", pages);
            writer.AddFile("checkpoint/pages-2.img", pages);
            writer.Write(_ => { }, TestContext.Current.CancellationToken);
            writer.Commit();
            digest = writer.Digest!;
        }

        Assert.InRange(before - Free(), -Large / 8, Large / 8);
        Assert.Equal($"sha256:{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(archive)))}", digest);
        var folder = Directory.CreateDirectory(Path.Combine(_home, "unpacked")).FullName;
        ArchiveUnpacker.Unpack(archive, ArchiveReadSettings.Open, folder, _ => { }, TestContext.Current.CancellationToken);
        Assert.True(File.ReadAllBytes(Path.Combine(folder, "checkpoint/pages-1.img")).AsSpan().SequenceEqual(content));
        Assert.True(File.ReadAllBytes(Path.Combine(folder, "checkpoint/pages-2.img")).AsSpan().SequenceEqual(content));
    }

    private static List<string> Threads() => [.. Directory.GetDirectories("/proc/self/task").Select(task => TryRead($"{task}/comm"))];

    private static string TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
    }

    private long Free()
    {
        Run("sync", "-f", MountPoint);
        return new DriveInfo(MountPoint).TotalFreeSpace;
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
