using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting;
using Stasis.Tests.Mutations;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>docs/image-fields.md says of each field of CRIU's images which rule holds it.</summary>
public sealed class ImageFieldTests
{
    private static readonly IReadOnlyList<ImageFieldRow> Rows = ImageFieldTable.Read(Path.Combine(Repository.Root, ImageFieldTable.Page));

    [Fact]
    public void Every_field_has_one_row_and_every_row_a_field()
    {
        var fields = ImageSchema.Names.SelectMany(name => ImageSchema.Message(name).Fields.Select(field => $"{name}.{field.Name}"));

        Assert.Equal(fields.Order(StringComparer.Ordinal), Rows.Select(row => row.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rules_exist() => Assert.All(
        Rows.SelectMany(row => row.Rules.Select(rule => (row, rule))),
        held => Assert.True(RuleCatalog.Images.Any(rule => rule.Id == held.rule), $"{held.row}: there is no rule {held.rule}"));

    [Fact]
    public void Messages_are_those_of_the_fields() => Assert.All(
        Rows,
        row =>
        {
            if (row.Inner is not null)
                Assert.Equal(ImageSchema.Message(row.Message)[row.Field].MessageName, row.Inner);
        });

    [Fact]
    public void A_reason_is_given_why_a_field_needs_no_rule() =>
        Assert.All(Rows.Where(row => row.IsLocal), row => Assert.True(row.Note.Length > 0, $"{row} is the container's own: why?"));
}
