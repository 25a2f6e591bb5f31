using Stasis.Engine.Checkpoints.Restore;
using Stasis.Engine.Criu;
using Stasis.Engine.Criu.Proto;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class UtsImageTests : IDisposable
{
    // utsns-11.img of CRIU 4.2: two magic numbers, a length, nodename "box", domainname "(none)".
    private static readonly byte[] Golden = [0x19, 0x43, 0x56, 0x54, 0x03, 0x32, 0x47, 0x54, 13, 0, 0, 0, 0x0a, 3, .. "box"u8, 0x12, 6, .. "(none)"u8];

    private readonly TempDirectory _temp = new();

    private string Image => Path.Combine(_temp.Path, "utsns-11.img");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Names_are_read_and_written_as_CRIU_does()
    {
        File.WriteAllBytes(Image, Golden);
        var names = ImageFile.ReadUts(Image)!;
        Assert.Equal(("box", "(none)"), (names.Nodename, names.Domainname));
        ImageFile.WriteUts(Image, names);
        Assert.Equal(Golden, File.ReadAllBytes(Image));
    }

    [Fact]
    public void A_new_hostname_takes_the_place_of_the_old_one_alone()
    {
        File.WriteAllBytes(Image, Golden);
        RestoredHostname.Replace(_temp.Path, "a-longer-one");
        Assert.Equal(("a-longer-one", "(none)"), (ImageFile.ReadUts(Image)!.Nodename, ImageFile.ReadUts(Image)!.Domainname));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(20)]
    public void A_file_cut_short_is_named(int length)
    {
        File.WriteAllBytes(Image, Golden[..length]);
        Assert.Contains(Image, Assert.Throws<InvalidDataException>(() => ImageFile.ReadUts(Image)).Message, StringComparison.Ordinal);
    }
}
