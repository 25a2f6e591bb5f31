using System.Globalization;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci.Spec;

namespace Stasis.Engine.Containers.Create;

/// <summary>A user as the container's own /etc/passwd and /etc/group know it (passwd(5), group(5); rules of moby/sys/user, as Podman and runc).</summary>
internal sealed record ContainerUser(uint Uid, uint Gid, IReadOnlyList<uint> Groups, string Home)
{
    /// <summary>Looks up "user[:group]", each a name or a number; null or "" is root. A number needn't be known; a name must.</summary>
    /// <exception cref="StasisException">A name isn't there, or a number is out of range.</exception>
    public static ContainerUser Find(string? user, string passwd, string group)
    {
        var parts = (user ?? "").Split(':', 2);
        var (userName, groupName) = (parts[0] is "" ? "0" : parts[0], parts.Length > 1 ? parts[1] : "");
        var number = Number(userName);
        var entry = Lines(passwd, 7).FirstOrDefault(fields => fields[0] == userName || (number is { } uid && Number(fields[2]) == uid));
        if (entry is null && number is null)
            throw new StasisException($"unable to find user {userName}: no matching entries in passwd file");

        var found = new ContainerUser(
            InRange(entry is null ? number : Number(entry[2]), userName),
            InRange(entry is null ? 0 : Number(entry[3]), userName),
            [],
            entry is not null && entry[5].Length > 0 ? entry[5] : "/");
        return groupName.Length > 0
            ? found with { Gid = FindGroup(groupName, group) }
            // Of a user whose group wasn't named, the groups that list it count too.
            : found with { Groups = entry is null ? [] : [.. Lines(group, 4).Where(fields => fields[3].Split(',').Contains(entry[0])).Select(fields => InRange(Number(fields[2]), fields[0]))] };
    }

    /// <summary>As the runtime wants it. Of a user that was asked for, its own group is among the supplementary ones, as with Podman.</summary>
    public OciUser ToSpec(uint? umask, bool asked) =>
        new() { Uid = Uid, Gid = Gid, Umask = umask, AdditionalGids = asked ? [.. Groups.Prepend(Gid).Distinct()] : Groups.Count > 0 ? Groups : null };

    private static uint FindGroup(string name, string group)
    {
        var number = Number(name);
        var entry = Lines(group, 4).FirstOrDefault(fields => fields[0] == name || (number is { } gid && Number(fields[2]) == gid));
        if (entry is null && number is null)
            throw new StasisException($"unable to find group {name}: no matching entries in group file");
        return InRange(entry is null ? number : Number(entry[2]), name);
    }

    // Lines that are short of fields are passed over, as the C library does.
    private static IEnumerable<string[]> Lines(string file, int count) =>
        file.Split('\n').Select(line => line.Trim().Split(':')).Where(fields => fields.Length >= count && !fields[0].StartsWith('#'));

    private static long? Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static uint InRange(long? id, string name) =>
        id is >= 0 and <= int.MaxValue ? (uint)id.Value : throw new StasisException($"user {name}: uids and gids must be in range 0-{int.MaxValue}");
}
