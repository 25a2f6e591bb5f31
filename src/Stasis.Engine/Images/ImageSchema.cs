namespace Stasis.Engine.Images;

/// <summary>Tables of images: part of the database's first migration.</summary>
internal static class ImageSchema
{
    public const string Sql = "";
}
