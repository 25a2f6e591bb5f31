using Stasis.Engine.Images;

namespace Stasis.Engine.Storage.Sqlite;

/// <summary>The database's tables. A change of them is a new entry at the end; what was released is never edited.</summary>
internal static class DatabaseSchema
{
    /// <summary>Entry n brings a database from user_version n to n + 1.</summary>
    public static readonly IReadOnlyList<string> Migrations =
        [Containers + ImageTables.Sql, VolumeLabels, ImageTables.Annotations, Checkpoints, LocalArchives, OwnFiles, CheckpointSigners];

    // config, spec and state are JSON of the records of the same names; times are Unix milliseconds.
    private const string Containers =
        """
        CREATE TABLE containers(
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL UNIQUE,
            image_id TEXT,
            layers TEXT NOT NULL,
            config TEXT NOT NULL,
            spec TEXT NOT NULL,
            state TEXT NOT NULL);
        CREATE TABLE operations(
            container_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            step TEXT NOT NULL,
            data TEXT,
            since INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE exits(
            container_id TEXT PRIMARY KEY,
            code INTEGER NOT NULL,
            at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE volumes(
            name TEXT PRIMARY KEY,
            created INTEGER NOT NULL,
            anonymous INTEGER NOT NULL) WITHOUT ROWID;

        """;

    // modified and changed are in nanoseconds. Of a checkpoint that isn't on disk for sure, boot is the boot in which the kernel has it.
    private const string Checkpoints =
        """
        CREATE TABLE checkpoints(
            id TEXT PRIMARY KEY,
            origin TEXT NOT NULL,
            container_id TEXT NOT NULL,
            container_name TEXT NOT NULL,
            image TEXT,
            created INTEGER NOT NULL,
            used INTEGER NOT NULL,
            digest TEXT,
            boot TEXT) WITHOUT ROWID;
        CREATE INDEX checkpoints_digest ON checkpoints(digest);
        CREATE TABLE checkpoint_tags(
            tag TEXT PRIMARY KEY,
            checkpoint_id TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE checkpoint_sources(
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            checkpoint_id TEXT NOT NULL,
            PRIMARY KEY(device, inode)) WITHOUT ROWID;
        ALTER TABLE containers ADD COLUMN checkpoint TEXT;
        ALTER TABLE containers ADD COLUMN checkpoint_layer INTEGER NOT NULL DEFAULT 0;
        """;

    private const string VolumeLabels = "ALTER TABLE volumes ADD COLUMN labels TEXT NOT NULL DEFAULT '{}'";

    private const string CheckpointSigners = "ALTER TABLE checkpoints ADD COLUMN signer TEXT";

    private const string LocalArchives = "CREATE TABLE own_archives(digest TEXT PRIMARY KEY, written INTEGER NOT NULL) WITHOUT ROWID";

    // Which file it was given as, as in checkpoint_sources; in which boot.
    private const string OwnFiles =
        """
        ALTER TABLE own_archives ADD COLUMN length INTEGER;
        ALTER TABLE own_archives ADD COLUMN device INTEGER;
        ALTER TABLE own_archives ADD COLUMN inode INTEGER;
        ALTER TABLE own_archives ADD COLUMN modified INTEGER;
        ALTER TABLE own_archives ADD COLUMN changed INTEGER;
        ALTER TABLE own_archives ADD COLUMN boot TEXT;
        """;
}
