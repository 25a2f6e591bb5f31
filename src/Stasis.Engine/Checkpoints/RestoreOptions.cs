using System.Globalization;
using Stasis.Engine.Containers;

namespace Stasis.Engine.Checkpoints;

/// <summary>What <c>container restore</c> asks for.</summary>
public sealed record RestoreOptions
{
    /// <summary>The archive; "-" is standard input.</summary>
    public string? Import { get; init; }
    /// <summary>Archive of the pre-checkpoint that the checkpoint builds on, where it doesn't hold it itself.</summary>
    public string? ImportPrevious { get; init; }
    /// <summary>Files of age identities, one of which decrypts the archives where they are encrypted.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];
    /// <summary>The archives must be signed.</summary>
    public bool RequireSignature { get; init; }
    /// <summary>File of SSH public keys, by one of which: as in a .pub file, or in ssh-keygen's allowed signers file. Null takes those that the import policy trusts.</summary>
    public string? Signers { get; init; }
    /// <summary>The archive's signature; null is the archive's path with ".sig".</summary>
    public string? Signature { get; init; }
    /// <summary>The checkpoint image, in place of an archive.</summary>
    public string? Image { get; init; }
    /// <summary>ID or tag of a checkpoint in the store, in place of an archive.</summary>
    public string? Checkpoint { get; init; }
    /// <summary>The container to restore in place, when there is neither archive nor image.</summary>
    public string? Container { get; init; }
    /// <summary>New name: then also a new ID.</summary>
    public string? Name { get; init; }
    /// <summary>Checkpoint, logs and statistics stay.</summary>
    public bool Keep { get; init; }
    /// <summary>Established TCP connections are kept.</summary>
    public bool TcpEstablished { get; init; }
    /// <summary>Established TCP connections are closed.</summary>
    public bool TcpClose { get; init; }
    /// <summary>File locks are kept.</summary>
    public bool FileLocks { get; init; }
    /// <summary>The addresses that it had, or was created with, are not asked for.</summary>
    public bool IgnoreStaticIp { get; init; }
    /// <summary>The same for its MAC addresses.</summary>
    public bool IgnoreStaticMac { get; init; }
    /// <summary>Networks in place of those that it had, as <see cref="CreateOptions.Networks"/>.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];
    /// <summary>Address, on its one network.</summary>
    public string? Ip { get; init; }
    /// <summary>MAC address, on its one network.</summary>
    public string? MacAddress { get; init; }
    /// <summary>Ports in place of those that it had, as <see cref="CreateOptions.Publish"/>.</summary>
    public IReadOnlyList<string> Publish { get; init; } = [];
    /// <summary>Hostname in place of the one it had. With <see cref="Name"/>, <c>{name}</c> in it is that, and <c>{n}</c> is <see cref="Copy"/>, or 1.</summary>
    public string? Hostname { get; init; }
    /// <summary>
    /// Whether the processes run before their memory is there, which then comes as they touch it, and in the background. Null: where the kernel can, and there is so much
    /// memory that it is worth it.
    /// </summary>
    public bool? Lazy { get; init; }
    /// <summary>How much an archive may ask of this host.</summary>
    public Archive.ArchiveLimits Limits { get; init; } = Archive.ArchiveLimits.Default;
    /// <summary>Changes to the root file system are not applied.</summary>
    public bool IgnoreRootfs { get; init; }
    /// <summary>Ports that it had are not published, unless <see cref="Publish"/> says so: of several copies only one could have them.</summary>
    public bool IgnorePorts { get; init; }
    /// <summary>Which of several copies it is, from 1 on.</summary>
    public int? Copy { get; init; }
    /// <summary>Values for the copy's identity file; the environment of its processes can't be changed.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();
    /// <summary>Signal that its first process gets as soon as it runs.</summary>
    public int? Signal { get; init; }
    /// <summary>Command, for the container's sh, that is run in it as soon as it runs. Unless its exit code is 0, the restore has failed.</summary>
    public string? Exec { get; init; }
    /// <summary>The OCI runtime that must have made the archive: a name or a path. Null takes the one that made it.</summary>
    public string? Runtime { get; init; }
    /// <summary>The archive's contents of volumes are not used: a volume that is there is taken as it is, another one is made empty.</summary>
    public bool IgnoreVolumes { get; init; }
    /// <summary>What the archive may ask for beyond a plain container: RULE:VALUE, as the findings of a refused import name it.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];
    /// <summary>The site's import policy, in place of /etc/stasis/import-policy.json.</summary>
    public string? Policy { get; init; }
    /// <summary>Under which names the archive's volumes are made, by their old names; those that aren't listed keep theirs.</summary>
    public IReadOnlyDictionary<string, string> Volumes { get; init; } = new Dictionary<string, string>();

    /// <summary>With what stands for the copy's name and number filled in; as it is if it has no name.</summary>
    internal RestoreOptions ExpandPlaceholders()
    {
        if (Name is not { } name)
            return this;
        return this with { Hostname = Hostname is null ? null : Fill(Hostname), Volumes = Volumes.ToDictionary(pair => pair.Key, pair => Fill(pair.Value)) };

        string Fill(string text) => text.Replace("{n}", (Copy ?? 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("{name}", name, StringComparison.Ordinal);
    }
}
