using Stasis.Engine.Criu.Images;
using Stasis.Engine.Errors;

namespace Stasis.Engine.RuntimeCommand;

/// <summary>
/// The namespaces of tasks in images (ids-N.img). CRIU makes a namespace if its ID isn't that of CRIU's own in the inventory, and then sets
/// it up, also one that it has joined: a pod's hostname would become the checkpoint's.
/// </summary>
internal static class NamespaceIdImage
{
    private static readonly ImageKind Inventory = ImageKind.Get("inventory"), Ids = ImageKind.Get("ids-");

    // The field of each type, and the images of such a namespace; what the last ones hold, CRIU could restore only in one of its own.
    private static readonly Dictionary<string, (string Field, string[] Settings, string[] Objects)> Types = new()
    {
        ["uts"] = ("uts_ns_id", ["utsns-"], []),
        ["ipc"] = ("ipc_ns_id", ["ipcns-var-"], ["ipcns-shm-", "ipcns-msg-", "ipcns-sem-"]),
    };

    /// <summary>Has CRIU make no namespace of a type, so that all tasks are in the one that it joins.</summary>
    /// <param name="images">The folder of images, which have been verified.</param>
    /// <param name="type">"uts" or "ipc".</param>
    /// <param name="title">What messages call the checkpoint.</param>
    /// <exception cref="StasisException">The checkpoint has objects in the namespace.</exception>
    /// <exception cref="InvalidDataException">An image is damaged.</exception>
    public static void Join(string images, string type, string title)
    {
        var (field, settings, objects) = Types[type];
        if (LocalImageFile.TryReadFirst(Path.Combine(images, Inventory.TheFile), Inventory)?.Child("root_ids") is not { } host)
            throw new InvalidDataException($"{title}: the inventory has no namespaces");
        if (objects.SelectMany(name => Directory.EnumerateFiles(images, name + "*.img")).FirstOrDefault() is { } present)
        {
            throw new StasisException(
                $"{title} has System V shared memory, semaphores or message queues ({Path.GetFileName(present)}), and the container joins "
                + $"another one's {type} namespace")
            {
                Remedy = "run the container with a namespace of its own",
            };
        }
        foreach (var path in Directory.EnumerateFiles(images, "ids-*.img"))
        {
            if (LocalImageFile.TryReadFirst(path, Ids) is { } ids)
                LocalImageFile.Write(path, Ids, ids.With(field, host.Number(field)));
        }
        foreach (var path in settings.SelectMany(name => Directory.EnumerateFiles(images, name + "*.img")).ToList())
            File.Delete(path);
    }
}
