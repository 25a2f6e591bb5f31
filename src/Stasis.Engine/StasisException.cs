namespace Stasis.Engine;

/// <summary>What went wrong, in words for a person: "what failed: why". Everything the engine throws on purpose derives from it.</summary>
/// <param name="message">What failed and why, naming the container, path or entry.</param>
/// <param name="inner">What was caught, if anything.</param>
public class StasisException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What to do about it, where there is something to do. Shown on a line of its own.</summary>
    public string? Remedy { get; init; }

    /// <summary>The command's exit code. Podman's: 125 for the engine, 126 and 127 for a command that can't run or isn't there.</summary>
    public int ExitCode { get; init; } = 125;
}

/// <summary>There is no container, image or volume of that name or ID.</summary>
public sealed class NotFoundException(string message) : StasisException(message);

/// <summary>The name or ID is taken. Nothing was changed.</summary>
public sealed class InUseException(string message) : StasisException(message);

/// <summary>The verb isn't allowed in the container's state. Nothing was changed.</summary>
public sealed class InvalidStateException(string message) : StasisException(message);

/// <summary>An archive can't be read or isn't what it claims. Nothing was created.</summary>
public sealed class ArchiveException(string archive, string? entry, string why, Exception? inner = null)
    : StasisException(entry is null ? $"archive {archive}: {why}" : $"archive {archive}: entry {entry}: {why}", inner)
{
    /// <summary>It can't be opened.</summary>
    internal static ArchiveException CantOpen(string archive, string wanted, Exception inner) =>
        new(archive, null, Directory.Exists(archive) ? $"it is a folder, not {wanted}" : FileFailure.Why(inner), inner) { Remedy = "check the path" };

    /// <summary>The archive's path as the user gave it, or "-".</summary>
    public string Archive { get; } = archive;

    /// <summary>It may be read, but isn't signed as it was required to be.</summary>
    public bool IsUntrusted { get; init; }

    /// <summary>The entry within it, if one is to blame.</summary>
    public string? Entry { get; } = entry;
}

/// <summary>A verb was cancelled on its way.</summary>
/// <param name="message">What was interrupted, and what is left.</param>
/// <param name="inner">What the cancellation threw.</param>
public sealed class InterruptedException(string message, Exception inner) : OperationCanceledException(message, inner);

/// <summary>The dump failed and the container still runs as before.</summary>
public sealed class CheckpointFailedException(string message, Exception? inner = null) : StasisException(message, inner);

/// <summary>The dump failed and the container ended with it: CRIU was killed in one of the instants in which a process can't live without it. Nothing was written.</summary>
public sealed class ContainerGoneException(string message, Exception? inner = null) : StasisException(message, inner);

/// <summary>The restore failed; all that was made on the way is undone, and what it was restored from is untouched.</summary>
public sealed class RestoreFailedException(string message, Exception? inner = null) : StasisException(message, inner);
