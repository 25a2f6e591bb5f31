using Stasis.Engine.Criu.Images;

namespace Stasis.UnitTests.Criu;

/// <summary>Records with their required fields alone: zeros and empty texts.</summary>
internal static class MinimalRecord
{
    public static ImageRecord Of(string name) => Of(ImageSchema.Message(name));

    private static ImageRecord Of(ImageMessage message)
    {
        var writer = new WireWriter();
        foreach (var field in message.Fields.Where(field => field.Count == ImageFieldCount.Required))
        {
            if (field.Kind == ImageFieldKind.Message)
                writer.Content(field, Of(ImageMessage.ForField(field)).Data.Span);
            else if (field.Kind is ImageFieldKind.Str or ImageFieldKind.Bytes)
                writer.Content(field, []);
            else
                writer.Number(field, 0);
        }
        return new ImageRecord(writer.Bytes, message);
    }
}
