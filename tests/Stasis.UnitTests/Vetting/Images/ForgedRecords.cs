using System.Buffers.Binary;
using Stasis.Engine.Criu.Images;
using Stasis.Tests.Mutations;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>The records of one of the golden images, for a test to falsify.</summary>
internal sealed class ForgedRecords
{
    private readonly GoldenImages _images;
    private readonly string _name;

    /// <param name="images">The images.</param>
    /// <param name="kind">The image's name up to its number: "mountpoints-". The first of that kind counts.</param>
    public ForgedRecords(GoldenImages images, string kind)
    {
        _images = images;
        _name = images.Names.Order(StringComparer.Ordinal).First(name => ImageKind.Find(name)?.Kind.Name == kind);
        All = [.. new ImageReader(() => images.Open(_name), ImageKind.Find(_name)!.Value.Kind, _name)
            .Read()
            .Select(record => ImageNode.Parse(record.Data.Span, record.Message))];
    }

    public List<ImageNode> All { get; }

    /// <summary>The mount at a place; copies of it come before it.</summary>
    public ImageNode At(string point) => All.Last(record => record.Text("mountpoint") == point);

    /// <summary>Adds a copy of the mount at a place, with an ID of its own.</summary>
    public ImageNode AddCopy(string point)
    {
        var original = At(point);
        var copy = ImageNode.Parse(original.ToBytes(), ImageSchema.Message("mnt_entry")).Set("mnt_id", 900 + All.Count);
        All.Insert(0, copy);
        return copy;
    }

    /// <summary>Puts the records in the image's place, or in that of an image of another number.</summary>
    public void Write(string? name = null)
    {
        using var image = new MemoryStream();
        image.Write(_images.Images[_name].AsSpan(0, 8));
        Span<byte> length = stackalloc byte[4];
        foreach (var record in All.Select(record => record.ToBytes()))
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, record.Length);
            image.Write(length);
            image.Write(record);
        }
        _images.Images[name ?? _name] = image.ToArray();
    }
}
