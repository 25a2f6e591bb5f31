using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

/// <summary>Each line is CRIU's own, of a log.</summary>
public sealed class CriuErrorsTests
{
    [Theory]
    [InlineData("Error (criu/sk-inet.c:200): inet: Connected TCP socket, consider using --tcp-established option.", "--tcp-established")]
    [InlineData(
        "Error (criu/files-ext.c:94): Can't dump file 3 of that type [600] (anon anon_inode:[perf_event])",
        "descriptor 3 is of a kind that CRIU can't dump (anon anon_inode:[perf_event]): have the program close it")]
    [InlineData("Error (criu/pie/parasite.c:588): send_fds failed (-22)", "io_uring")]
    [InlineData("Error (criu/files-reg.c:1790): Can't lookup mount=108 for fd=3 path=/held", "descriptor 3, /held, is in none of")]
    [InlineData(
        "Error (criu/files-reg.c:1122): Can't create link remap for /tmp/first. Use link-remap option.", "the file /tmp/first is open")]
    [InlineData(
        "Error (criu/sk-unix.c:874): unix: External socket is used. Consider using --ext-unix-sk option.", "outside of the container")]
    [InlineData("Error (criu/fsnotify.c:284): fsnotify: \tCan't dump that handle", "inotify")]
    [InlineData("Error (criu/sk-inet.c:137): inet: Unsupported proto 262 for socket 1a92d6", "MPTCP")]
    [InlineData("Error (criu/sk-inet.c:137): inet: Unsupported proto 132 for socket 1a92d6", "the IP protocol 132")]
    [InlineData("Error (criu/sockets.c:767): sockets: BUG! Unknown socket collected (family 40)", "address family 40")]
    [InlineData("Error (criu/namespaces.c:460): Can't dump nested pid namespace for 56", "PID 56 is in a namespace of its own (pid)")]
    [InlineData("Error (criu/net.c:3009): net: Unable to dump more than one netns if the --emptyns is set", "network namespace")]
    [InlineData("Error (criu/mount.c:724): mnt: FS mnt ./mounted dev 0x33 root / unsupported id 42", "the mount /mounted is")]
    [InlineData("Error (criu/mount.c:753): mnt: 42:./data doesn't have a proper root mount", "where the mount /data comes from")]
    [InlineData("Error (criu/filesystems.c:650): mqueue isn't empty", "/dev/mqueue")]
    [InlineData("Error (criu/seize.c:335): zombie 909 (comm holder) found while seizing", "traced by another program")]
    [InlineData("Error (criu/seize.c:882): Zombies with threads are not supported", "main thread has ended")]
    [InlineData("Error (criu/cr-dump.c:388): Can't get rlimit 0: Operation not permitted", "CAP_SYS_RESOURCE")]
    [InlineData("Error (criu/files-reg.c:2175): File bin/x has bad size 10 (expect 20)", "the file bin/x has 10 bytes, and had 20")]
    [InlineData("Error (criu/sk-inet.c:1059): inet: Can't bind inet socket (id 5): Address already in use", "a port that is in use")]
    public void Known_error_is_told_in_plain_words(string line, string expected)
    {
        var meaning = Assert.Single(CriuErrors.Explain([line]));

        Assert.Contains(expected, meaning, StringComparison.Ordinal);
        Assert.DoesNotContain("Error (", meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void Process_is_named_by_the_line_that_follows()
    {
        string[] lines =
        [
            "Error (criu/sk-inet.c:200): inet: Connected TCP socket, consider using --tcp-established option.",
            $"Error (criu/cr-dump.c:1545): Dump files (pid: {Environment.ProcessId}) failed with -1",
        ];

        Assert.StartsWith($"PID {Environment.ProcessId} (", Assert.Single(CriuErrors.Explain(lines)), StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_error_has_no_meaning_and_noise_is_left_out()
    {
        Assert.Empty(CriuErrors.Explain(["Error (criu/x.c:1): it is broken"]));
        Assert.True(CriuErrors.IsNoise("(00.000019) Error (criu/util.c:1): Can't setup RLIMIT_NOFILE for self: Operation not permitted"));
        Assert.False(CriuErrors.IsNoise("Error (criu/x.c:1): it is broken"));
    }
}
