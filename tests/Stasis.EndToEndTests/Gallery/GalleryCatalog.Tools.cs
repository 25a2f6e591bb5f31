using Stasis.EndToEndTests.Compatibility;

namespace Stasis.EndToEndTests.Gallery;

public static partial class GalleryCatalog
{
    private static IEnumerable<GalleryProgram> Tools =>
    [
        new()
        {
            Name = "tmux",
            Title = "tmux, a shell with a stopped job",
            Load = "a loop in one window, a stopped job in another",
            RunOptions = "--network none -t --env TERM=xterm --env LC_ALL=C.UTF-8",
            Script = """
                tmux new-session -d -s a 'n=0; while :; do n=$((n+1)); echo $n; sleep 0.1; done'
                tmux new-window -t a bash
                tmux send-keys -t a:1 'sleep 100000' Enter; sleep 1; tmux send-keys -t a:1 C-z
                tmux select-window -t a:0
                exec tmux attach -t a
                """,
            CreateProbe = () => new ExecProbe(
                "tmux capture-pane -p -t a:0 | grep . | tail -n 1 && grep -q '^State:.T' /proc/$(pgrep -f '^sleep 100000$')/status"),
        },
        FromMatrix("make", "gcc, make -j2", "compilers come and go") with { RunOptions = "--network none --tmpfs /work" },
        new()
        {
            Name = "ffmpeg",
            Title = "FFmpeg",
            Load = "encodes a video with two threads",
            Image = "programs-large",
            Script = """
                LD_LIBRARY_PATH=$(echo /usr/lib/*/blas):$(echo /usr/lib/*/lapack) exec ffmpeg -v error -re -f lavfi -i testsrc=size=320x240:rate=50 -c:v mpeg4 -threads 2 -f null -progress /tmp/progress /dev/null </dev/null
                """,
            CreateProbe = () => new ExecProbe("grep '^frame=' /tmp/progress | tail -n 1"),
        },
        new()
        {
            Name = "ping",
            Title = "ping",
            Load = "an echo each tenth of a second, through a raw ICMP socket",
            IsInShortForm = true,
            RunOptions = "--network none --cap-add NET_RAW",
            Script = """
                busybox ping -i 0.1 127.0.0.1 | while IFS='= ' read -r _ _ _ _ _ n _; do
                    case $n in [0-9]*) echo $n;; esac
                done
                """,
            CreateProbe = () => new LogProbe(),
        },
        new()
        {
            Name = "tail",
            Title = "tail -F",
            Load = "follows a file that grows, told by inotify",
            IsInShortForm = true,
            Script = """
                touch /lines
                (n=0; while :; do n=$((n+1)); echo $n >>/lines; sleep 0.1; done) &
                exec tail -F /lines
                """,
            CreateProbe = () => new LogProbe(),
        },
        new()
        {
            Name = "cron",
            Title = "cron",
            Load = "a job each minute",
            IsSlow = true,
            Script = """
                echo '* * * * * root echo tick >>/tmp/ticks' >/etc/crontab; chmod 600 /etc/crontab
                for type in auth account session; do echo "$type required pam_permit.so"; done | tee /etc/pam.d/cron >/etc/pam.d/other
                printf 'tick\ntick\ntick\n' >/tmp/ticks; exec cron -f
                """,
            CreateProbe = () => new ExecProbe("wc -l </tmp/ticks"),
        },
    ];
}
