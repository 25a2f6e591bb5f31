using System.Text;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Containers.Files;

/// <summary>Prepares the mounted root file system of a container for its start.</summary>
internal static class ContainerStartPreparation
{
    private const int MaxFileLength = 16 << 20; // of /etc/passwd, in bytes: an image could have one that fills the memory
    private const int MaxLinks = 40; // as the kernel's own limit

    /// <summary>
    /// Looks up the user and creates the working directory. Called at every start (not at restore), when the root file system is
    /// mounted at <see cref="ContainerLayout.Merged"/> and the volumes exist. Before the first start, fills new volumes from the
    /// image. Returns the spec to save and to write into the bundle.
    /// </summary>
    /// <exception cref="StasisException">The image has no such user, or the working directory can't be used.</exception>
    public static OciSpec Prepare(Container container, Layout layout)
    {
        using var root = RootedPath.Open(layout.Container(container.Id).Merged);
        var user = FindUser(root, container.Config.User);
        MakeWorkingDirectory(container, root, user);
        if (container.State.StartedAt is null)
        {
            foreach (var volume in (container.Config.NamedVolumes ?? []).Where(volume => volume.Options?.Contains("nocopy") != true))
                VolumeCopyUp.CopyUp(layout, root, volume);
        }
        var process = container.Spec.Process ?? throw new StasisException($"container {container.Name}: its spec has no process");
        // A HOME that the user or the image set is kept.
        var environment = process.Env ?? [];
        if (!environment.Any(variable => variable.StartsWith("HOME=", StringComparison.Ordinal)))
            environment = [.. environment, $"HOME={user.Home}"];
        var specUser = user.ToSpec(process.User?.Umask, asked: container.Config.User is { Length: > 0 });
        return container.Spec with { Process = process with { User = specUser, Env = environment } };
    }

    /// <summary>Looks up a user in a container whose root file system is mounted.</summary>
    /// <exception cref="StasisException">There is no such user or group.</exception>
    public static ContainerUser FindUser(ContainerLayout paths, string? user)
    {
        using var root = RootedPath.Open(paths.Merged);
        return FindUser(root, user);
    }

    private static ContainerUser FindUser(RootedPath root, string? user) =>
        ContainerUser.Find(user, ReadText(root, "etc/passwd"), ReadText(root, "etc/group"));

    // As in Podman: a working directory that the image names is created; one that the user asked for must exist, or be on a mount.
    private static void MakeWorkingDirectory(Container container, RootedPath root, ContainerUser user)
    {
        var directory = container.Spec.Process?.Cwd ?? "/";
        var isOnMount = (container.Spec.Mounts ?? []).Any(mount =>
            directory == mount.Destination || directory.StartsWith(mount.Destination + "/", StringComparison.Ordinal));
        if (isOnMount)
            return;
        switch (root.Stat(directory))
        {
            case { IsDirectory: true } or { IsSymbolicLink: true }: // a link may lead to a mount, which the runtime resolves
                return;
            case not null:
                throw new StasisException($"workdir \"{directory}\" exists on container {container.Name}, but is not a directory");
            case null when container.Config.CreateWorkingDir != true:
                throw new StasisException($"workdir \"{directory}\" does not exist on container {container.Name}");
        }
        root.MakeDirectories(directory);
        root.SetOwner(directory, user.Uid, user.Gid);
    }

    // A missing file reads as empty. Links are followed within the root, as the container would follow them.
    private static string ReadText(RootedPath root, string path)
    {
        for (var links = 0; root.Stat(path) is { } status; links++)
        {
            if (!status.IsSymbolicLink)
            {
                using var file = root.OpenRead(path);
                if (RandomAccess.GetLength(file) > MaxFileLength)
                    throw new StasisException($"{root.Root}/{path} is larger than {MaxFileLength} bytes");
                using var reader = new StreamReader(new FileStream(file, FileAccess.Read), Encoding.UTF8);
                return reader.ReadToEnd();
            }
            if (links == MaxLinks)
                throw new StasisException($"{root.Root}/{path}: too many levels of symbolic links");
            var target = Encoding.UTF8.GetString(root.ReadLink(path));
            path = target.StartsWith('/') ? target : $"{path[..(path.LastIndexOf('/') + 1)]}{target}";
        }
        return "";
    }
}
