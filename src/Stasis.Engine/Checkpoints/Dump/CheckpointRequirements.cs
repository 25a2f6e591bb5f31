using Stasis.Engine.Containers;
using Stasis.Engine.Errors;
using Stasis.Engine.Images;

namespace Stasis.Engine.Checkpoints.Dump;

/// <summary>Checks what a checkpoint requires, before anything is changed.</summary>
internal static class CheckpointRequirements
{
    /// <summary>Requires options that make sense by themselves. Looks at no container, and so needs no lock.</summary>
    /// <exception cref="StasisException">The options exclude each other, or the image name is invalid.</exception>
    public static void RequireValid(CheckpointOptions options)
    {
        if (options is { Export: not null, CreateImage: not null })
        {
            throw new StasisException("a checkpoint goes into an archive or into an image, not into both")
            {
                Remedy = "use --export or --create-image",
            };
        }
        if (options.Store && (options.Export ?? options.CreateImage) is not null)
            throw new StasisException("a checkpoint goes into the store, into an archive or into an image: only one of them");
        if (options.CreateImage is { } image)
            _ = ImageManager.NameToGive(image);
        if (options is { Encrypt.Count: > 0, Export: null })
            throw new StasisException("only an archive can be encrypted") { Remedy = "use --encrypt with --export FILE" };
        PreCheckpoint.RequireValid(options);
    }

    /// <summary>Requires that the archive's folder is there, for a dry run. A checkpoint makes a file in it before all else.</summary>
    /// <exception cref="StasisException">There is none.</exception>
    public static void RequireFolder(CheckpointOptions options)
    {
        if (options.Export is not { } target || target == "-" || Path.GetDirectoryName(Path.GetFullPath(target)) is not { } folder
            || Directory.Exists(folder))
            return;
        throw new StasisException($"cannot write archive {target}: there is no folder {folder}")
        {
            Remedy = $"make it (mkdir -p {folder}), or give another path",
        };
    }

    /// <summary>Requires that the options fit the container, and that a CRIU is there.</summary>
    /// <exception cref="StasisException">They don't, or there is none.</exception>
    public static void RequirePossible(LockedContainer locked, CheckpointOptions options)
    {
        PreCheckpoint.RequirePossible(options, locked.Paths);
        var isKeptInPlace = options is { Export: null, CreateImage: null, PreCheckpoint: false }
            and not { Store: true, LeaveRunning: true };
        if (isKeptInPlace && locked.Container.AutoRemove)
        {
            throw new StasisException(
                $"cannot checkpoint container {locked.Container.Name} in place: it was started with --rm, and is removed when it ends")
            {
                Remedy = "write an archive (--export FILE), or an image (--create-image NAME)",
            };
        }
        locked.Runtime.RequireCriu();
    }
}
