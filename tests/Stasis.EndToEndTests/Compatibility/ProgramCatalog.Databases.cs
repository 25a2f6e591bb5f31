namespace Stasis.EndToEndTests.Compatibility;

public static partial class ProgramCatalog
{
    private static IEnumerable<ContainerProgram> Databases =>
    [
        new()
        {
            Name = "redis",
            Image = "redis",
            IsInShortForm = true,
            RunOptions = "--network podman --ip 10.88.201.1 -p 6380:6379",
            Allowed = "port:6380",
            MoveOptions = "--tcp-established",
            RestoreOptions = "--lazy",
            Command = ["redis-server", "--save", "", "--protected-mode", "no", "--io-threads", "2"],
            Probe = new ConnectionProbe("10.88.201.1", 6379, "INCR visits"),
        },
        new()
        {
            Name = "postgres", // with a session that has temporary tables
            Image = "postgres",
            Libraries = ["euid"],
            RunOptions = "--network none --env LD_PRELOAD=/lib/euid.so --shm-size 96m -v data:/data",
            Script = """
                PATH=/postgresql/bin:$PATH PGHOST=/tmp PGUSER=postgres; export PATH PGHOST PGUSER
                cp -a /var/lib/postgresql/data/. /data
                postgres -D /data -k /tmp -c fsync=off >/dev/null 2>&1 &
                until pg_isready -q; do sleep 0.05; done
                (echo 'CREATE TEMP SEQUENCE numbers; BEGIN;'; while :; do echo "SELECT nextval('numbers');"; sleep 0.1; done) | psql -qAt
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "mariadb", // with a session that has a variable
            Image = "programs-large",
            RunOptions = "--network none -v data:/data --init",
            Script = """
                mariadb-install-db --no-defaults --force --user=root --datadir=/data --skip-test-db >/dev/null 2>&1
                mariadbd --no-defaults --user=root --datadir=/data --socket=/tmp/socket --skip-networking >/tmp/errors 2>&1 &
                until mariadb-admin --socket=/tmp/socket ping >/dev/null 2>&1; do sleep 0.1; done
                (echo 'SET @n = 0;'; while :; do echo 'SELECT @n := @n + 1;'; sleep 0.1; done) |
                    mariadb --socket=/tmp/socket -N --unbuffered
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "sqlite",
            RunOptions = "--network none -v FOLDER:/data",
            Allowed = "mount:FOLDER:rw",
            Script = """
                (echo 'PRAGMA journal_mode = wal; CREATE TABLE t (n INTEGER PRIMARY KEY);'
                while :; do echo 'INSERT INTO t DEFAULT VALUES; SELECT max(n) FROM t;'; sleep 0.1; done) | sqlite3 /data/numbers
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "memcached",
            RunOptions = "--network podman --ip 10.88.201.2 --tmpfs /cache:size=4m",
            MoveOptions = "--tcp-established",
            Script = """
                (sleep 0.5; printf 'set visits 0 0 1\r\n0\r\nquit\r\n' | busybox nc 127.0.0.1 11211) &
                exec memcached -u root -t 4 -c 200
                """,
            Probe = new ConnectionProbe("10.88.201.2", 11211, "incr visits 1"),
        },
    ];
}
