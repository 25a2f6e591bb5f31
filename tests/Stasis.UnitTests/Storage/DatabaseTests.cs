using Stasis.Engine.Storage.Sqlite;
using Xunit;

namespace Stasis.UnitTests.Storage;

public sealed class DatabaseTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Is_made_private_and_in_WAL_mode()
    {
        using var database = Database.Open(_temp.Layout);
        Assert.Equal("wal", database.Query("PRAGMA journal_mode", r => r.Text(0)).Single());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_temp.Layout.Database));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_temp.Layout.Database + "-wal"));
    }

    [Fact]
    public void Leaves_nothing_but_the_reserve_beside_it_once_closed()
    {
        Database.Open(_temp.Layout).Dispose();
        var files = Directory.GetFiles(_temp.Layout.Root).Where(file => file != _temp.Layout.Reserve).ToList();
        Assert.All(files, file => Assert.StartsWith("stasis.db", Path.GetFileName(file)));
        Assert.Single(files, file => !file.EndsWith("-wal", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal));
    }

    [Fact]
    public void Many_may_make_it_at_once()
    {
        var databases = new Database[24];
        Parallel.For(0, databases.Length, new ParallelOptions { MaxDegreeOfParallelism = databases.Length }, i =>
        {
            databases[i] = Database.Open(_temp.Layout);
            databases[i].Execute("INSERT INTO volumes(name, created, anonymous) VALUES (?, 0, 0)", $"v{i}");
        });
        Assert.All(databases, d => Assert.Equal(databases.Length, d.Query("SELECT count(*) FROM volumes", r => r.Integer(0)).Single()));
        Assert.All(databases, d => d.Dispose());
    }

    [Fact]
    public void What_is_outside_of_it_is_taken_back_with_a_transaction_that_fails()
    {
        using var database = Database.Open(_temp.Layout);
        var undone = new List<int>();
        database.Transaction(() => database.OnRollback(() => undone.Add(1)));
        Assert.Empty(undone);
        Assert.Throws<IOException>(() => database.Transaction(() => database.Transaction(() =>
        {
            database.OnRollback(() => undone.Add(2));
            throw new IOException();
        })));
        Assert.Equal([2], undone);
        Assert.Throws<IOException>(() => database.Transaction(() => throw new IOException()));
        Assert.Equal([2], undone);
    }

    [Fact]
    public void A_newer_schema_is_refused()
    {
        using (var database = Database.Open(_temp.Layout))
            database.Execute("PRAGMA user_version=9999");
        var e = Assert.Throws<DatabaseException>(() => Database.Open(_temp.Layout));
        Assert.Contains("newer stasis", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public void File_that_is_no_database_is_named()
    {
        Directory.CreateDirectory(_temp.Layout.Root);
        using (var file = File.CreateText(_temp.Layout.Database))
            file.Write(new string('x', 8192));
        var e = Assert.Throws<DatabaseException>(() => Database.Open(_temp.Layout));
        Assert.Contains($"database {_temp.Layout.Database} is damaged", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_that_cannot_be_made_is_named()
    {
        using (File.Create(_temp.Layout.Root))
        {
        }
        var e = Assert.Throws<DatabaseException>(() => Database.Open(_temp.Layout));
        Assert.Contains(_temp.Layout.Database, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_transaction_is_all_or_nothing(bool durable)
    {
        using var database = Database.Open(_temp.Layout);
        Assert.Throws<InvalidOperationException>(() => database.Transaction(() =>
        {
            database.Execute("INSERT INTO volumes(name, created, anonymous) VALUES ('a', 0, 0)");
            throw new InvalidOperationException();
        }, durable));
        database.Transaction(() => database.Execute("INSERT INTO volumes(name, created, anonymous) VALUES ('b', 0, 0)"), durable);
        Assert.Equal(["b"], database.Query("SELECT name FROM volumes", r => r.Text(0)));
        Assert.Equal(1, database.Query("PRAGMA synchronous", r => r.Integer(0)).Single());
    }

    [Fact]
    public void A_full_disk_is_told_and_loses_nothing()
    {
        using var database = Database.Open(_temp.Layout);
        database.Execute("INSERT INTO volumes(name, created, anonymous) VALUES ('before', 0, 0)");
        var pages = database.Query("PRAGMA page_count", r => r.Integer(0)).Single();
        database.Execute($"PRAGMA max_page_count={pages}");
        var e = Assert.Throws<DatabaseException>(() => database.Transaction(() =>
        {
            for (var i = 0; i < 1000; i++)
                database.Execute("INSERT INTO volumes(name, created, anonymous) VALUES (?, 0, 0)", new string('x', 1000) + i);
        }));
        Assert.Contains("disk is full", e.Message, StringComparison.Ordinal);
        Assert.Equal(["before"], database.Query("SELECT name FROM volumes", r => r.Text(0)));
    }
}
