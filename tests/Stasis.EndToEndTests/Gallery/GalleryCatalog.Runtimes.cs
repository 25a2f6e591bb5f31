using Stasis.EndToEndTests.Compatibility;

namespace Stasis.EndToEndTests.Gallery;

public static partial class GalleryCatalog
{
    private static IEnumerable<GalleryProgram> Runtimes =>
    [
        FromMatrix("java-g1", "OpenJDK with G1", "threads allocate and hand over numbers"),
        FromMatrix("java-zgc", "OpenJDK with ZGC", "threads allocate and hand over numbers"),
        new()
        {
            Name = "node",
            Title = "Node.js",
            Load = "an HTTP server and its client",
            Image = "programs-large",
            Script = """
                exec node -e '
                const http = require("http"); let n = 0;
                http.createServer((request, response) => response.end(`${++n}\n`)).listen("/tmp/node", ask);
                function ask() {
                    http.get({ socketPath: "/tmp/node", agent: false }, response => {
                        response.on("data", data => process.stdout.write(data)); response.on("end", () => setTimeout(ask, 10));
                    });
                }'
                """,
            CreateProbe = () => new LogProbe(),
        },
        new()
        {
            Name = "aspnet",
            Title = "ASP.NET Core, the default host",
            Load = "Kestrel answers requests; its configuration is watched with inotify",
            Image = "programs-large",
            Script = """
                cd /opt/web
                DOTNET_ROOT=/opt/dotnet ./web --urls http://unix:/tmp/web >/dev/null &
                until test -S /tmp/web; do sleep 0.1; done
                exec ruby -rsocket -e '$stdout.sync = true
                loop do
                    socket = UNIXSocket.new("/tmp/web")
                    socket.write("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
                    puts socket.read[/^[0-9]+$/]
                    socket.close
                    sleep 0.05
                end'
                """,
            CreateProbe = () => new LogProbe(),
        },
        FromMatrix("python-threads", "Python, threads", "eight threads with a lock and 80 MiB") with
        {
            RunOptions = "--network none --tmpfs /data",
        },
        new()
        {
            Name = "python-asyncio",
            Title = "Python, asyncio",
            Load = "a server on a Unix socket, its client and fifty timers",
            Script = """
                cat >/tmp/serve.py <<'PYTHON'
                import asyncio
                async def answer(reader, writer):
                    count = 0
                    while await reader.readline():
                        count += 1
                        writer.write(b"%d\n" % count)
                        await writer.drain()
                async def ask():
                    reader, writer = await asyncio.open_unix_connection("/tmp/socket")
                    while True:
                        writer.write(b"next\n")
                        print((await reader.readline()).decode(), end="", flush=True)
                        await asyncio.sleep(0.02)
                async def tick():
                    while True:
                        await asyncio.sleep(0.01)
                async def main():
                    async with await asyncio.start_unix_server(answer, "/tmp/socket") as server:
                        await asyncio.gather(server.serve_forever(), ask(), *(tick() for _ in range(50)))
                asyncio.run(main())
                PYTHON
                exec python3 /tmp/serve.py
                """,
            CreateProbe = () => new LogProbe(),
        },
        FromMatrix("python-fork", "Python, multiprocessing (fork)", "thirty processes with a semaphore and a queue") with
        {
            IsInShortForm = true,
        },
        FromMatrix("python-spawn", "Python, multiprocessing (spawn)", "four processes with named semaphores and a queue"),
    ];
}
