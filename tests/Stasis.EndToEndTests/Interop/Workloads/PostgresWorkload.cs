using System.Globalization;
using Xunit;

namespace Stasis.EndToEndTests.Interop.Workloads;

/// <summary>
/// A PostgreSQL server with a client that is in the middle of a transaction: what it has written nobody else sees until it commits.
/// </summary>
public sealed class PostgresWorkload : Workload
{
    /// <summary>What the container runs: the server, and the client's transaction.</summary>
    public const string Script = """
        PATH=/postgresql/bin:$PATH PGHOST=/tmp PGUSER=postgres; export PATH PGHOST PGUSER
        postgres -D /var/lib/postgresql/data -k /tmp -c fsync=off &
        until pg_isready -q; do sleep 0.05; done
        psql -q -c 'CREATE TABLE numbers AS SELECT generate_series(1, 10000) AS n'
        psql -qAt >/tmp/result <<'SQL'
        BEGIN;
        INSERT INTO numbers SELECT generate_series(10001, 11000);
        \! touch /tmp/begun; until test -e /tmp/go; do sleep 0.05; done
        INSERT INTO numbers VALUES (11001);
        COMMIT;
        SELECT count(*), sum(n) FROM numbers;
        \! touch /tmp/committed
        SQL
        wait
        """;

    public override string Title => "PostgreSQL, in a transaction";

    // Root without CAP_SYS_RESOURCE may not read other users' limits, so that CRIU can't dump their processes: there the server runs as
    // root, and takes itself for user 999.
    public override IReadOnlyList<string> RunOptions =>
        ["--network", "podman", .. HasSysResource() ? ["--user", "999:999"] : (string[])["--env", "LD_PRELOAD=/lib/euid.so"]];

    public override async Task BeginAsync(Side side, string container)
    {
        await WaitForAsync(side, container, "/tmp/begun");
        await AmidTransactionAsync(side, container);
    }

    public override async Task CheckAsync(Side side, string container)
    {
        await AmidTransactionAsync(side, container);
        await side.ShellAsync(container, "touch /tmp/go");
        await WaitForAsync(side, container, "/tmp/committed");
        Assert.Equal("11001|60516501", await side.ShellAsync(container, "cat /tmp/result"));
        Assert.Equal("11001", await AskAsync(side, container, "SELECT count(*) FROM numbers"));
    }

    // CAP_SYS_RESOURCE is bit 24 (linux/capability.h).
    private static bool HasSysResource() =>
        (ulong.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapEff:", StringComparison.Ordinal)).Split('\t')[1],
            NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> 24 & 1) != 0;

    private static async Task AmidTransactionAsync(Side side, string container) => Assert.Equal(
        "10000|idle in transaction",
            await AskAsync(side, container,
                "SELECT (SELECT count(*) FROM numbers), state FROM pg_stat_activity WHERE query LIKE 'INSERT%'"));

    private static Task<Stasis.Linux.Processes.ProgramResult> WaitForAsync(Side side, string container, string path) =>
        Eventually.GetAsync(() => side.RunAsync("exec", container, "test", "-e", path), result => result.ExitCode == 0);

    private static Task<string> AskAsync(Side side, string container, string query) =>
        side.OkAsync("exec", container, "/postgresql/bin/psql", "-h", "/tmp", "-U", "postgres", "-qAt", "-c", query);
}
