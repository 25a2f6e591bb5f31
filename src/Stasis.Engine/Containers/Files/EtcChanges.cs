using System.Text;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// Changes that a container's programs made in the files that are written anew at each start and restore: lines that they added to
/// /etc/hosts, and the whole of /etc/hostname and /etc/resolv.conf. Lines that they removed from /etc/hosts come back: they name the
/// container's own addresses.
/// </summary>
internal static class EtcChanges
{
    /// <summary>The longest file whose changes are kept, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private const string Hosts = "hosts", Hostname = "hostname";
    private const int Mode = 0x1A4; // 0644: every user of the container reads them

    private static readonly string[] Names = [Hosts, Hostname, "resolv.conf"];

    /// <summary>Keeps what was written into a file, to be compared with.</summary>
    public static void KeepWritten(ContainerLayout paths, string name, ReadOnlySpan<byte> content)
    {
        if (Names.Contains(name))
            AtomicFile.Write(paths.WrittenEtcFile(name), content, durable: false);
    }

    /// <summary>The changes, by the file's name.</summary>
    /// <param name="paths">The container's paths.</param>
    /// <param name="warn">Told of changes that aren't kept.</param>
    public static Dictionary<string, string> Find(ContainerLayout paths, Action<string> warn)
    {
        var changes = new Dictionary<string, string>();
        foreach (var name in Names.Where(name => File.Exists(paths.WrittenEtcFile(name)) && File.Exists(paths.EtcFile(name))))
        {
            var length = new FileInfo(paths.EtcFile(name)).Length;
            if (length > MaxBytes)
            {
                warn($"/etc/{name} has {length} bytes: what was changed in it is not kept, as it is longer than {MaxBytes}");
                continue;
            }
            var (written, now) = (File.ReadAllText(paths.WrittenEtcFile(name)), File.ReadAllText(paths.EtcFile(name)));
            var change = name == Hosts ? FindAdded(written, now) : now;
            if (written != now && change.Length > 0)
                changes[name] = change;
        }
        return changes;
    }

    /// <summary>Makes the changes in files that have just been written.</summary>
    /// <param name="changes">The changes, by the file's name.</param>
    /// <param name="paths">The container's paths.</param>
    /// <param name="hasNewHostname">Whether the container has another hostname than at the checkpoint.</param>
    public static void Apply(IReadOnlyDictionary<string, string> changes, ContainerLayout paths, bool hasNewHostname)
    {
        foreach (var name in Names.Where(name => File.Exists(paths.WrittenEtcFile(name))))
        {
            if (!changes.TryGetValue(name, out var change) || (name == Hostname && hasNewHostname))
                continue;
            var text = name == Hosts ? File.ReadAllText(paths.EtcFile(name)) + change : change;
            AtomicFile.Write(paths.EtcFile(name), Encoding.UTF8.GetBytes(text), Mode, durable: false);
        }
    }

    private static string FindAdded(string written, string now)
    {
        var known = written.Split('\n').ToHashSet();
        return string.Concat(now.Split('\n').Where(line => line.Length > 0 && !known.Contains(line)).Select(line => line + "\n"));
    }
}
