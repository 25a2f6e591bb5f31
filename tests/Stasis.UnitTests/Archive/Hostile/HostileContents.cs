using Stasis.Engine.Archive;
using Stasis.UnitTests.Formats.Tar;

namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>Archives with nothing wrong but in the tars that they hold.</summary>
internal static class HostileContents
{
    private static readonly string[] Entries = ["rootfs-diff.tar", "devshm-checkpoint.tar", "volumes/data.tar"];

    public static IEnumerable<Hostile> All => Entries.SelectMany(Of);

    private static IEnumerable<Hostile> Of(string entry)
    {
        Hostile In(string name, byte[] tar, string message, ArchiveLimits? limits = null) =>
            new(
                "contents",
                $"{entry}: {name}",
                RawTar.Begun.Add(entry, tar).End(),
                $"entry {entry}: {message}")
            { Limits = limits ?? ArchiveLimits.Default };
        Hostile Tar(string name, RawTar tar, string message) => In(name, tar.End(), message);

        yield return Tar("absolute", new RawTar().Add("/etc/evil", "x"), "tar, offset 512: entry /etc/evil: its name is absolute");
        yield return Tar("climbing", new RawTar().Add("a/../../evil", "x"), "tar, offset 512: entry a/../../evil: its name climbs out");
        yield return Tar("a folder that climbs", new RawTar().Add("../evil/", ""), "tar, offset 512: entry ../evil/: its name climbs out");
        yield return Tar(
            "through a link",
            new RawTar().Add("a", [], '2', "/etc").Add("a/evil", "x"),
            "tar, offset 1024: entry a/evil: it would be written through the link a");
        yield return Tar(
            "through a link, by another way",
            new RawTar().Add("./a/b", [], '2', "../..").Add("a//b/./evil", "x"),
            "tar, offset 1024: entry a//b/./evil: it would be written through the link a/b");
        yield return Tar(
            "through two links",
            new RawTar().Add("a", [], '2', "b").Add("b", [], '2', "/").Add("a/x", "x"),
            "tar, offset 1536: entry a/x: it would be written through the link a");
        yield return Tar(
            "a folder through a link",
            new RawTar().Add("a", [], '2', "..").Add("a/b/", ""),
            "tar, offset 1024: entry a/b/: it would be written through the link a");
        yield return Tar(
            "a hard link to outside",
            new RawTar().Add("a", [], '1', "/etc/passwd"),
            "tar, offset 512: entry a: a hard link to what is outside");
        yield return Tar(
            "a hard link that climbs",
            new RawTar().Add("a", [], '1', "../../etc/passwd"),
            "tar, offset 512: entry a: a hard link to what is outside");
        yield return Tar("a link to nothing", new RawTar().Add("a", [], '2'), "tar, offset 512: entry a: a link to nothing");
        yield return Tar(
            "a link in the root's place",
            new RawTar().Add(".", [], '2', "/etc"),
            "tar, offset 512: entry .: has the name of a folder, and is none");
        yield return Tar(
            "a file in the root's place",
            new RawTar().Add("a/.", "x"),
            "tar, offset 512: entry a/.: has the name of a folder, and is none");
        yield return Tar("an unknown type", new RawTar().Add("a", [], 's'), "tar, offset 512: entry a: unknown type 's'");
        yield return Tar(
            "control characters", new RawTar().Add("/\u001b[2J", "x"), "tar, offset 512: entry /\\u001b[2J: its name is absolute");
        yield return Tar(
            "a sparse file of 4 EiB",
            new RawTar().Pax(RawTar.Record("GNU.sparse.map", "0,1"), RawTar.Record("GNU.sparse.size", "4611686018427387904")).Add("a", "x"),
            "tar, offset 1536: entry a: it has 4611686018427387904 bytes");
        yield return Tar(
            "a pax header of 2 MiB",
            new RawTar().Add("pax", new byte[2 << 20], 'x').Add("a", "x"),
            "tar, offset 512: entry pax: extended header of 2097152 bytes");
        yield return Tar(
            "a name of 5000 bytes",
            new RawTar().Pax(RawTar.Record("path", new string('a', 5000))).Add("a", "x"),
            $"tar, offset 6144: entry {new string('a', 300)}…: a name of more than 4095 bytes");
        yield return In(
            "cut",
            new RawTar().Add("a", new byte[3000]).Unended()[..2000],
            "tar, offset 2000: entry a: ends within the entry's content: truncated");
        yield return In("without an end", new RawTar().Add("a", "x").Unended(), "tar, offset 1024: ends without an end-of-archive marker");
        yield return In("something behind it", [.. new RawTar().Add("a", "x").End(), 1], "tar, offset 2048: trailing data behind its end");
        yield return In(
            "a second tar",
            [.. new RawTar().Add("a", "x").End(), .. new RawTar().Add("b", "x").End()],
            "tar, offset 2048: trailing data behind its end");
        yield return In("no tar", Tars.Bytes(new string('x', 2000)), "tar, offset 512: entry");
        yield return In("nothing", [], "tar, offset 0: ends without an end-of-archive marker");
        yield return In(
            "too many entries",
            Enumerable.Range(0, 60).Aggregate(new RawTar(), (tar, i) => tar.Add($"f{i}", "")).End(),
            "it has more than 50 entries",
            new ArchiveLimits { MaxEntries = 50 });
    }
}
