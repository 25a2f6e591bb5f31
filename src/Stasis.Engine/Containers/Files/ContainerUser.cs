using System.Globalization;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeSpec;

namespace Stasis.Engine.Containers.Files;

/// <summary>
/// A user of a container's own /etc/passwd and /etc/group (passwd(5), group(5)), looked up by the rules of moby/sys/user, as in
/// Podman and runc.
/// </summary>
/// <param name="Uid">User ID.</param>
/// <param name="Gid">Group ID.</param>
/// <param name="Groups">IDs of the supplementary groups.</param>
/// <param name="Home">Home directory.</param>
internal sealed record ContainerUser(uint Uid, uint Gid, IReadOnlyList<uint> Groups, string Home)
{
    /// <summary>
    /// Looks up "user[:group]", each a name or a number; null or "" is root. A number needn't be in the files, a name must.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="passwd">Content of /etc/passwd.</param>
    /// <param name="group">Content of /etc/group.</param>
    /// <exception cref="StasisException">A name isn't in the files, or a number is out of range.</exception>
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
        if (groupName.Length > 0)
            return found with { Gid = FindGroup(groupName, group) };
        // Without a named group, a user also has the groups that list it as a member.
        var memberships = entry is null ? [] : Lines(group, 4).Where(fields => fields[3].Split(',').Contains(entry[0]));
        return found with { Groups = [.. memberships.Select(fields => InRange(Number(fields[2]), fields[0]))] };
    }

    /// <summary>Converts the user to the spec's form.</summary>
    /// <param name="umask">The process's umask.</param>
    /// <param name="asked">The user was named explicitly: as in Podman, its own group is then among the supplementary groups.</param>
    public OciUser ToSpec(uint? umask, bool asked)
    {
        IReadOnlyList<uint>? groups = Groups.Count > 0 ? Groups : null;
        if (asked)
            groups = [.. Groups.Prepend(Gid).Distinct()];
        return new OciUser { Uid = Uid, Gid = Gid, Umask = umask, AdditionalGids = groups };
    }

    private static uint FindGroup(string name, string group)
    {
        var number = Number(name);
        var entry = Lines(group, 4).FirstOrDefault(fields => fields[0] == name || (number is { } gid && Number(fields[2]) == gid));
        if (entry is null && number is null)
            throw new StasisException($"unable to find group {name}: no matching entries in group file");
        return InRange(entry is null ? number : Number(entry[2]), name);
    }

    // Lines with too few fields are skipped, as in the C library.
    private static IEnumerable<string[]> Lines(string file, int count) =>
        file.Split('\n').Select(line => line.Trim().Split(':')).Where(fields => fields.Length >= count && !fields[0].StartsWith('#'));

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static uint InRange(long? id, string name) => id is >= 0 and <= int.MaxValue
        ? (uint)id.Value
        : throw new StasisException($"user {name}: uids and gids must be in range 0-{int.MaxValue}");
}
