using Stasis.UnitTests.Formats.Tar;

namespace Stasis.UnitTests.Archive.Hostile;

/// <summary>Names that lead elsewhere, or that no archive has.</summary>
internal static class HostileNames
{
    public static IEnumerable<Hostile> All =>
    [
        Named("../evil", "entry ../evil: its name climbs out"),
        Named("./../evil", "entry ./../evil: its name climbs out"),
        Named("checkpoint/../../evil", "entry checkpoint/../../evil: its name climbs out"),
        Named("checkpoint/..", "entry checkpoint/..: its name climbs out"),
        Named("volumes/../evil.tar", "entry volumes/../evil.tar: its name climbs out"),
        Named("artifacts/a/../../../evil", "entry artifacts/a/../../../evil: its name climbs out"),
        Named("/etc/evil", "entry /etc/evil: its name is absolute"),
        Named("//evil", "entry //evil: its name is absolute"),
        Named(".//etc/evil", "entry /etc/evil: a checkpoint archive has no such entry"),
        Named("checkpoint//x.img", "entry checkpoint//x.img: a checkpoint archive has no such entry"),
        Named("checkpoint/./x.img", "entry checkpoint/./x.img: a checkpoint archive has no such entry"),
        Named("checkpoint/sub/x.img", "entry checkpoint/sub/x.img: a checkpoint archive has no such entry"),
        Named("volumes/a/b.tar", "entry volumes/a/b.tar: a checkpoint archive has no such entry"),
        Named("volumes/a.sh", "entry volumes/a.sh: a checkpoint archive has no such entry"),
        Named("bin/sh", "entry bin/sh: a checkpoint archive has no such entry"),
        Named("checkpoint", "entry checkpoint: a checkpoint archive has no such entry (File)"),
        Named("config.dump/", "entry config.dump: it is there twice"),
        Named("network.status/", "entry network.status: a checkpoint archive has no such entry (Directory)"),
        Named(".", "entry : a checkpoint archive has no such entry (File)"),
        Named("checkpoint/a\nb", "entry checkpoint/a\\u000ab: its name has control characters"),
        Named("checkpoint/\u001b[2J", "entry checkpoint/\\u001b[2J: its name has control characters"),
        Named("checkpoint/\u00ff", "an entry's name is not UTF-8"),
        Named("", "an entry without a name"),
        new(
            "names",
            "a file, by a pax header",
            RawTar.Begun.Pax(RawTar.Record("path", "../evil")).Add("ctr.log", "x").End(),
            "entry ../evil: its name climbs out"),
        new(
            "names",
            "an absolute one, by a pax header",
            RawTar.Begun.Pax(RawTar.Record("path", "/evil")).Add("ctr.log", "x").End(),
            "entry /evil: its name is absolute"),
        new(
            "names",
            "by a global pax header",
            RawTar.Begun.Add("pax", Tars.Bytes(RawTar.Record("path", "../global")), 'g').Add("ctr.log", "x").End(),
            "entry ../global: its name climbs out"),
        new(
            "names",
            "by GNU's long name",
            RawTar.Begun.Add("././@LongLink", "../../long\0"u8, 'L').Add("ctr.log", "x").End(),
            "entry ../../long: its name climbs out"),
        new(
            "names",
            "by the header's prefix",
            RawTar.Begun.Add("evil", "x"u8, change: header => "../.."u8.CopyTo(header.AsSpan(345))).End(),
            "entry ../../evil: its name climbs out"),
        new("names", "by a sparse file's", Sparse("../sparse"), "entry ../sparse: its name climbs out"),
        new(
            "names",
            "with a zero byte",
            RawTar.Begun.Pax(RawTar.Record("path", "checkpoint/a\0b")).Add("ctr.log", "x").End(),
            "pax record path holds a zero byte"),
        new(
            "names",
            "of 5000 bytes",
            RawTar.Begun.Pax(RawTar.Record("path", "artifacts/" + new string('a', 5000))).Add("ctr.log", "x").End(),
            "an entry's name of 5010 bytes: more than 4095 are refused"),
        new("duplicates", "a file", RawTar.Begun.Add("config.dump", "{ }").End(), "entry config.dump: it is there twice"),
        new(
            "duplicates",
            "an image",
            RawTar.Begun.Add("checkpoint/a.img", "1").Add("checkpoint/a.img", "2").End(),
            "entry checkpoint/a.img: it is there twice"),
        new("duplicates", "with ./ before it", RawTar.Begun.Add("./spec.dump", "{ }").End(), "entry spec.dump: it is there twice"),
        new(
            "duplicates",
            "a folder",
            RawTar.Begun.Add("checkpoint/", "").Add("checkpoint", [], '5').End(),
            "entry checkpoint: it is there twice"),
        new(
            "duplicates",
            "by a pax header",
            RawTar.Begun.Pax(RawTar.Record("path", "config.dump")).Add("ctr.log", "x").End(),
            "entry config.dump: it is there twice"),
        new(
            "duplicates",
            "a link and a file",
            RawTar.Begun.Add("checkpoint/parent", [], '2', "/").Add("checkpoint/parent", "x").End(),
            "entry checkpoint/parent: it is there twice"),
    ];

    private static Hostile Named(string name, string message) =>
        new("names", $"\"{name}\"", RawTar.Begun.Add(name, name.EndsWith('/') ? "" : "x").End(), message);

    private static byte[] Sparse(string name) => RawTar.Begun
        .Pax(
            RawTar.Record("GNU.sparse.major", "1"),
            RawTar.Record("GNU.sparse.minor", "0"),
            RawTar.Record("GNU.sparse.name", name),
            RawTar.Record("GNU.sparse.realsize", "10"))
        .Add("ctr.log", RawTar.Blocks("1\n10\n0\n"u8)).End();
}
