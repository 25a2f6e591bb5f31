using System.Net;
using Stasis.Engine.Criu;
using Stasis.Engine.Criu.Images;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class FilesImageTests : IDisposable
{
    private const ulong Inet = 2, Inet6 = 10;
    private static readonly ImageKind Kind = ImageKind.Get("files");

    // As CRIU writes them: words of 32 bits in memory's order.
    private static readonly ulong Old = Word(10, 88, 0, 5), New = Word(10, 88, 0, 9), Other = Word(192, 0, 2, 1);
    private static readonly ulong Mapped = Word(0, 0, 255, 255), Prefix = Word(0xfd, 0, 0, 0x90);
    private static readonly ulong[] Old6 = [Prefix, 0, 0, Word(0, 0, 0, 5)], New6 = [Prefix, 0, 0, Word(0, 0, 0, 9)];

    private static readonly Dictionary<IPAddress, IPAddress> Moved = new()
    {
        [IPAddress.Parse("10.88.0.5")] = IPAddress.Parse("10.88.0.9"),
        [IPAddress.Parse("fd00:90::5")] = IPAddress.Parse("fd00:90::9"),
    };

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Sockets_move_with_the_container_s_address()
    {
        Write(
            Socket(Inet, [Old], [Other]), Socket(Inet, [Old], [Old]), Socket(Inet6, Old6, [0, 0, 0, 0]),
            Socket(Inet6, [0, 0, Mapped, Old], [0, 0, Mapped, Other]), File("/data"));
        Assert.True(FilesImage.HasSocketAt(_temp.Path, Moved));
        FilesImage.MoveSockets(_temp.Path, Moved);
        Assert.False(FilesImage.HasSocketAt(_temp.Path, Moved));
        var files = Read();
        Assert.Equal([New, Other], Addresses(files[0]));
        Assert.Equal([New, New], Addresses(files[1]));
        Assert.Equal([.. New6, 0, 0, 0, 0], Addresses(files[2]));
        Assert.Equal([0, 0, Mapped, New, 0, 0, Mapped, Other], Addresses(files[3]));
        Assert.Equal(File("/data").Data.ToArray(), files[4].Data.ToArray());
    }

    [Fact]
    public void Sockets_at_other_addresses_stay()
    {
        Write(Socket(Inet, [0], [Other]), Socket(Inet6, [0, 0, 0, 0], [0, 0, 0, 0]), File("/data"));
        var before = System.IO.File.ReadAllBytes(PathOfImage);
        Assert.False(FilesImage.HasSocketAt(_temp.Path, Moved));
        FilesImage.MoveSockets(_temp.Path, Moved);
        Assert.Equal(before, System.IO.File.ReadAllBytes(PathOfImage));
    }

    [Fact]
    public void Sizes_are_dropped_of_the_named_files_alone()
    {
        Write(File("/etc/hosts"), File("/etc/hosts2"));
        FilesImage.DropSizes(_temp.Path, ["/etc/hosts"]);
        Assert.Equal([false, true], Read().Select(file => file.Child("reg")!.Value.Has("size")));
    }

    private string PathOfImage => Path.Combine(_temp.Path, Kind.TheFile);

    private static ulong Word(byte a, byte b, byte c, byte d) => BitConverter.ToUInt32([a, b, c, d]);

    private static ImageRecord Socket(ulong family, ulong[] source, ulong[] destination) => MinimalRecord.Of("file_entry").With(
        "isk",
        MinimalRecord.Of("inet_sk_entry").With("family", family).WithNumbers("src_addr", source).WithNumbers("dst_addr", destination));

    private static ImageRecord File(string name) =>
        MinimalRecord.Of("file_entry").With("reg", MinimalRecord.Of("reg_file_entry").With("name", name).With("size", 100));

    private static ulong[] Addresses(ImageRecord file) =>
        [.. file.Child("isk")!.Value.Numbers("src_addr"), .. file.Child("isk")!.Value.Numbers("dst_addr")];

    private void Write(params ImageRecord[] files) => LocalImageFile.Write(PathOfImage, Kind, files);

    private List<ImageRecord> Read() => LocalImageFile.Read(PathOfImage, Kind);
}
