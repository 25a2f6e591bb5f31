using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Oci;

/// <summary>
/// The cgroup of a container on a host where systemd makes cgroups: a scope unit (systemd.scope(5)), which a spec's cgroupsPath names as
/// SLICE:PREFIX:NAME (runc: docs/systemd.md).
/// </summary>
/// <param name="Slice">The slice that it is in, as "system.slice".</param>
/// <param name="Unit">The unit's name, as "docker-ID.scope".</param>
internal sealed record SystemdScope(string Slice, string Unit)
{
    private const string DefaultSlice = "system.slice", DefaultPrefix = "runc", SliceSuffix = ".slice";
    private const string ContainerGroup = "container", WaitingGroup = "stasis";
    private const int WaitMilliseconds = 2;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>Its path in the hierarchy: that of the slice, which its name tells ("a-b.slice" is in "a.slice"), and the unit.</summary>
    public string Path
    {
        get
        {
            var parts = Slice[..^SliceSuffix.Length].Split('-', StringSplitOptions.RemoveEmptyEntries);
            var slices = parts.Select((_, i) => string.Join('-', parts.Take(i + 1)) + SliceSuffix);
            return "/" + string.Join('/', slices.Append(Unit));
        }
    }

    /// <summary>
    /// The path of the container's cgroup: one beneath the scope, as crun has it, since runc takes none in which there is a process, and
    /// systemd keeps no scope in which there is none.
    /// </summary>
    public string ContainerPath => Path + "/" + ContainerGroup;

    /// <summary>Parses a spec's cgroupsPath.</summary>
    /// <param name="cgroupsPath">The path; null or empty for the runtime's default.</param>
    /// <param name="id">The container's ID.</param>
    /// <exception cref="StasisException">It isn't one of systemd's.</exception>
    public static SystemdScope Parse(string? cgroupsPath, string id)
    {
        if (string.IsNullOrEmpty(cgroupsPath))
            return new SystemdScope(DefaultSlice, $"{DefaultPrefix}-{id}.scope");
        if (cgroupsPath.Split(':') is not [var slice, var prefix, { Length: > 0 } name] || cgroupsPath.Contains('/'))
            throw new StasisException($"cgroupsPath {cgroupsPath}: systemd's cgroups are named SLICE:PREFIX:NAME");
        if (slice.Length == 0)
            slice = DefaultSlice;
        if (!slice.EndsWith(SliceSuffix, StringComparison.Ordinal) || name.EndsWith(SliceSuffix, StringComparison.Ordinal))
            throw new StasisException($"cgroupsPath {cgroupsPath}: the first part must be a slice, and the last part none");
        return new SystemdScope(slice, $"{prefix}-{name}.scope");
    }

    /// <summary>
    /// Has systemd make the scope, with the spec's limits. A process waits in it until the result is disposed, or this process ends:
    /// systemd removes a scope that is empty.
    /// </summary>
    /// <param name="resources">The limits; null for none.</param>
    /// <param name="folder">The scope's folder, which is there when this returns, with that of the container.</param>
    /// <exception cref="StasisException">systemd doesn't make it.</exception>
    public IDisposable Start(OciResources? resources, string folder)
    {
        var (read, write) = Pipe.Create();
        using var input = read;
        var (errors, errorInput) = Pipe.Create();
        using var errorReader = new StreamReader(new FileStream(errors, FileAccess.Read));
        ChildProcess process;
        using (errorInput)
            process = Spawn.Start(new SpawnOptions
            {
                Program = "systemd-run",
                Arguments = GetArguments(resources),
                WorkingDirectory = "/",
                Descriptors = new Dictionary<int, SafeFileHandle> { [0] = input, [2] = errorInput },
            });
        var member = new Member(process, write);
        var begun = Environment.TickCount64;
        while (!Cgroup.Processes([folder]).Contains(process.Id))
        {
            if (process.TryWait(TimeSpan.FromMilliseconds(WaitMilliseconds)))
            {
                member.Dispose();
                throw new StasisException($"systemd doesn't make the scope {Unit}: {errorReader.ReadToEnd().Trim()}");
            }
            if (Environment.TickCount64 - begun < StartLimit.TotalMilliseconds)
                continue;
            member.Dispose();
            throw new StasisException($"systemd doesn't make the scope {Unit} within {StartLimit.TotalSeconds} s");
        }
        member.MoveTo(System.IO.Path.Combine(folder, WaitingGroup));
        Directory.CreateDirectory(System.IO.Path.Combine(folder, ContainerGroup));
        Cgroup.EnableControllers(folder);
        return member;
    }

    private string[] GetArguments(OciResources? resources) =>
    [
        "--scope", "--quiet", "--collect", $"--unit={Unit}", $"--slice={Slice}", $"--description=container of {Unit}",
        .. GetProperties(resources).SelectMany(property => (string[])["--property", property]),
        "cat", // waits for the end of its input
    ];

    /// <summary>The scope's properties: those that runc gives its scopes, and limits, which systemd would else set back.</summary>
    internal static IEnumerable<string> GetProperties(OciResources? resources)
    {
        string[] fixedOnes =
        [
            "Delegate=yes", "DefaultDependencies=no",
            "CPUAccounting=yes", "MemoryAccounting=yes", "IOAccounting=yes", "TasksAccounting=yes",
        ];
        foreach (var property in fixedOnes)
            yield return property;
        if (resources?.Memory is { Limit: > 0 and var limit } memory)
        {
            yield return Invariant($"MemoryMax={limit}");
            // The spec's is of memory and swap together.
            if (memory.Swap >= limit)
                yield return Invariant($"MemorySwapMax={memory.Swap - limit}");
        }
        if (resources?.Cpu is { Quota: > 0 and var quota, Period: > 0 and var period })
            yield return Invariant($"CPUQuota={Math.Max(1, quota * 100 / (long)period)}%");
        if (resources?.Pids is { Limit: > 0 and var tasks })
            yield return Invariant($"TasksMax={tasks}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Member(ChildProcess process, SafeFileHandle input) : IDisposable
    {
        private string? _folder;

        public void MoveTo(string folder)
        {
            _folder = folder;
            Directory.CreateDirectory(folder);
            Cgroup.Move(process.Id, folder);
        }

        public void Dispose()
        {
            input.Dispose();
            process.Signal(Signals.Kill);
            process.Wait();
            process.Dispose();
            if (_folder is not null)
                Cgroup.RemoveTree(_folder);
        }
    }
}
