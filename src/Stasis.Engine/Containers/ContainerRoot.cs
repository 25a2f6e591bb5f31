using Stasis.Engine.Oci.Spec;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

/// <summary>What must be looked up or made in a container's mounted root file system before it starts.</summary>
internal static class ContainerRoot
{
    private const int LongestFile = 16 << 20; // of /etc/passwd: an image's content is not to be trusted with our memory
    private const int MostLinks = 40; // as the kernel's own limit

    /// <summary>
    /// Looks up the user and makes the working directory and mount points' content: called at every start (not at restore), when the root file system is
    /// mounted at <see cref="ContainerLayout.Merged"/> and the volumes are there. Before the first start, empty new volumes get what the image has in their place.
    /// Gives the spec to save and to write into the bundle.
    /// </summary>
    /// <exception cref="StasisException">E.g. the image has no such user.</exception>
    public static OciSpec Prepare(Container container, ContainerLayout paths)
    {
        var root = paths.Merged;
        var user = FindUser(root, container.Config.User);
        MakeWorkingDirectory(container, root);
        var process = container.Spec.Process ?? throw new StasisException($"container {container.Name}: its spec has no process");
        // Names win over what a user gave as HOME only where there is none.
        var environment = process.Env ?? [];
        if (!environment.Any(variable => variable.StartsWith("HOME=", StringComparison.Ordinal)))
            environment = [.. environment, $"HOME={user.Home}"];
        return container.Spec with { Process = process with { User = user.ToSpec(process.User?.Umask), Env = environment } };
    }

    /// <summary>Looks up a user in a container whose root file system is mounted.</summary>
    public static ContainerUser FindUser(ContainerLayout paths, string? user)
    {
        var root = paths.Merged;
        return FindUser(root, user);
    }

    private static ContainerUser FindUser(string root, string? user) => ContainerUser.Find(user, ReadText(root, "etc/passwd"), ReadText(root, "etc/group"));

    // Podman's rule: one that comes from the image is made, one that the user asked for must be there (or lie on a mount).
    private static void MakeWorkingDirectory(Container container, string root)
    {
        var directory = container.Spec.Process?.Cwd ?? "/";
        var onMount = (container.Spec.Mounts ?? []).Any(mount => directory == mount.Destination || directory.StartsWith(mount.Destination + "/", StringComparison.Ordinal));
        if (onMount)
            return;
        var path = Resolve(root, directory);
        if (Directory.Exists(path))
            return;
        if (Path.Exists(path))
            throw new StasisException($"workdir \"{directory}\" exists on container {container.Name}, but is not a directory");
        if (container.Config.CreateWorkingDir != true)
            throw new StasisException($"workdir \"{directory}\" does not exist on container {container.Name}");
        Directory.CreateDirectory(path);
    }

    // A missing file is an empty one. Links are followed within the root, as the container would.
    private static string ReadText(string root, string path)
    {
        var file = new FileInfo(Resolve(root, path));
        if (!file.Exists)
            return "";
        return file.Length <= LongestFile ? File.ReadAllText(file.FullName) : throw new StasisException($"{root}/{path} is larger than {LongestFile} bytes");
    }

    private static string Resolve(string root, string path)
    {
        var pending = new Stack<string>(path.Split('/').Reverse());
        var resolved = new List<string>();
        for (var links = 0; pending.TryPop(out var name);)
        {
            if (name is "" or ".")
                continue;
            if (name is "..")
            {
                if (resolved.Count > 0)
                    resolved.RemoveAt(resolved.Count - 1);
                continue;
            }
            if (new FileInfo(Path.Combine([root, .. resolved, name])).LinkTarget is not { } target)
            {
                resolved.Add(name);
                continue;
            }
            if (++links > MostLinks)
                throw new StasisException($"{root}/{path}: too many levels of symbolic links");
            if (target.StartsWith('/'))
                resolved.Clear();
            foreach (var part in target.Split('/').Reverse())
                pending.Push(part);
        }
        return Path.Combine([root, .. resolved]);
    }
}
