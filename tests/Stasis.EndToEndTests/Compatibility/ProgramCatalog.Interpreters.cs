namespace Stasis.EndToEndTests.Compatibility;

public static partial class ProgramCatalog
{
    private static IEnumerable<ContainerProgram> Interpreters =>
    [
        new()
        {
            Name = "python-threads", // each adds to the count under a lock; 80 MiB, so that it is restored lazily
            IsInShortForm = true,
            RunOptions = "--network none -v data:/data",
            Script = """
                cat >/tmp/count.py <<'PYTHON'
                import mmap, os, threading, time
                lock, count = threading.Condition(), 0
                block = bytearray(os.urandom(80 << 20))
                total = sum(block[::4096])
                def work():
                    global count
                    while True:
                        with lock:
                            count += 1
                            lock.notify_all()
                            assert lock.wait_for(lambda: True, 1)
                        time.sleep(0.1)
                for _ in range(8):
                    threading.Thread(target=work).start()
                with open("/data/file", "w") as file:
                    while True:
                        assert total == sum(block[::4096])
                        print(count, file=file, flush=True)
                        print(count, flush=True)
                        time.sleep(0.1)
                PYTHON
                exec python3 /tmp/count.py
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "python-asyncio",
            RunOptions = "--network podman --ip 10.88.201.6",
            MoveOptions = "--tcp-established",
            Script = """
                cat >/tmp/serve.py <<'PYTHON'
                import asyncio
                async def answer(reader, writer):
                    count = 0
                    while await reader.readline():
                        count += 1
                        writer.write(b"%d\n" % count)
                        await writer.drain()
                async def tick():
                    while True:
                        await asyncio.sleep(0.01)
                async def main():
                    async with await asyncio.start_server(answer, "0.0.0.0", 7) as server:
                        await asyncio.gather(server.serve_forever(), *(tick() for _ in range(50)))
                asyncio.run(main())
                PYTHON
                exec python3 /tmp/serve.py
                """,
            Probe = new ConnectionProbe("10.88.201.6", 7, "next"),
        },
        new()
        {
            Name = "python-fork", // 30 processes that share memory, a semaphore and a queue
            RunOptions = "--network none --shm-size 8m",
            Script = """
                cat >/tmp/fork.py <<'PYTHON'
                import multiprocessing, time
                def work(count, queue):
                    while True:
                        with count.get_lock():
                            count.value += 1
                            queue.put(count.value)
                        time.sleep(1)
                context = multiprocessing.get_context("fork")
                count, queue = context.Value("l", 0), context.Queue()
                for _ in range(30):
                    context.Process(target=work, args=(count, queue)).start()
                while True:
                    print(queue.get(), flush=True)
                PYTHON
                exec python3 /tmp/fork.py
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "python-spawn", // semaphores that keep their names, which each of the processes opens
            IsInShortForm = true,
            RunOptions = "--network none --shm-size 8m",
            Script = """
                cat >/tmp/spawn.py <<'PYTHON'
                import multiprocessing, time
                def work(turn, count, queue):
                    while True:
                        with turn, count.get_lock():
                            count.value += 1
                            queue.put(count.value)
                        time.sleep(0.1)
                if __name__ == "__main__":
                    context = multiprocessing.get_context("spawn")
                    turn, count, queue = context.Semaphore(2), context.Value("l", 0), context.Queue()
                    for _ in range(4):
                        context.Process(target=work, args=(turn, count, queue)).start()
                    while True:
                        print(queue.get(), flush=True)
                PYTHON
                exec python3 /tmp/spawn.py
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "perl", // a pipe and a child
            RunOptions = "--network none --read-only --tmpfs /scratch:size=1m,mode=1777",
            Script = """
                exec perl -e '
                $| = 1; pipe my $in, my $out; open my $file, "+>", "/scratch/lines"; unlink "/scratch/lines";
                if (fork) { close $out; while (<$in>) { print {$file} $_; print } }
                else { select $out; $| = 1; for (my $n = 1; ; $n++) { print "$n\n"; select undef, undef, undef, 0.1 } }'
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "lua", // starts programs by vfork
            RunOptions = "--network none --privileged",
            Allowed = "privileged",
            Script = "exec lua -e 'local n = 0; while true do n = n + 1; print(n); io.stdout:flush(); os.execute(\"sleep 0.05\") end'",
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "tcl",
            RunOptions = "--network podman --ip 10.88.201.7",
            MoveOptions = "--tcp-established",
            Script = """
                cat >/tmp/serve.tcl <<'TCL'
                set n 0
                proc accept {channel address port} {
                    fconfigure $channel -buffering line
                    fileevent $channel readable [list answer $channel]
                }
                proc answer {channel} { if {[gets $channel line] < 0} { close $channel } else { puts $channel [incr ::n] } }
                socket -server accept 7
                proc tick {} { after 50 tick }
                tick
                vwait forever
                TCL
                exec tclsh /tmp/serve.tcl
                """,
            Probe = new ConnectionProbe("10.88.201.7", 7, "next"),
        },
    ];
}
