using System.Text;
using Stasis.Engine.Archive;
using Stasis.Engine.Model;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;
using Stasis.Linux.Files;

namespace Stasis.Engine.Checkpoints.Restore;

/// <summary>
/// The loopback of a container whose network namespace the runtime makes (Podman's --network none). runc (1.3) tells CRIU neither to dump
/// nor to restore such a namespace, and brings the loopback of a new one up only when it creates a container, so that after a restore it
/// would be down: sockets on 127.0.0.1 couldn't be restored, and nobody could reach the others. So CRIU has it brought up when the
/// namespace is there, and before there are processes.
/// </summary>
internal static class LoopbackScript
{
    // CRIU: Documentation/criu.txt, action-script. It is run at every step of a restore.
    private const string Script = """
        #!/bin/sh
        [ "$CRTOOLS_SCRIPT_ACTION" != setup-namespaces ] || exec nsenter --target "$CRTOOLS_INIT_PID" --net ip link set lo up

        """;

    /// <summary>Options for CRIU's configuration, none where the namespace is ours or comes out of the images.</summary>
    public static IReadOnlyList<string> CriuOptions(Container container, CheckpointEntryPaths checkpoint, ContainerLayout paths)
    {
        if (Find(container.Spec, checkpoint) is not { } script)
            return [];
        AtomicFile.Write(paths.CriuScript, Encoding.UTF8.GetBytes(script), mode: 0x1C0 /* 0700 */, durable: false);
        return [$"action-script {paths.CriuScript}"];
    }

    /// <summary>The script; null where the namespace is the engine's or comes out of the images.</summary>
    public static string? Find(OciSpec spec, CheckpointEntryPaths checkpoint) =>
        spec.Linux?.Namespaces?.Any(ns => ns is { Type: "network", Path: null or "" }) != true
            || Directory.EnumerateFiles(checkpoint.Images, "netns-*.img").Any()
            ? null
            : Script;
}
