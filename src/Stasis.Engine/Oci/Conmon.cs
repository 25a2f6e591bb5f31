using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Containers;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Oci;

/// <summary>How conmon is to bring up a container.</summary>
internal sealed record ConmonRequest
{
    public required Container Container { get; init; }
    public required ContainerLayout Paths { get; init; }
    /// <summary>Restore from this CRIU images directory in place of create.</summary>
    public string? RestoreImages { get; init; }
    /// <summary>Further arguments of the runtime's restore, e.g. --tcp-established.</summary>
    public IReadOnlyList<string> RestoreArguments { get; init; } = [];
    /// <summary>program and arguments that conmon runs when the container has ended; the container's ID comes last.</summary>
    public required IReadOnlyList<string> ExitCommand { get; init; }
}

/// <summary>conmon: stdio, log, exit code, attach socket of one container (containers/conmon 2.1).</summary>
internal static class Conmon
{
    /// <summary>Starts conmon, which has the runtime create (or restore) the container; gives the PIDs of the container's first process and of conmon.
    /// Fails with the runtime's words.</summary>
    public static Task<(int Pid, int ConmonPid)> LaunchAsync(Runtime runtime, ConmonRequest request, CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>The exit command of a running conmon, read from /proc/PID/cmdline: its --exit-command and --exit-command-arg values.</summary>
    public static IReadOnlyList<string> ExitCommandOf(int conmonPid) => throw new NotImplementedException();

    /// <summary>Connects to the container's attach socket (seqpacket; full path) for stdio.</summary>
    public static Task<SafeFileHandle> AttachAsync(ContainerLayout paths, CancellationToken cancellation) => throw new NotImplementedException();
}
