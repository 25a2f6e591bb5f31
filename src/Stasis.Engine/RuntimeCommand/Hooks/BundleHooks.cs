using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Linux;
using Stasis.Linux.Processes;

namespace Stasis.Engine.RuntimeCommand.Hooks;

/// <summary>
/// The hooks of a bundle's spec: programs of the engine's that are run outside of the container, with its state on standard input
/// (runtime-spec: config.md, POSIX-platform hooks). The restore's jail shows them nothing of the host, so they are run from here.
/// </summary>
internal sealed class BundleHooks
{
    /// <summary>Kinds of hooks, by the spec's names.</summary>
    public const string Prestart = "prestart", CreateRuntime = "createRuntime", Poststart = "poststart", Poststop = "poststop";

    private static readonly string[] Kinds = [Prestart, CreateRuntime, Poststart, Poststop];
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1); // of a hook without a limit of its own

    private readonly Dictionary<string, IReadOnlyList<Hook>> _hooks = [];

    private BundleHooks()
    {
    }

    private sealed record Hook(
        string Path, string CalledName, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment, TimeSpan Timeout);

    /// <summary>Reads them.</summary>
    /// <param name="hooks">The spec's field; null if it has none.</param>
    /// <exception cref="StasisException">One would have to be run within the container, which a restore has no place for.</exception>
    public static BundleHooks Read(JsonElement? hooks)
    {
        var found = new BundleHooks();
        if (hooks is not { ValueKind: JsonValueKind.Object } present)
            return found;
        foreach (var kind in present.EnumerateObject().Where(kind => kind.Value.ValueKind == JsonValueKind.Array))
        {
            if (kind.Value.GetArrayLength() == 0)
                continue;
            if (!Kinds.Contains(kind.Name))
            {
                throw new StasisException($"a checkpoint can't be restored with hooks of the kind {kind.Name}")
                {
                    Remedy = "run the container without them",
                };
            }
            found._hooks[kind.Name] = [.. kind.Value.EnumerateArray().Select(Parse)];
        }
        return found;
    }

    /// <summary>Whether there is one of a kind.</summary>
    public bool Has(string kind) => _hooks.ContainsKey(kind);

    /// <summary>Runs those of a kind, one after another.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="state">A file with the container's state, JSON.</param>
    /// <exception cref="StasisException">One failed.</exception>
    public void Run(string kind, string state)
    {
        foreach (var hook in _hooks.GetValueOrDefault(kind) ?? [])
        {
            using var input = File.OpenHandle(state);
            var options = new SpawnOptions
            {
                Program = hook.Path,
                CalledName = hook.CalledName,
                Arguments = hook.Arguments,
                Environment = hook.Environment,
                Descriptors = new Dictionary<int, SafeFileHandle> { [0] = input },
            };
            if (Explain(options, hook.Timeout) is { } why)
                throw new StasisException($"the {kind} hook {hook.Path} failed {why}");
        }
    }

    // Null if the program did what it should.
    private static string? Explain(SpawnOptions options, TimeSpan timeout)
    {
        try
        {
            var result = Spawn.RunAsync(options, timeout, CancellationToken.None).GetAwaiter().GetResult();
            return result.ExitCode == 0 ? null : $"with exit code {result.ExitCode}: {result.Error.Trim()}";
        }
        catch (Exception e) when (e is TimeoutException or LinuxException)
        {
            return $"({e.Message})";
        }
    }

    private static Hook Parse(JsonElement hook) => new(
        GetPath(hook),
        Texts(hook, "args").FirstOrDefault() ?? GetPath(hook),
        [.. Texts(hook, "args").Skip(1)],
        [.. Texts(hook, "env")],
        hook.TryGetProperty("timeout", out var seconds) && seconds.TryGetInt32(out var limit) && limit > 0
            ? TimeSpan.FromSeconds(limit)
            : Longest);

    private static string GetPath(JsonElement hook) => hook.TryGetProperty("path", out var path) ? path.GetString() ?? "" : "";

    private static IEnumerable<string> Texts(JsonElement hook, string name) =>
        hook.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(text => text.GetString() ?? "")
            : [];
}
