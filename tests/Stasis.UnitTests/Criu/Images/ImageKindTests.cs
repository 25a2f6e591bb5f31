using Stasis.Engine.Criu.Images;
using Xunit;

namespace Stasis.UnitTests.Criu.Images;

public class ImageKindTests
{
    [Theory]
    [InlineData("inventory.img", "inventory", 0)]
    [InlineData("core-17.img", "core-", 17)]
    [InlineData("pagemap-shmem-4.img", "pagemap-shmem-", 4)]
    [InlineData("ghost-file-1f.img", "ghost-file-", 31)]
    [InlineData("tmpfs-dev-51.tar.gz.img", "tmpfs-dev-", 51)]
    [InlineData("ipcns-var-11.img", "ipcns-var-", 11)]
    public void A_file_has_its_kind_and_number(string file, string kind, ulong number) =>
        Assert.Equal((kind, number), (ImageKind.Find(file)!.Value.Kind.Name, ImageKind.Find(file)!.Value.Number));

    [Theory]
    [InlineData("core-.img")]
    [InlineData("core-01.img")]
    [InlineData("core-+1.img")]
    [InlineData("core- 1.img")]
    [InlineData("core-1")]
    [InlineData("core-1.img.img")]
    [InlineData("inventory-1.img")]
    [InlineData("ghost-file-1F.img")]
    [InlineData("tmpfs-dev-51.img")]
    [InlineData("inventory.tar.gz.img")]
    [InlineData("core-99999999999999999999999.img")]
    [InlineData(".img")]
    [InlineData("")]
    [InlineData("-1.img")]
    public void A_name_that_CRIU_would_not_write_has_no_kind(string file) => Assert.Null(ImageKind.Find(file));

    [Fact]
    public void Statistics_are_no_image_of_a_dump() => Assert.Null(ImageKind.Find("stats-dump"));

    [Fact]
    public void Every_message_of_every_kind_is_known() =>
        Assert.All(
            ImageKind.All.Where(kind => kind.Message is not null),
            kind => Assert.NotEmpty(ImageSchema.Message(kind.Message!).Fields));

    [Fact]
    public void Every_message_that_a_field_holds_is_known_and_fits_into_a_set_of_64_fields() => Assert.All(ImageSchema.Names, name =>
    {
        var message = ImageSchema.Message(name);
        Assert.InRange(message.Fields.Count, 1, 64);
        Assert.Equal(message.Fields.Count, message.Fields.Select(field => field.Number).Distinct().Count());
        Assert.All(message.Fields.Where(field => field.MessageName is not null), field => Assert.NotNull(ImageMessage.ForField(field)));
    });
}
