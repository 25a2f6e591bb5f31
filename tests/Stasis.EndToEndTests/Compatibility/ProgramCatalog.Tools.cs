namespace Stasis.EndToEndTests.Compatibility;

public static partial class ProgramCatalog
{
    private static IEnumerable<ContainerProgram> Tools =>
    [
        new()
        {
            // With forty jobs. Those in the foreground have no group of their own: CRIU can't restore a terminal whose foreground group has
            // ended and that the shell hasn't taken back yet.
            Name = "bash",
            IsInShortForm = true,
            RunOptions = "--network none -t -i",
            Script = """
                exec bash -c '
                set -m; for i in {1..40}; do (while :; do read -t 5 </dev/zero -n 1; sleep 1; done) & done; set +m
                for ((n = 1; ; n++)); do echo $n; sleep 0.1; done'
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "tmux", // with a shell in each of three terminals
            RunOptions = "--network none -t --tmpfs /tmp:mode=1777 --env TERM=xterm --env LC_ALL=C.UTF-8",
            Script = """
                tmux new-session -d -s a 'n=0; while :; do n=$((n+1)); echo $n; sleep 0.1; done'
                tmux new-window -t a bash
                tmux new-window -t a bash
                tmux select-window -t a:0
                exec tmux attach -t a
                """,
            Probe = new ExecProbe("tmux capture-pane -p -t a:0 | grep . | tail -n 1"),
        },
        new()
        {
            Name = "make", // with compilers that come and go
            Image = "programs-large",
            RunOptions = "--network none --tmpfs /work",
            Script = """
                cd /work; for i in 1 2 3 4; do echo "#include <stdio.h>" >$i.c; echo "int f$i(void) { return printf(\"$i\"); }" >>$i.c; done
                echo 'int main(void) { return 0; }' >>1.c
                printf 'program: 1.o 2.o 3.o 4.o\n\tgcc -o $@ $^\n' >Makefile
                n=0; while make -s -j2 CC=gcc; do n=$((n+1)); echo $n; rm *.o program; done
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "sox",
            Image = "programs-large",
            Script = """
                sox -q -n -t raw -r 8000 -b 8 -c 1 - synth 1000000 sine 440 |
                    (n=0; while dd bs=8000 count=1 of=/tmp/second 2>/dev/null; do n=$((n+1)); echo $n; sleep 0.1; done)
                """,
            Probe = new LogProbe(),
        },
        new()
        {
            Name = "tail", // told of new lines by inotify
            RunOptions = "--network none -v lines:/lines",
            Script = """
                touch /lines/file
                (n=0; while :; do n=$((n+1)); echo $n >>/lines/file; sleep 0.1; done) &
                exec tail -F /lines/file
                """,
            Probe = new LogProbe(),
        },
    ];
}
