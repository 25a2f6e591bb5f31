namespace Stasis.EndToEndTests.Compatibility;

public static partial class ProgramCatalog
{
    private const string Java = """
        cat >/tmp/Counter.java <<'JAVA'
        import java.util.concurrent.*;
        public class Counter {
            static byte[][] garbage = new byte[64][];
            public static void main(String[] args) throws Exception {
                var queue = new SynchronousQueue<Integer>();
                Executors.newFixedThreadPool(4).submit(() -> {
                    for (int i = 1; ; i++) { garbage[i % 64] = new byte[1 << 18]; queue.put(i); Thread.sleep(50); }
                });
                while (true) System.out.println(queue.take());
            }
        }
        JAVA
        """;

    private static IEnumerable<ContainerProgram> Runtimes =>
    [
        new()
        {
            Name = "java-g1",
            Image = "programs-large",
            RunOptions = "--network none --memory 512m -t",
            Script = Java + "\nexec java -XX:+UseG1GC -Xmx128m /tmp/Counter.java",
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "java-zgc",
            Image = "programs-large",
            Script = Java + "\nexec java -XX:+UseZGC -Xmx128m /tmp/Counter.java",
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "node",
            Image = "programs-large",
            RunOptions = "--network podman -p 8085:80",
            Allowed = "port:8085",
            Script = """
                exec node -e '
                let n = 0; setInterval(() => {}, 20);
                require("http").createServer((request, response) => response.end(`${++n}\n`)).listen(80)'
                """,
            Probe = new HttpProbe("127.0.0.1:8085"),
        },
        new()
        {
            Name = "dotnet",
            Image = "programs-large",
            RunOptions = "--network host",
            Allowed = "ns:network=host",
            Script = "DOTNET_ROOT=/opt/dotnet exec /opt/requests/requests",
            Probe = new HttpProbe("127.0.0.1:8080"),
        },
        new()
        {
            Name = "php",
            Image = "programs-large",
            RunOptions = "--network podman -p 8084:80 -v FOLDER:/data",
            Allowed = "mount:FOLDER:rw port:8084",
            Script = """
                cat >/tmp/index.php <<'PHP'
                <?php
                file_put_contents("/data/requests", "x", FILE_APPEND);
                clearstatcache();
                echo filesize("/data/requests"), "\n";
                PHP
                PHP_CLI_SERVER_WORKERS=3 exec php -S 0.0.0.0:80 -t /tmp
                """,
            Probe = new HttpProbe("127.0.0.1:8084"),
        },
        new()
        {
            Name = "ruby",
            Image = "programs-large",
            RunOptions = "--network none -t -i",
            Script = """
                exec ruby -e '
                $stdout.sync = true
                queue = Queue.new
                Thread.new { (1..).each { |n| queue << n; sleep 0.1 } }
                loop { puts queue.pop }'
                """,
            Probe = new LogProbe(),
        },
    ];
}
