using Stasis.EndToEndTests.Compatibility;

namespace Stasis.EndToEndTests.Gallery;

public static partial class GalleryCatalog
{
    private static IEnumerable<GalleryProgram> Servers =>
    [
        new()
        {
            Name = "redis",
            Title = "Redis",
            Load = "clients come and go and increment a key",
            Image = "redis",
            IsInShortForm = true,
            Script = """
                redis-server --save '' --port 0 --unixsocket /tmp/redis --io-threads 2 >/dev/null &
                until redis-cli -s /tmp/redis ping >/dev/null 2>&1; do sleep 0.1; done
                while :; do redis-cli -s /tmp/redis INCR visits; done
                """,
            CreateProbe = () => new LogProbe(),
        },
        new()
        {
            Name = "postgres",
            Title = "PostgreSQL",
            Load = "a session writes rows",
            Image = "postgres",
            Libraries = ["euid"],
            RunOptions = "--network none --env LD_PRELOAD=/lib/euid.so --shm-size 96m",
            Script = """
                PATH=/postgresql/bin:$PATH PGHOST=/tmp PGUSER=postgres; export PATH PGHOST PGUSER
                cp -a /var/lib/postgresql/data /data
                postgres -D /data -k /tmp >/dev/null 2>&1 &
                until pg_isready -q; do sleep 0.05; done
                (echo 'CREATE TABLE rows (n SERIAL);'; while :; do echo 'INSERT INTO rows DEFAULT VALUES RETURNING n;'; sleep 0.05; done) |
                    psql -qAt
                """,
            CreateProbe = () => new LogProbe(),
        },
        new()
        {
            Name = "mariadb",
            Title = "MariaDB",
            Load = "a session writes rows into an InnoDB table",
            Image = "programs-large",
            Script = """
                mariadb-install-db --no-defaults --force --user=root --datadir=/data --skip-test-db >/dev/null 2>&1
                mariadbd --no-defaults --user=root --datadir=/data --socket=/tmp/socket --skip-networking >/tmp/errors 2>&1 &
                until mariadb-admin --socket=/tmp/socket ping >/dev/null 2>&1; do sleep 0.1; done
                (echo 'CREATE DATABASE d; USE d; CREATE TABLE t (n INT AUTO_INCREMENT PRIMARY KEY);'
                while :; do echo 'INSERT INTO t VALUES (); SELECT MAX(n) FROM t;'; sleep 0.1; done) |
                    mariadb --socket=/tmp/socket -N --unbuffered
                """,
            CreateProbe = () => new LogProbe(),
        },
        new()
        {
            Name = "nginx",
            Title = "nginx",
            Load = "four workers answer requests, each of its own connection",
            IsInShortForm = true,
            Script = """
                echo 'user root; worker_processes 4; events {}' >/tmp/conf
                echo 'http { server { listen 80; listen unix:/tmp/nginx; location /s { stub_status; } } }' >>/tmp/conf
                nginx -c /tmp/conf -g 'daemon off;' &
                until test -e /tmp/nginx; do sleep 0.1; done
                while :; do printf 'GET /s HTTP/1.0\r\n\r\n' | socat -t 5 - UNIX-CONNECT:/tmp/nginx | grep '^ '; done
                """,
            CreateProbe = () => new LogProbe(),
        },
        FromMatrix("supervisord", "supervisord", "a program that it has started writes lines") with
        {
            CreateProbe = () => new ExecProbe("supervisorctl -c /tmp/conf tail -20 count"),
        },
        new()
        {
            Name = "caddy",
            Title = "Caddy, of Debian's Go",
            Load = "answers requests",
            Image = "programs-large",
            Script = """
                printf '{\n admin off\n auto_https off\n}\nhttp:// {\n bind unix//tmp/caddy\n metrics /metrics\n}\n' >/tmp/conf
                HOME=/tmp caddy run --config /tmp/conf --adapter caddyfile 2>/dev/null &
                until test -S /tmp/caddy; do sleep 0.1; done
                exec ruby -rsocket -e '$stdout.sync = true
                loop do
                    socket = UNIXSocket.new("/tmp/caddy")
                    socket.write("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
                    puts socket.read[/^promhttp_metric_handler_requests_total.code="200".*/]
                    socket.close
                    sleep 0.05
                end'
                """,
            CreateProbe = () => new LogProbe(),
        },
    ];
}
