namespace Stasis.Engine.Images;

/// <summary>Tables of images: part of the database's first migration.</summary>
internal static class ImageTables
{
    // layers is a JSON array of chain IDs, lowest first; config is the image's configuration, byte for byte. A name may
    // be one by digest, NAME@sha256:….
    public const string Sql =
        """
        CREATE TABLE images(
            id TEXT PRIMARY KEY,
            manifest_digest TEXT,
            layers TEXT NOT NULL,
            config TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE image_names(
            name TEXT PRIMARY KEY,
            image_id TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX image_names_by_image ON image_names(image_id);
        CREATE TABLE layers(
            chain_id TEXT PRIMARY KEY,
            diff_id TEXT NOT NULL,
            size INTEGER NOT NULL) WITHOUT ROWID;

        """;

    /// <summary>Annotations of the manifest, a JSON object; a migration of its own.</summary>
    public const string Annotations = "ALTER TABLE images ADD COLUMN annotations TEXT";
}
