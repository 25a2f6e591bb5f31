using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Stasis.Engine.Errors;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Linux;

namespace Stasis.Engine.Containers.Create;

/// <summary>
/// Translates a seccomp profile as distributions ship it (containers/common pkg/seccomp), whose rules may be limited to
/// architectures, capabilities or kernels, into the filter of one container.
/// </summary>
internal static class SeccompFilterBuilder
{
    private const string Unconfined = "unconfined";

    // The administrator's profile, then the distribution's.
    internal static readonly string[] Places = ["/etc/containers/seccomp.json", "/usr/share/containers/seccomp.json"];

    /// <summary>
    /// Builds the filter of a container; null for none.
    /// </summary>
    /// <param name="asked">"unconfined", the path of a profile, or null for the default profile.</param>
    /// <param name="capabilities">The container's capabilities.</param>
    /// <param name="host">This host.</param>
    /// <exception cref="StasisException">The profile is missing or invalid.</exception>
    public static OciSeccomp? Build(string? asked, OciCapabilities capabilities, HostFacts host)
    {
        if (asked == Unconfined)
            return null;
        var path = asked ?? Places.FirstOrDefault(File.Exists) ?? throw new StasisException($"seccomp profile {Places[^1]}: not found")
        {
            Remedy = "install golang-github-containers-common (Debian, Ubuntu) or containers-common, "
                + "or name a profile with --security-opt seccomp=PATH",
        };
        return Translate(Read(path), path, capabilities.Bounding ?? [], host);
    }

    /// <summary>Reads the default profile; null if there is none.</summary>
    /// <exception cref="StasisException">The profile can't be read.</exception>
    public static SeccompProfile? ReadDefault() => Places.FirstOrDefault(File.Exists) is { } path ? Read(path) : null;

    internal static OciSeccomp? Translate(SeccompProfile profile, string path, IReadOnlyList<string> capabilities, HostFacts host)
    {
        if (profile.DefaultAction is not { Length: > 0 } defaultAction)
            return profile.Syscalls is { Count: > 0 } ? throw CreateFailure(path, "defaultAction is missing") : null;
        if (profile.Architectures is { Count: > 0 } && profile.ArchMap is { Count: > 0 })
        {
            throw CreateFailure(
                path,
                "'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'");
        }
        var (name, native) = host.Architecture switch
        {
            Architecture.X64 => ("amd64", "SCMP_ARCH_X86_64"),
            Architecture.Arm64 => ("arm64", "SCMP_ARCH_AARCH64"),
            var other => (other.ToString().ToLowerInvariant(), ""),
        };
        var mapped = profile.ArchMap?.FirstOrDefault(map => map.Architecture == native);
        return new OciSeccomp
        {
            DefaultAction = defaultAction,
            DefaultErrnoRet = Errno(profile.DefaultErrno, profile.DefaultErrnoRet, path),
            Architectures = profile.Architectures ?? (mapped is null ? null : [mapped.Architecture!, .. mapped.SubArchitectures ?? []]),
            Syscalls = [.. (profile.Syscalls ?? []).Where(Applies).Select(call => Rule(call, path))],
            Unknown = profile.Flags is { } flags ? new Dictionary<string, JsonElement> { ["flags"] = flags } : null,
        };

        bool Applies(SeccompProfileRule rule) =>
            !(rule.Excludes?.Arches ?? []).Contains(name)
            && !(rule.Excludes?.Caps ?? []).Intersect(capabilities).Any()
            && (rule.Includes?.Arches is not { Count: > 0 } arches || arches.Contains(name))
            && !(rule.Includes?.Caps ?? []).Except(capabilities).Any()
            && (rule.Includes?.MinKernel is not { Length: > 0 } kernel || host.Kernel >= KernelVersion(kernel, path))
            && (rule.Excludes?.MinKernel is not { Length: > 0 } notKernel || host.Kernel < KernelVersion(notKernel, path));
    }

    private static SeccompProfile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), EngineJson.Default.SeccompProfile)
                ?? throw CreateFailure(path, "it holds no object");
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException)
        {
            throw CreateFailure(path, FileErrorText.Why(failure), failure);
        }
    }

    private static OciSyscall Rule(SeccompProfileRule rule, string path) => new()
    {
        Names = rule switch
        {
            { Name: { Length: > 0 } name, Names: not { Count: > 0 } } => [name],
            { Name: not { Length: > 0 }, Names: { Count: > 0 } names } => names,
            _ => throw CreateFailure(path, "a rule needs either 'name' or 'names'"),
        },
        Action = rule.Action ?? throw CreateFailure(path, "a rule has no action"),
        ErrnoRet = Errno(rule.Errno, rule.ErrnoRet, path),
        Args = rule.Args is { ValueKind: JsonValueKind.Array } args && args.GetArrayLength() > 0 ? args : null,
    };

    private static uint? Errno(string? name, uint? number, string path) => name switch
    {
        null or "" => number,
        _ when uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var value) => value,
        _ when Enum.TryParse<Errno>(name, out var errno) => (uint)errno,
        _ => number ?? throw CreateFailure(path, $"unknown errno {name}"),
    };

    private static Version KernelVersion(string text, string path) =>
        Version.TryParse(text, out var version) ? version : throw CreateFailure(path, $"minKernel \"{text}\" is not a version");

    private static StasisException CreateFailure(string path, string why, Exception? inner = null) =>
        new($"loading seccomp profile ({path}) failed: {why}", inner);
}

/// <summary>An architecture of a seccomp profile, and the further architectures whose programs it runs.</summary>
internal sealed record SeccompArchitectures
{
    [JsonPropertyName("architecture")] public string? Architecture { get; init; }
    [JsonPropertyName("subArchitectures")] public IReadOnlyList<string>? SubArchitectures { get; init; }
}

/// <summary>A rule of a seccomp profile, with its conditions.</summary>
internal sealed record SeccompProfileRule
{
    [JsonPropertyName("name")] public string? Name { get; init; }
    [JsonPropertyName("names")] public IReadOnlyList<string>? Names { get; init; }
    [JsonPropertyName("action")] public string? Action { get; init; }
    [JsonPropertyName("args")] public JsonElement? Args { get; init; }
    [JsonPropertyName("errnoRet")] public uint? ErrnoRet { get; init; }
    [JsonPropertyName("errno")] public string? Errno { get; init; }
    [JsonPropertyName("includes")] public SeccompProfileCondition? Includes { get; init; }
    [JsonPropertyName("excludes")] public SeccompProfileCondition? Excludes { get; init; }
}

/// <summary>Conditions under which a rule of a seccomp profile applies, or does not apply.</summary>
internal sealed record SeccompProfileCondition
{
    [JsonPropertyName("caps")] public IReadOnlyList<string>? Caps { get; init; }
    [JsonPropertyName("arches")] public IReadOnlyList<string>? Arches { get; init; }
    [JsonPropertyName("minKernel")] public string? MinKernel { get; init; }
}
