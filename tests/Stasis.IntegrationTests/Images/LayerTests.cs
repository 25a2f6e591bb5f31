using System.Text;
using Stasis.Engine.Common;
using Stasis.Engine.Formats.Tar;
using Stasis.Linux.Files;
using Stasis.Linux.Mounts;
using Xunit;

namespace Stasis.IntegrationTests.Images;

/// <summary>Layers with everything in them, against what GNU tar and the kernel's overlay make of them.</summary>
public sealed class LayerTests : IDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly ImageFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Nothing_of_a_layer_is_lost()
    {
        var tree = await MakeTreeAsync("tree");
        var image = await _fixture.Images.ImportAsync(await PackAsync(tree), "torture", null, Cancellation);
        Assert.Equal(Describe(tree), Describe(_fixture.Engine.Layout.Layer(image.Layers[0])));
    }

    [Fact]
    public async Task Whiteouts_and_opaque_folders_hide_what_lies_below()
    {
        var below = await MakeTreeAsync("below");
        var above = Directory.CreateDirectory(_fixture.InHome("above")).FullName;
        await ImageFixture.RunAsync("sh", "-ec", $"""
            cd {above}
            mkdir -p etc opaque/sub dir
            touch etc/.wh.gone 'etc/.wh.never there' dir/.wh.sub
            touch opaque/.wh..wh..opq; echo new > opaque/new; echo deep > opaque/sub/deep
            echo replaced > setuid; ln -s etc was-a-folder
            touch .wh.fifo .wh..wh.plnk
            chmod 711 .; chown 5:6 etc; touch -d '2001-02-03 04:05:06.789' etc dir opaque
            """);
        new OciLayout(_fixture.InHome("layout")).Image("two", [await File.ReadAllBytesAsync(await PackAsync(below), Cancellation), await File.ReadAllBytesAsync(await PackAsync(above), Cancellation)]);
        var image = await _fixture.Images.PullAsync($"oci:{_fixture.InHome("layout")}:two", null, Cancellation);
        Assert.Equal(2, image.Layers.Count);

        // What the two make together, by hand.
        await ImageFixture.RunAsync("sh", "-ec", $"""
            cd {below}
            rm -r etc/gone dir/sub opaque fifo was-a-folder
            cd {above}
            find . -name '.wh.*' -delete
            tar --xattrs -C {above} -cf - . | tar --xattrs -C {below} -xpf -
            touch -d '2001-02-03 04:05:06.789' {below}/etc {below}/dir {below}/opaque
            """);
        string Made(string name) => Directory.CreateDirectory(_fixture.InHome(name)).FullName;
        var merged = Made("merged");
        Overlay.Make(merged, [.. image.Layers.Reverse().Select(_fixture.Engine.Layout.Layer)], Made("upper"), Made("work"));
        try
        {
            // The root's time is the only thing that pulling it apart and together by hand doesn't keep.
            Assert.Equal(Describe(below).Where(line => !line.StartsWith(". ", StringComparison.Ordinal)), Describe(merged).Where(line => !line.StartsWith(". ", StringComparison.Ordinal)));
            Assert.Equal(0x1C9u, FileStatus.Read(_fixture.Engine.Layout.Layer(image.Layers[1])).Permissions);
        }
        finally
        {
            Mount.Unmount(merged);
        }
        var top = _fixture.Engine.Layout.Layer(image.Layers[1]);
        Assert.True(Overlay.IsWhiteout(FileStatus.Read(Path.Combine(top, "etc/gone"))));
        Assert.True(Overlay.IsOpaque(Path.Combine(top, "opaque")));
        Assert.False(Overlay.IsOpaque(Path.Combine(top, "dir")));
    }

    [Fact]
    public async Task A_layer_that_says_nothing_of_its_root_has_that_of_the_layer_below()
    {
        var below = Directory.CreateDirectory(_fixture.InHome("below")).FullName;
        await ImageFixture.RunAsync("sh", "-ec", $"chmod 1741 {below}; chown 7:8 {below}");
        new OciLayout(_fixture.InHome("layout")).Image("two", [await File.ReadAllBytesAsync(await PackAsync(below), Cancellation), ImageFixture.OneFile("a", "1")]);
        var image = await _fixture.Images.PullAsync($"oci:{_fixture.InHome("layout")}:two", null, Cancellation);
        var root = FileStatus.Read(_fixture.Engine.Layout.Layer(image.Layers[1]));
        Assert.Equal((0x3E1u, 7u, 8u), (root.Permissions, root.Uid, root.Gid));

        var imported = await _fixture.Images.ImportAsync(_fixture.MakeTar("rootfs"), "one", null, Cancellation);
        Assert.Equal(0x1EDu, FileStatus.Read(_fixture.Engine.Layout.Layer(imported.Layers[0])).Permissions);
    }

    [Fact]
    public async Task Layers_are_shared_and_unpacked_once()
    {
        var shared = ImageFixture.OneFile("shared", "s");
        new OciLayout(_fixture.InHome("one")).Image("one", [shared, ImageFixture.OneFile("one", "1")]);
        new OciLayout(_fixture.InHome("two")).Image("two", [shared, ImageFixture.OneFile("two", "22")]);
        var one = await _fixture.Images.PullAsync($"oci:{_fixture.InHome("one")}:one", null, Cancellation);
        var inode = FileStatus.Read(_fixture.Engine.Layout.Layer(one.Layers[0])).Inode;
        var two = await _fixture.Images.PullAsync($"oci:{_fixture.InHome("two")}:two", null, Cancellation);
        Assert.Equal(one.Layers[0], two.Layers[0]);
        Assert.Equal(Digests.Chain(one.Layers[0], Digests.Compute(ImageFixture.OneFile("one", "1"))), one.Layers[1]);
        Assert.Equal(inode, FileStatus.Read(_fixture.Engine.Layout.Layer(one.Layers[0])).Inode);
        Assert.Equal(3, _fixture.Layers.Length);
        Assert.Equal((2, 3), (one.Size, two.Size));
    }

    /// <summary>Every kind of file, with all that a tar can say of it.</summary>
    private async Task<string> MakeTreeAsync(string name)
    {
        var tree = Directory.CreateDirectory(_fixture.InHome(name)).FullName;
        await ImageFixture.RunAsync("bash", "-ec", $"""
            cd {tree}
            mkdir -p etc dir/sub opaque/sub was-a-folder
            echo gone > etc/gone; echo stays > etc/stays; echo old > opaque/old; echo x > opaque/sub/x; echo y > dir/sub/y; echo z > was-a-folder/z
            echo hi > setuid; chown 1000:2000 setuid; chmod 6755 setuid
            mkdir sticky; chmod 1777 sticky
            ln setuid hardlink; ln -s ../outside symlink; ln -s /etc/passwd absolute
            mkfifo fifo; chmod 640 fifo
            mknod null c 1 3; mknod disk b 8 17; chown 3:4 disk
            head -c 300000 /dev/urandom > big
            mkdir secret; echo s > secret/s; chmod 000 secret/s; chmod 500 secret
            printf x > $'not-\xff-utf8'; printf x > "$(printf 'n%.0s' $(seq 200))"
            touch -d '1999-12-31 23:59:59.123456789' etc/stays; touch -h -d '2000-01-01 00:00:00.5' symlink
            touch -d '2010-01-01' dir opaque etc secret sticky .
            """);
        Xattrs.Set(Path.Combine(tree, "big"), "user.binary", [0, 1, (byte)'=', (byte)'\n', 0xFF, 0]);
        Xattrs.Set(Path.Combine(tree, "big"), "trusted.mine", "t"u8);
        // cap_net_raw=ep, VFS_CAP_REVISION_2.
        Xattrs.Set(Path.Combine(tree, "big"), "security.capability", [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        return tree;
    }

    private static async Task<string> PackAsync(string tree)
    {
        await ImageFixture.RunAsync("tar", "--format=pax", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-C", tree, "-cf", tree + ".tar", ".");
        return tree + ".tar";
    }

    /// <summary>All that a tar of the tree has, an entry a line, content by its digest.</summary>
    private static List<string> Describe(string tree)
    {
        using var stream = new MemoryStream();
        var writer = new TarWriter(stream);
        TarPacker.Write(writer, tree, new TarPackerOptions { IncludeRoot = true }, Cancellation);
        writer.Finish();
        stream.Position = 0;
        using var reader = new TarReader(stream);
        var lines = new List<string>();
        while (reader.Next() is { } e)
        {
            var content = new MemoryStream();
            reader.Data.CopyTo(content);
            var xattrs = string.Join(' ', e.Xattrs.OrderBy(x => x.Key, StringComparer.Ordinal).Select(x => $"{x.Key}={Convert.ToHexString(x.Value)}"));
            lines.Add($"{Encoding.Latin1.GetString(e.Name.Span).TrimEnd('/')} {e.Type} {Convert.ToString(e.Mode, 8)} {e.Uid}:{e.Gid} {e.ModifiedSeconds}.{e.ModifiedNanoseconds} {e.Size} {e.LinkNameText} {e.DeviceMajor},{e.DeviceMinor} {xattrs} {Digests.Compute(content.ToArray())}");
        }
        return lines;
    }
}
