using System.Runtime.InteropServices;
using SQLitePCL;
using Stasis.Engine.Errors;
using Stasis.Linux.Files;
using static SQLitePCL.raw;

namespace Stasis.Engine.Storage.Sqlite;

/// <summary>
/// The SQLite database (WAL, any number of processes). Driven through SQLitePCLRaw alone: ADO.NET on top doubles the time to the first
/// query, which every command pays. One connection, its use serialised, so an engine may be shared by threads.
/// </summary>
internal sealed class Database : IDisposable
{
    // A kill or crash of stasis loses nothing that was committed, since the kernel has it. A power failure may lose the
    // last commits made with NORMAL but never the database's consistency; a durable transaction is FULL, and takes all
    // earlier commits to disk with it. So a verb needs one: the last, which makes what it reports true.
    private const string PerConnection = "PRAGMA synchronous=NORMAL";
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(30);

    private readonly string _path;
    private readonly sqlite3 _db;
    private readonly Lock _gate = new();
    private readonly List<Action> _undo = [];
    private bool _inTransaction;

    static Database()
    {
        // Debian's runtime package has only the versioned name. Where SQLite is linked statically this is never asked.
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_sqlite3).Assembly, (name, _, _) =>
            name == "sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", out var library) ? library : 0);
        SetProvider(new SQLite3Provider_sqlite3());
    }

    private Database(string path, sqlite3 db) => (_path, _db) = (path, db);

    /// <summary>Opens the layout's database, and makes it if it isn't there.</summary>
    /// <exception cref="DatabaseException">It can't be opened, isn't a database, or comes from a newer Stasis.</exception>
    public static Database Open(Layout layout)
    {
        if (!File.Exists(layout.Database))
            Create(layout);
        var database = Connect(layout.Database);
        try
        {
            database.Migrate();
            database.Execute(PerConnection);
            // Else each command that was the only one at the time would write the log back into the database, at two
            // fsyncs, when it ends. What stays of the log is read by the next one to open it, so it is kept short.
            _ = sqlite3_db_config(database._db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _);
            database.Execute("PRAGMA wal_autocheckpoint=256");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs a statement; gives the number of rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<SqlValue> arguments)
    {
        lock (_gate)
        {
            using var statement = Prepare(sql, arguments);
            while (Step(statement))
            {
            }
            return sqlite3_changes(_db);
        }
    }

    /// <summary>Runs a query and maps its rows. The map must not keep the row.</summary>
    public List<T> Query<T>(string sql, Func<Row, T> map, params ReadOnlySpan<SqlValue> arguments)
    {
        lock (_gate)
        {
            using var statement = Prepare(sql, arguments);
            var rows = new List<T>();
            while (Step(statement))
                rows.Add(map(new Row(statement)));
            return rows;
        }
    }

    /// <summary>
    /// All of <paramref name="work"/> or nothing. <paramref name="durable"/>: on disk when this returns, with all that was committed
    /// before. Nested, it is part of the outer one, and as durable as that is.
    /// </summary>
    public void Transaction(Action work, bool durable = false)
    {
        lock (_gate)
        {
            if (_inTransaction)
            {
                work();
                return;
            }
            if (durable)
                Execute("PRAGMA synchronous=FULL");
            Execute("BEGIN IMMEDIATE");
            _inTransaction = true;
            try
            {
                work();
                Execute("COMMIT");
            }
            catch
            {
                _undo.ForEach(undo => undo());
                // After some errors (a full disk) SQLite has rolled back by itself.
                if (sqlite3_get_autocommit(_db) == 0)
                    Execute("ROLLBACK");
                throw;
            }
            finally
            {
                _inTransaction = false;
                _undo.Clear();
                if (durable)
                    Execute(PerConnection);
            }
        }
    }

    /// <summary>In a transaction: what takes back a change outside of the database, should the transaction be rolled back.</summary>
    public void OnRollback(Action undo) => _undo.Add(undo);

    public void Dispose() => _db.Dispose();

    /// <summary>
    /// Made whole under a temporary name and linked into place, so that of several first commands one wins and nobody
    /// sees a half-made file.
    /// </summary>
    private static void Create(Layout layout)
    {
        var temporary = $"{layout.Database}.{Guid.NewGuid():N}";
        try
        {
            PrivateDirectory.Create(layout.Root, durable: true);
            new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
            using (var database = Connect(temporary))
            {
                database.Execute("PRAGMA journal_mode=WAL");
                database.Migrate();
            }
            File.Move(temporary, layout.Database, overwrite: false);
            FileSync.SyncDirectory(layout.Root);
            RemovalReserve.Keep(layout);
        }
        catch (IOException) when (File.Exists(layout.Database))
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DatabaseException($"database {layout.Database} can't be made: {FileErrorText.Why(e)}", 0, e)
            {
                Remedy = FileErrorText.Remedy(e, layout.Root),
            };
        }
        finally
        {
            if (File.Exists(temporary)) // else its folder may be missing, which Delete minds
                File.Delete(temporary);
        }
    }

    private static Database Connect(string path)
    {
        var code = sqlite3_open_v2(path, out var db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, null);
        var database = new Database(path, db);
        if (code != SQLITE_OK)
        {
            var failure = database.Failure(code);
            db.Dispose();
            throw failure;
        }
        _ = sqlite3_busy_timeout(db, (int)BusyTimeout.TotalMilliseconds);
        return database;
    }

    private void Migrate()
    {
        if (Version() == DatabaseSchema.Migrations.Count)
            return;
        Transaction(() =>
        {
            var version = Version();
            if (version > DatabaseSchema.Migrations.Count)
                throw new DatabaseException(
                    $"database {_path} was made by a newer stasis "
                    + $"(schema {version}, this one knows up to {DatabaseSchema.Migrations.Count})",
                    code: 0)
                {
                    Remedy = Remedy.Create($"use that version, or another {new RemedyOption(RemedyOptionKind.Root)}"),
                };
            foreach (var migration in DatabaseSchema.Migrations.Skip(version))
                ExecuteScript(migration);
            Execute($"PRAGMA user_version={DatabaseSchema.Migrations.Count}");
        }, durable: true);
    }

    private int Version() => Query("PRAGMA user_version", row => (int)row.Integer(0))[0];

    private void ExecuteScript(string sql)
    {
        var code = sqlite3_exec(_db, sql);
        if (code != SQLITE_OK)
            throw Failure(code);
    }

    private sqlite3_stmt Prepare(string sql, ReadOnlySpan<SqlValue> arguments)
    {
        var code = sqlite3_prepare_v2(_db, sql, out var statement);
        if (code != SQLITE_OK)
            throw Failure(code);
        for (var i = 0; i < arguments.Length; i++)
            arguments[i].Bind(statement, i + 1);
        return statement;
    }

    private bool Step(sqlite3_stmt statement) => sqlite3_step(statement) switch
    {
        SQLITE_ROW => true,
        SQLITE_DONE => false,
        var code => throw Failure(code),
    };

    private DatabaseException Failure(int code)
    {
        var extended = sqlite3_extended_errcode(_db);
        var (why, remedy) = (code & 0xff) switch
        {
            SQLITE_CORRUPT or SQLITE_NOTADB =>
                ("is damaged", "restore it from a backup, or move it away to start with an empty one (containers' files stay)"),
            SQLITE_READONLY or SQLITE_CANTOPEN or SQLITE_PERM or SQLITE_AUTH =>
                ("can't be opened for writing", "run as root, on a file system that isn't read-only"),
            SQLITE_FULL => ("can't be written: the disk is full", "make room; what was recorded before is still there"),
            SQLITE_IOERR => ("can't be read or written", "look for disk errors in the kernel's log (dmesg); make room if the disk is full"),
            SQLITE_BUSY or SQLITE_LOCKED =>
                ($"is held by another process for more than {BusyTimeout.TotalSeconds:0} s", "find it with: fuser -v " + _path),
            _ => ("refused a statement", null),
        };
        return new DatabaseException($"database {_path} {why}: {sqlite3_errmsg(_db).utf8_to_string()}", extended) { Remedy = remedy };
    }
}
