namespace Stasis.Engine.Criu.Images;

/// <summary>A kind of record in CRIU's images: its fields.</summary>
internal sealed class ImageMessage
{
    private readonly Dictionary<string, ImageField> _byName;
    private readonly ImageField?[] _byNumber;

    public ImageMessage(string name, IReadOnlyList<ImageField> fields)
    {
        Name = name;
        Fields = fields;
        _byName = fields.ToDictionary(field => field.Name);
        _byNumber = new ImageField?[fields.Max(field => field.Number) + 1];
        foreach (var field in fields)
            _byNumber[field.Number] = field;
        Required = fields.Where(field => field.Count == ImageFieldCount.Required).Aggregate(0UL, (set, field) => set | (1UL << field.Index));
    }

    public string Name { get; }

    public IReadOnlyList<ImageField> Fields { get; }

    /// <summary>A bit for each field that must be there, by <see cref="ImageField.Index"/>.</summary>
    public ulong Required { get; }

    public ImageField this[string name] => _byName[name];

    /// <summary>The field of that number, or null.</summary>
    public ImageField? Find(ulong number) => number < (ulong)_byNumber.Length ? _byNumber[number] : null;

    /// <summary>The message that a field holds.</summary>
    public static ImageMessage ForField(ImageField field) => ImageSchema.Message(field.MessageName!);
}
