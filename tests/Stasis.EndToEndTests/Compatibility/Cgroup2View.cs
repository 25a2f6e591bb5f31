using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Stasis.EndToEndTests.Attacks;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.EndToEndTests.Compatibility;

/// <summary>
/// A mount namespace in which cgroup2 is all that is mounted of cgroups, on a machine with v1 too. The kernel shows no v1 controller in
/// cgroup2 then: such limits can't be tried.
/// </summary>
public sealed class Cgroup2View : IDisposable
{
    private const string Hold =
        "umount -R /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && echo $$ && exec sleep infinity";

    private readonly ChildProcess _holder;

    private Cgroup2View(ChildProcess holder, int pid) =>
        (_holder, Prefix) = (holder, ["nsenter", string.Create(CultureInfo.InvariantCulture, $"--mount=/proc/{pid}/ns/mnt"), "--"]);

    /// <summary>What comes before a command that is to see it.</summary>
    public IReadOnlyList<string> Prefix { get; }

    /// <summary>Makes the view.</summary>
    /// <param name="onHost">Makes a command one of the host.</param>
    public static async Task<Cgroup2View> CreateAsync(Func<string[], SpawnOptions> onHost)
    {
        var (read, write) = Pipe.Create();
        var command = onHost(["unshare", "--mount", "sh", "-c", Hold]);
        ChildProcess holder;
        using (write)
            holder = Spawn.Start(command with { Descriptors = new Dictionary<int, SafeFileHandle> { [1] = write } });
        using var reader = new StreamReader(new FileStream(read, FileAccess.Read));
        var line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(line);
        return new Cgroup2View(holder, int.Parse(line, CultureInfo.InvariantCulture));
    }

    /// <summary>Takes out of an archive what a host without v1 wouldn't have put into it: the kernel lists every hierarchy.</summary>
    public static void RemoveLegacyHierarchies(string archive)
    {
        var changed = HostileArchive.Read(archive);
        changed.Image("cgroup.img", records =>
        {
            var cgroup = records[0];
            var (sets, controllers) = (cgroup.Children("sets"), cgroup.Children("controllers"));
            cgroup.Remove("sets").Remove("controllers");
            foreach (var set in sets)
            {
                var unified = set.Children("ctls").Where(controller => controller.Record.Text("name").Length == 0).ToList();
                set.Remove("ctls");
                foreach (var controller in unified)
                    set.Add("ctls", controller);
                cgroup.Add("sets", set);
            }
            foreach (var controller in controllers.Where(controller => controller.Record.Texts("cnames").All(name => name.Length == 0)))
                cgroup.Add("controllers", controller);
        });
        changed.Write(archive);
    }

    public void Dispose()
    {
        _holder.Signal(Signals.Kill);
        _holder.Wait();
        _holder.Dispose();
    }
}
