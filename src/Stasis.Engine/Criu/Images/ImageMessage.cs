namespace Stasis.Engine.Criu.Images;

/// <summary>A message of CRIU's images, with its fields.</summary>
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
        foreach (var field in fields.Where(field => field.Count == ImageFieldCount.Required))
            Required |= 1UL << field.Index;
    }

    public string Name { get; }

    public IReadOnlyList<ImageField> Fields { get; }

    /// <summary>A bit for each required field, by <see cref="ImageField.Index"/>.</summary>
    public ulong Required { get; }

    public ImageField this[string name] => _byName[name];

    /// <summary>The field with a number; null if there is none.</summary>
    public ImageField? Find(ulong number) => number < (ulong)_byNumber.Length ? _byNumber[number] : null;

    /// <summary>The message that a field of kind <see cref="ImageFieldKind.Message"/> holds.</summary>
    public static ImageMessage ForField(ImageField field) => ImageSchema.Message(field.MessageName!);
}
