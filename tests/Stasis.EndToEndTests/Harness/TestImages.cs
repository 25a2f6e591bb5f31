using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Harness;

/// <summary>
/// Images that the tests make themselves: busybox, and statically linked programs compiled from tests/Stasis.EndToEndTests/Programs.
/// </summary>
public static class TestImages
{
    private static readonly SemaphoreSlim Making = new(1);

    /// <summary>Imports busybox, with the named programs in /bin, as an image of that name.</summary>
    public static async Task ImportBusyboxAsync(this StasisHost host, string name = "busybox", params string[] programs)
    {
        var tar = await RootfsAsync(programs);
        await host.OkAsync("image", "import", tar, name);
    }

    /// <summary>The tar that is imported. Made once for a set of programs: compiling takes longer than a test.</summary>
    public static async Task<string> RootfsAsync(params string[] programs)
    {
        var tar = Path.Combine(Path.GetTempPath(), $"stasis-rootfs-{Environment.ProcessId}-{string.Join('-', programs.Order())}.tar");
        await Making.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!File.Exists(tar))
                await MakeAsync(tar, programs);
            return tar;
        }
        finally
        {
            Making.Release();
        }
    }

    /// <summary>
    /// The tar of a root file system that eng/setup.sh --test unpacked, redis or postgres, with the named libraries in /lib.
    /// </summary>
    public static async Task<string> UnpackedAsync(string name, params string[] libraries)
    {
        var rootfs = Path.Combine(Environment.GetEnvironmentVariable("STASIS_REPO")
            ?? throw new InvalidOperationException("STASIS_REPO must name the repository: start the tests with eng/test.sh"),
                "artifacts/rootfs", name);
        Assert.True(Directory.Exists(rootfs), $"{rootfs} is missing: eng/setup.sh --test");
        var tar = Path.Combine(Path.GetTempPath(), $"stasis-rootfs-{Environment.ProcessId}-{name}.tar");
        await Making.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (File.Exists(tar))
                return tar;
            await ToolAsync("tar", "-C", rootfs, "-cf", tar + ".part", ".");
            foreach (var library in libraries)
            {
                var folder = Directory.CreateTempSubdirectory("stasis-library-").FullName;
                Directory.CreateDirectory(Path.Combine(folder, "lib"));
                await ToolAsync(
                    "gcc",
                    "-O1",
                    "-shared",
                    "-fPIC",
                    "-o",
                    Path.Combine(folder, "lib", library + ".so"),
                    Path.Combine(AppContext.BaseDirectory, "Programs", library + ".c"));
                await ToolAsync("tar", "-C", folder, "-rf", tar + ".part", "lib/" + library + ".so");
                FileTree.Remove(folder);
            }
            File.Move(tar + ".part", tar);
            return tar;
        }
        finally
        {
            Making.Release();
        }
    }

    private static async Task MakeAsync(string tar, string[] programs)
    {
        var root = Directory.CreateTempSubdirectory("stasis-rootfs-").FullName;
        foreach (var folder in (string[])["bin", "etc", "proc", "sys", "dev", "tmp", "run", "root", "var/tmp"])
            Directory.CreateDirectory(Path.Combine(root, folder));
        await ToolAsync("chmod", "755", root); // a temporary folder is its owner's alone
        await ToolAsync("chmod", "1777", Path.Combine(root, "tmp"), Path.Combine(root, "var/tmp"));
        await ToolAsync("cp", ExecutablePath.Find("busybox") ?? throw new InvalidOperationException("busybox is missing: eng/setup.sh"),
            Path.Combine(root, "bin/busybox"));
        await ToolAsync("chroot", root, "/bin/busybox", "--install", "/bin");
        await File.WriteAllTextAsync(Path.Combine(root, "etc/passwd"),
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n");
        await File.WriteAllTextAsync(Path.Combine(root, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
        foreach (var program in programs)
            await ToolAsync(
                "gcc",
                "-O1",
                "-static",
                "-pthread",
                "-o",
                Path.Combine(root, "bin", program),
                Path.Combine(AppContext.BaseDirectory, "Programs", program + ".c"));
        if (programs.Contains("files"))
            await ToolAsync("chroot", root, "/bin/files", "base", "/tree");
        await ToolAsync("tar", "-C", root, "-cf", tar + ".part", ".");
        File.Move(tar + ".part", tar);
        FileTree.Remove(root);
    }

    private static async Task ToolAsync(string program, params string[] arguments)
    {
        var result = await Spawn.RunAsync(new SpawnOptions { Program = program, Arguments = arguments }, StasisHost.TimeLimit,
            CancellationToken.None);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Error}");
    }
}
