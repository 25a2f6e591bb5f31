using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class UtsImageTests : IDisposable
{
    // utsns-11.img of CRIU 4.2: two magic numbers, a length, nodename "box", domainname "(none)".
    private static readonly byte[] Golden =
    [
        0x19, 0x43, 0x56, 0x54, 0x03, 0x32, 0x47, 0x54, 13, 0, 0, 0, 0x0a, 3, .. "box"u8, 0x12, 6, .. "(none)"u8,
    ];

    private readonly TempDirectory _temp = new();

    private string Image => Path.Combine(_temp.Path, "utsns-11.img");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Names_are_read_and_written_as_CRIU_does()
    {
        File.WriteAllBytes(Image, Golden);
        var names = UtsImage.Read(Image)!;
        Assert.Equal(("box", "(none)"), (names.Nodename, names.Domainname));
        names.WithNodename("box").Write(Image);
        Assert.Equal(Golden, File.ReadAllBytes(Image));
    }

    [Fact]
    public void A_new_hostname_replaces_the_old_one_and_nothing_else()
    {
        // Field 9 is one that a newer CRIU might write.
        byte[] names = [0x0a, 3, .. "box"u8, 0x12, 6, .. "(none)"u8, 0x48, 1];
        File.WriteAllBytes(Image, [.. Golden[..8], (byte)names.Length, 0, 0, 0, .. names]);
        CriuImageLinks.ReplaceHostname(_temp.Path, "a-longer-one");
        byte[] expected = [.. Golden[..8], (byte)(names.Length + 9), 0, 0, 0, 0x0a, 12, .. "a-longer-one"u8, .. names[5..]];
        Assert.Equal(expected, File.ReadAllBytes(Image));
        Assert.Equal(("a-longer-one", "(none)"), (UtsImage.Read(Image)!.Nodename, UtsImage.Read(Image)!.Domainname));
    }

    [Fact]
    public void A_missing_file_has_no_names() => Assert.Null(UtsImage.Read(Image));

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(20)]
    public void A_truncated_file_is_named_in_the_error(int length)
    {
        File.WriteAllBytes(Image, Golden[..length]);
        Assert.Contains(Image, Assert.Throws<InvalidDataException>(() => UtsImage.Read(Image)).Message, StringComparison.Ordinal);
    }
}
