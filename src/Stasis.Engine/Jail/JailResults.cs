using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stasis.Engine.Oci;
using Stasis.Engine.Vetting.Findings;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Jail;

/// <summary>
/// Brings out of a jail what the runtime and CRIU left there. The jail's content isn't trusted: only regular files are read, under names
/// that are known, through the jail's root directory, and of one that is too large its end.
/// </summary>
internal sealed class JailResults(JailPlan plan, DirectoryHandle root)
{
    private const long MaxLog = 16L << 20, MaxState = 4L << 20, MaxPid = 32;
    private const int FirstSignal = 128;
    private const string CgroupsStay = "Failed to remove ";

    // CRIU's, in its work directory.
    private static readonly string[] WorkFiles = ["restore.log", "stats-restore"];

    /// <summary>Copies the runtime's log, and CRIU's log and statistics.</summary>
    public void CopyLogs()
    {
        foreach (var name in WorkFiles)
        {
            if (Read(Path.Combine(plan.Bundle, name), MaxLog) is { } content)
                AtomicFile.Write(Path.Combine(plan.WorkFolder ?? plan.Bundle, name), content, durable: false);
        }
        // The engine removes the cgroups of a failed restore: that the runtime can't, in the jail, is no error.
        if (Read(plan.Log, MaxLog) is { } log)
        {
            var lines = Encoding.UTF8.GetString(log).Split('\n').Where(line => !line.Contains(CgroupsStay, StringComparison.Ordinal));
            Append(plan, Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        }
    }

    /// <summary>Copies the runtime's record of the container and its PID file.</summary>
    /// <exception cref="RuntimeStateException">The record isn't of this container, or has what the spec hasn't.</exception>
    public void CopyState()
    {
        var record = Path.Combine(plan.StateRoot, plan.Id);
        if (Read(plan.PidFile, MaxPid) is not { } pidFile)
            return; // conmon reports that
        var pid = ParsePid(pidFile);
        foreach (var name in RuntimeStateTranslator.Names)
        {
            if (Read(Path.Combine(record, name), MaxState) is not { } content)
                continue;
            PrivateDirectory.Create(record);
            AtomicFile.Write(Path.Combine(record, name), RuntimeStateTranslator.TranslateToHost(name, content, plan, pid), durable: false);
        }
        AtomicFile.Write(plan.PidFile, pidFile, durable: false);
    }

    /// <summary>Writes down why a container may not run.</summary>
    public void WriteFindings(IReadOnlyList<Finding> findings)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(findings, EngineJson.Default.IReadOnlyListFinding);
        AtomicFile.Write(plan.Findings, json, durable: false);
        const string What = "what was restored is not what the spec implies, and was killed before it ran";
        LogError(plan, $"{What}: {findings[0].Where}: {findings[0].Message}");
    }

    /// <summary>Writes down how the runtime ended, if it was killed: it hasn't written anything itself then.</summary>
    /// <param name="code">Its exit code, or 128 + the signal that ended it.</param>
    public void LogExit(int code)
    {
        if (code > FirstSignal)
            LogError(plan, FormattableString.Invariant($"the runtime was killed by signal {code - FirstSignal}"));
    }

    /// <summary>Adds an error to the runtime's log, as the runtime itself would.</summary>
    public static void LogError(JailPlan plan, string message)
    {
        var entry = new JsonObject { ["level"] = "error", ["msg"] = message };
        Append(plan, [.. JsonSerializer.SerializeToUtf8Bytes(entry, EngineJson.Default.JsonObject), (byte)'\n']);
    }

    private static void Append(JailPlan plan, byte[] content)
    {
        using var log = new FileStream(plan.Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        log.Write(content);
    }

    // conmon takes it for the container's first process.
    private int ParsePid(byte[] content)
    {
        if (!int.TryParse(Encoding.ASCII.GetString(content).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            throw new RuntimeStateException("the runtime has written something else than a PID");
        // It may have ended already.
        if (PidFd.StartTime(pid) is not null && !Cgroup.Processes(plan.Cgroups).Contains(pid))
            throw new RuntimeStateException($"the runtime has written the PID of a process that isn't the container's: {pid}");
        return pid;
    }

    private byte[]? Read(string path, long limit)
    {
        try
        {
            using var rooted = RootedPath.Open(root);
            using var file = rooted.OpenRead(path);
            var length = RandomAccess.GetLength(file);
            var content = new byte[Math.Min(length, limit)];
            // Of a log that is too long, the end says why; the end of a record is no JSON.
            var read = RandomAccess.Read(file, content, Math.Max(0, length - limit));
            return content.AsSpan(0, read).ToArray();
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.ENOTDIR or Errno.EINVAL or Errno.ELOOP)
        {
            return null;
        }
    }
}
