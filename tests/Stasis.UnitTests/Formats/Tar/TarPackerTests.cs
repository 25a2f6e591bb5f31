using System.Text;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.UnitTests.Formats.Tar;

/// <summary>Trees with everything in them, to a tar and back, on our own and with GNU tar at the other end.</summary>
public sealed class TarPackerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    private string Source => Path.Combine(_directory, "source");

    private string Target => Path.Combine(_directory, "target");

    private string TarFile => Path.Combine(_directory, "tree.tar");

    public TarPackerTests()
    {
        Directory.CreateDirectory(Source);
        Directory.CreateDirectory(Target);
    }

    [Fact]
    public async Task Trees_are_packed_completely()
    {
        await MakeTree();
        Pack(new TarPackerOptions { IncludeRoot = true });
        Unpack();
        Assert.Equal(await Describe(Source), await Describe(Target));
    }

    [Fact]
    public async Task Sparse_files_stay_sparse()
    {
        await MakeTree();
        Pack(new TarPackerOptions { IncludeRoot = true, Sparse = true });
        Assert.True(new FileInfo(TarFile).Length < 8_000_000);
        Unpack();
        Assert.Equal(await Describe(Source), await Describe(Target));
        Assert.True(FileStatus.Read(Path.Combine(Target, "sparse")).Blocks < 1000);
    }

    [Fact]
    public async Task Gnu_tar_reads_what_we_write()
    {
        await MakeTree();
        Pack(new TarPackerOptions { IncludeRoot = true, Sparse = true });
        await Run(
            "tar",
            "--warning=no-timestamp",
            "--warning=no-unknown-keyword",
            "--xattrs",
            "--xattrs-include=*",
            "--numeric-owner",
            "-xpf",
            TarFile,
            "-C",
            Target);
        Assert.Equal(await Describe(Source), await Describe(Target));
    }

    [Theory]
    [InlineData("pax", false)]
    [InlineData("pax", true)]
    [InlineData("gnu", false)]
    [InlineData("gnu", true)]
    public async Task We_read_what_gnu_tar_writes(string format, bool sparse)
    {
        await MakeTree();
        string[] pax = format == "pax" ? ["--xattrs", "--xattrs-include=*"] : [];
        string[] holes = sparse ? ["--sparse"] : [];
        await Run("tar", [$"--format={format}", .. pax, .. holes, "--numeric-owner", "-cf", TarFile, "-C", Source, "."]);
        Unpack();
        var whole = format == "pax"; // the GNU format has neither fractions of a second nor extended attributes
        Assert.Equal(await Describe(Source, whole), await Describe(Target, whole));
    }

    [Theory]
    [InlineData("0.0")]
    [InlineData("0.1")]
    [InlineData("1.0")]
    public async Task Sparse_formats_of_GNU_are_read(string version)
    {
        await MakeTree();
        await Run(
            "tar",
            "--format=pax",
            "--sparse",
            $"--sparse-version={version}",
            "--xattrs",
            "--xattrs-include=*",
            "-cf",
            TarFile,
            "-C",
            Source,
            ".");
        Unpack();
        Assert.Equal(await Describe(Source), await Describe(Target));
    }

    [Fact]
    public void Filtered_entries_are_left_out()
    {
        foreach (var path in new[] { "kept/in", "skipped/kept", "gone/all" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Source, path))!);
            File.Create(Path.Combine(Source, path)).Dispose();
        }

        Pack(new TarPackerOptions
        {
            Prefix = "p/",
            Filter = static (path, _, _, in _) => Encoding.UTF8.GetString(path) switch
            {
                "skipped" => TarPackerChoice.Skip,
                "gone" => TarPackerChoice.SkipTree,
                _ => TarPackerChoice.Take,
            },
        });
        Assert.Equal(["p/kept", "p/kept/in", "p/skipped/kept"], Names());
    }

    [Fact]
    public async Task Sockets_are_left_out()
    {
        using var root = RootedPath.Open(Source);
        root.MakeNode("socket", FileType.Socket | 0x180);
        root.MakeNode("fifo", FileType.Fifo | 0x180);
        Pack(new TarPackerOptions());
        Assert.Equal(["fifo"], Names());
        Unpack();
        Assert.Equal("fifo p", (await Run("find", Target, "-mindepth", "1", "-printf", "%P %y")));
    }

    public void Dispose() => FileTree.Remove(_directory);

    private void Pack(TarPackerOptions options)
    {
        using var stream = File.Create(TarFile);
        var writer = new TarWriter(stream);
        TarPacker.Write(writer, Source, options, TestContext.Current.CancellationToken);
        writer.Finish();
    }

    private void Unpack()
    {
        using var stream = File.OpenRead(TarFile);
        using var reader = new TarReader(stream);
        using var root = RootedPath.Open(Target);
        TarExtractor.Extract(reader, root, new TarExtractorOptions { Devices = true }, TestContext.Current.CancellationToken);
    }

    private List<string> Names()
    {
        using var stream = File.OpenRead(TarFile);
        using var reader = new TarReader(stream);
        var names = new List<string>();
        while (reader.Next() is { } entry)
            names.Add(entry.NameText);
        return names;
    }

    private async Task MakeTree()
    {
        var script = """
            set -e
            mkdir -p a/b a/empty; ln -s b/file a/soft
            echo hello >a/b/file; chmod 640 a/b/file; chown 1000:1001 a/b/file
            ln a/b/file a/hard; ln -s /etc/passwd absolute; ln -s missing dangling
            ln -P a/soft a/soft-again
            printf x >setuid; chown 7:8 setuid; chmod 4755 setuid
            mkdir sticky; chmod 1777 sticky; mkdir readonly; touch readonly/in; chmod 555 readonly
            mkdir setgid; chgrp 5 setgid; chmod 2770 setgid
            mkfifo fifo; mknod null c 1 3; mknod block b 7 200; mknod big c 500 300000
            : >empty; truncate -s 10M sparse; printf data | dd of=sparse bs=1 seek=5000000 conv=notrunc status=none
            truncate -s 3M hole; truncate -s 1M tail; printf head | dd of=tail conv=notrunc status=none
            head -c 3000000 /dev/urandom >random
            chown 3000000:4000000 empty
            long=$(printf 'n%.0s' $(seq 200)); mkdir $long; echo long >$long/$long; ln -s $long/$long$long$long link-to-long
            ln $long/$long hard-to-long
            split=$(printf 'p%.0s' $(seq 90)); mkdir $split; echo split >$split/$split
            printf bytes >"$(printf 'latin\344\n1')"; echo umlaut >äöü; mkdir "$(printf '%s\377' $long)"
            touch -d '1969-12-31 23:59:58.5' before-epoch; touch -d '2500-01-01' far; touch -d '2020-01-02 03:04:05.123456789' exact
            touch -h -d '2001-01-01 00:00:00.25' absolute; touch -d '2002-02-02 02:02:02.5' a a/b a/empty sticky readonly .
            """;
        var result = await Spawn.RunAsync(
            new SpawnOptions { Program = "bash", Arguments = ["-c", script], WorkingDirectory = Source },
            null,
            TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Xattrs.Set(Path.Combine(Source, "random"), "user.binary", [0, 1, 10, 61, 255, 0]);
        Xattrs.Set(Path.Combine(Source, "random"), "trusted.empty", []);
        Xattrs.Set(Path.Combine(Source, "a"), "user.on.folder", "x"u8);
        Xattrs.Set(Path.Combine(Source, "absolute"), "trusted.on.link", "y"u8);
        // cap_net_raw+ep, as version 2 of struct vfs_cap_data
        Xattrs.Set(Path.Combine(Source, "setuid"), "security.capability", [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// <summary>Everything about a tree that must be the same: by find(1), content by hash, and extended attributes.</summary>
    private static async Task<string> Describe(string root, bool whole = true)
    {
        var time = whole ? "%T@" : "%Ts";
        var files = await Shell(
            root,
            $"find . -printf '%P|%y|%m|%U|%G|%l|%n|{time}|' \\( -type f -printf '%s' -o -true \\) \\( -type c -o -type b \\) "
                + "-exec stat -c ' %t:%T' {} \\; -o -printf '\\n' | LC_ALL=C sort");
        var content = await Shell(root, "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum");
        var same = await Shell(root, "ls -i a/b/file a/hard hard-to-long | awk '{print $1}' | uniq -c | awk '{print $1}'");
        var attributes = new StringBuilder();
        if (whole)
        {
            foreach (var path in Directory
                .EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
                .Prepend(root)
                .Where(p => !p.Contains('\uFFFD'))
                .Order(StringComparer.Ordinal))
            {
                foreach (var name in Xattrs.List(path).Order(StringComparer.Ordinal))
                    attributes.AppendLine($"{Path.GetRelativePath(root, path)} {name} {Convert.ToHexString(Xattrs.Get(path, name)!)}");
            }
        }

        return $"{files}\n{content}\n{same}\n{attributes}";
    }

    private static Task<string> Shell(string directory, string script) => Run("sh", "-c", $"cd {directory} && {script}");

    private static async Task<string> Run(string program, params string[] arguments)
    {
        var result = await Spawn.RunAsync(
            new SpawnOptions { Program = program, Arguments = arguments }, null, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }
}
