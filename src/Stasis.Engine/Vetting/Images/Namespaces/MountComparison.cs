using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Namespaces;

/// <summary>Compares the mounts of the container's own namespace, one by one, with those that the spec implies.</summary>
internal sealed class MountComparison
{
    private readonly ImageVerification _verification;
    private readonly ExpectedMounts _expected;
    private readonly MountTree _tree;
    private readonly ILookup<uint, MountNode> _byDevice;
    private readonly HashSet<SpecMount> _missing;
    private readonly CriuMadeMountCheck _form;
    private readonly List<MountNode> _rest = [];

    public MountComparison(
        ImageVerification verification,
        CriuMadeMountCheck form,
        ExpectedMounts expected,
        MountTree tree,
        IReadOnlyList<MountNode> mounts)
    {
        (_verification, _form, _expected, _tree) = (verification, form, expected, tree);
        _byDevice = mounts.ToLookup(mount => mount.Device);
        _missing = [.. expected.Mounts.Where(mount => tree.At(mount.Destination) is null)];
    }

    private static RuleDescriptor Rule => MountTreeImageRule.Rule;

    /// <summary>Checks a mount; returns false if the spec has none at its place, and <see cref="CheckRest"/> decides.</summary>
    public bool Check(MountNode mount)
    {
        var wanted = _expected.At(mount.Point);
        CheckPropagation(mount, wanted);
        if (mount.IsRoot)
            CheckRoot(mount);
        else if (_expected.IsMask(mount))
            CheckMask(mount);
        else if (wanted is { Type: "cgroup", IsBind: false })
            CheckCgroup(mount, wanted);
        else if (wanted is not null)
            CheckWanted(mount, wanted);
        else if (_expected.IsReadOnlyPath(mount.Point) && IsReadOnlyBind(mount))
            CheckPart(mount);
        else if (_expected.IsConsole(mount.Point))
            CheckConsole(mount);
        else if (_expected.IsHierarchy(mount.Point) && _expected.At(ExpectedMounts.CgroupPath) is { } cgroups)
            CheckCgroup(mount, cgroups);
        else
        {
            _rest.Add(mount);
            return false;
        }
        return true;
    }

    /// <summary>
    /// Checks mounts that the spec has at no such place: a destination may lead through symbolic links of the image, and then the mount
    /// is elsewhere. The runtime resolves them too, and hands a bind over under its real place; it has no other keys.
    /// </summary>
    /// <param name="where">The image's name in messages.</param>
    public void CheckRest(string where)
    {
        // Mounts with the last name of their destination first, so that another one isn't taken for theirs.
        foreach (var mount in _rest.OrderBy(mount => Candidates(mount).Any(missing => IsNamed(missing, mount)) ? 0 : 1).ToList())
        {
            var candidates = Candidates(mount).ToList();
            if (candidates.Count == 0)
                RefuseUnknown(mount);
            else
                Match(
                    mount,
                    candidates.Find(missing => IsNamed(missing, mount)) ?? candidates.MaxBy(missing => missing.Required & mount.Flags)!,
                    candidates);
        }
        foreach (var missing in _missing)
        {
            const string Why = "a mount of the spec's is missing";
            if (_verification.Allowed.May("CAP_SYS_ADMIN"))
                _verification.Warn(Rule, where, missing.Destination, Why);
            else
                _verification.Refuse(Rule, where, missing.Destination, Why);
        }
    }

    private void CheckRoot(MountNode mount)
    {
        if (mount.IsExternal)
            Refuse(mount, "ext_key", mount.Key!, "the root is handed over by the runtime, under no key");
        if (_verification.Allowed.Spec.Root?.Readonly == true && !mount.HasFlags(MountNode.ReadOnly))
            Refuse(mount, "flags", "rw", "the root is writable, and the spec has it read-only");
    }

    private void CheckWanted(MountNode mount, SpecMount wanted)
    {
        CheckFlags(mount, wanted.Required);
        if (wanted.IsBind)
            CheckKey(mount);
        else if (CheckFileSystem(mount, wanted.FileSystem) && _form.Check(mount, wanted))
            CheckDevice(mount);
    }

    private void CheckKey(MountNode mount)
    {
        if (mount.Key != mount.Point)
            Refuse(
                mount,
                "ext_key",
                $"{mount.Key} on {mount.Point}",
                mount.IsExternal
                    ? "a mount from outside that the spec doesn't have there"
                    : "the spec has a bind mount there, and CRIU would mount it itself");
    }

    // Returns false if it was refused.
    private bool CheckFileSystem(MountNode mount, uint? wanted)
    {
        if (mount.IsExternal)
            Refuse(
                mount,
                "ext_key",
                $"{mount.Key} on {mount.Point}",
                "a mount from outside, and the spec has one of the container's own there");
        else if (mount.FileSystem != wanted)
            Refuse(mount, "fstype", $"{mount.FileSystem} on {mount.Point}", "CRIU would mount another file system than the spec has there");
        else if (mount.Root != "/")
            Refuse(mount, "root", $"{mount.Root} on {mount.Point}", "a part of a file system, and the spec has the whole");
        else
            return true;
        return false;
    }

    // cgroup v1: a tmpfs with a mount for each hierarchy, which the runtime hands over. cgroup2 is the file system itself. Without a cgroup
    // namespace, what CRIU mounted would be the host's.
    private void CheckCgroup(MountNode mount, SpecMount wanted)
    {
        var isFolder = mount.Point == ExpectedMounts.CgroupPath && mount.FileSystem == MountNode.Tmpfs;
        // Some runtimes leave the folder itself writable, and all of them its hierarchies as the spec says.
        CheckFlags(mount, isFolder ? wanted.Required & ~MountNode.ReadOnly : wanted.Required);
        if (mount.IsExternal && !isFolder)
        {
            CheckKey(mount);
            if (mount.FileSystem is not (MountNode.Cgroup or MountNode.Cgroup2))
                Refuse(mount, "fstype", $"{mount.FileSystem} on {mount.Point}", "no cgroup file system");
            return;
        }
        if (!isFolder && !(_expected.HasCgroupNamespace && mount.FileSystem is MountNode.Cgroup or MountNode.Cgroup2))
        {
            Refuse(mount, "fstype", $"{mount.FileSystem} on {mount.Point}", "CRIU would mount the host's cgroups, or no cgroups");
            return;
        }
        _verification.NeedsCgroupNamespace |= !isFolder;
        if (CheckFileSystem(mount, mount.FileSystem) && _form.Check(mount, isFolder ? null : wanted))
            CheckDevice(mount);
    }

    private void CheckMask(MountNode mount)
    {
        if (mount.IsExternal || !_form.Check(mount, null))
            return;
        // runc since 1.3 mounts one tmpfs over all masked folders.
        if (_byDevice[mount.Device].Any(other => other.IsExternal || !_expected.IsMask(other)))
            Refuse(mount, "root_dev", $"{mount.Device:x} on {mount.Point}", "the device number of another mount");
    }

    // A path of /proc or /sys that is made read-only: a bind of the path onto itself.
    private bool IsReadOnlyBind(MountNode mount) =>
        !mount.IsExternal && _tree.Covering(mount) is { FileSystem: MountNode.Proc or MountNode.Sysfs };

    private void CheckPart(MountNode mount)
    {
        var whole = _tree.Covering(mount)!;
        var path = mount.Point[whole.Point.TrimEnd('/').Length..];
        // MaskedPathImageRule requires ro, which a flag can allow to be missing.
        CheckFlags(mount, whole.Flags & (MountNode.NoSuid | MountNode.NoDev | MountNode.NoExec));
        if (IsPart(mount, whole) && mount.Root != whole.Root.TrimEnd('/') + path)
            Refuse(mount, "root", $"{mount.Root} on {mount.Point}", "it shows another path than its own");
        // Links to a process, and to what the process sees, would lead anywhere.
        else if (whole.FileSystem == MountNode.Proc
            && mount.Root.Split('/')[1] is var first
            && (first is "self" or "thread-self" or "net" or "mounts" || first.All(char.IsAsciiDigit)))
            Refuse(mount, "root", $"{mount.Root} on {mount.Point}", "a path of a process in /proc, which can lead out of it");
    }

    // runc and crun bind the first terminal of the container's own devpts.
    private void CheckConsole(MountNode mount)
    {
        if (_tree.At(ExpectedMounts.Terminals) is not { FileSystem: MountNode.Devpts, IsExternal: false } terminals)
            Refuse(mount, "mountpoint", mount.Point, "there are no terminals of the container's own that it could be one of");
        else if (IsPart(mount, terminals) && !(mount.Root.Length > 1 && mount.Root.Skip(1).All(char.IsAsciiDigit)))
            Refuse(mount, "root", $"{mount.Root} on {mount.Point}", "no terminal");
    }

    // CRIU binds mounts of one device number from one another; of a part of one, it uses nothing but root and flags.
    private bool IsPart(MountNode mount, MountNode whole)
    {
        if (!mount.IsExternal && mount.Device == whole.Device && mount.FileSystem == whole.FileSystem && mount.Source == whole.Source
            && mount.Options == whole.Options && mount.FileSystemFlags == whole.FileSystemFlags)
            return true;
        Refuse(mount, "root_dev", $"{mount.Device:x} on {mount.Point}", $"it isn't a part of the mount at {whole.Point}");
        return false;
    }

    private void CheckFlags(MountNode mount, uint required)
    {
        (uint Flag, string Name)[] names =
            [(MountNode.ReadOnly, "ro"), (MountNode.NoSuid, "nosuid"), (MountNode.NoDev, "nodev"), (MountNode.NoExec, "noexec")];
        foreach (var (_, name) in names.Where(entry => (required & ~mount.Flags & entry.Flag) != 0))
            Refuse(mount, "flags", $"{mount.Point}: not {name}", $"the spec mounts it with {name}");
    }

    private void CheckPropagation(MountNode mount, SpecMount? wanted)
    {
        var allowed = _expected.Propagation(wanted);
        if ((mount.Flags & (MountNode.Shared | MountNode.Slave | MountNode.Unbindable) & ~allowed) != 0
            || (mount.PeerGroup != 0 && (allowed & MountNode.Shared) == 0)
            || (mount.MasterGroup != 0 && (allowed & MountNode.Slave) == 0))
            ExtraMountImageRule.RefusePropagation(_verification, mount);
    }

    // CRIU makes the first mount of a device number, and binds the others from it, also from a mount of the runtime's. runc binds the
    // container's own /dev/null over masked files, under that key.
    private void CheckDevice(MountNode mount)
    {
        if (IsOthersDevice(mount))
            Refuse(
                mount,
                "root_dev",
                $"{mount.Device:x} on {mount.Point}",
                "the device number of another mount, which CRIU would bind there");
    }

    private bool IsOthersDevice(MountNode mount) => _byDevice[mount.Device].Any(other => !ReferenceEquals(other, mount)
        && !(mount.Point == "/dev" && other is { Key: "/dev/null", Root: "/null" } && _expected.IsMask(other))
        && !(!other.IsExternal && !other.IsRoot && other.Root != "/" && mount.Root == "/"));

    private IEnumerable<SpecMount> Candidates(MountNode mount) =>
        _missing.Where(missing => missing.IsBind ? mount.IsExternal : !mount.IsExternal && IsMovable(missing, mount));

    private static bool IsNamed(SpecMount missing, MountNode mount) => MountNode.LastName(missing.Destination) == mount.Name;

    private bool IsMovable(SpecMount missing, MountNode mount) => missing is { Type: "tmpfs" or "devpts" or "mqueue" }
        && missing.FileSystem == mount.FileSystem
        && _tree.Covering(mount) is not { FileSystem: MountNode.Proc or MountNode.Sysfs or MountNode.Cgroup or MountNode.Cgroup2 };

    // If several binds lead through links, which of them it is can't be told: then it may have to be as restricted as any.
    private void Match(MountNode mount, SpecMount found, List<SpecMount> candidates)
    {
        _missing.Remove(found);
        if (!found.IsBind)
        {
            CheckWanted(mount, found);
            return;
        }
        CheckKey(mount);
        CheckFlags(mount, candidates.Aggregate(found.Required, (all, candidate) => all & candidate.Required));
        var most = candidates.Aggregate(found.Required, (all, candidate) => all | candidate.Required);
        if (!mount.HasFlags(most))
            _verification.Refuse(
                SymlinkedMountImageRule.Rule,
                $"{mount.Where}: flags",
                mount.Point,
                "several binds of the spec lead through links of the image, and one of them has restrictions that this one hasn't",
                mount.Point);
    }

    // A bind mount of the host brings the mounts within it. CRIU recreates a tmpfs with its content; where another file system came from
    // can't be known from foreign images.
    private void RefuseUnknown(MountNode mount)
    {
        var isShared = _byDevice[mount.Device].Any(other => (other.IsExternal || other.IsRoot) && !ReferenceEquals(other, mount));
        if (mount is { FileSystem: MountNode.Tmpfs, Root: "/", IsExternal: false } && !isShared
            && _expected.BindAbove(mount.Point) is { } bind)
        {
            if (_form.Check(mount, null))
                _verification.Refuse(
                    Rule,
                    mount.Where,
                    mount.Point,
                    $"a file system in memory that the host had mounted within what is bound at {bind.Destination}: "
                        + "it would be made anew, the container's own, with what the archive says was in it",
                    mount.Point);
        }
        else if (mount.IsExternal || _form.Check(mount, null))
        {
            if (!ExtraMountImageRule.TryRefuse(_verification, mount, isShared))
                _verification.Refuse(
                    Rule,
                    mount.Where,
                    mount.Point,
                    "a mount that the spec doesn't have, and no process of the container could have made");
        }
    }

    private void Refuse(MountNode mount, string field, string value, string why) =>
        _verification.Refuse(Rule, $"{mount.Where}: {field}", value, why);
}
