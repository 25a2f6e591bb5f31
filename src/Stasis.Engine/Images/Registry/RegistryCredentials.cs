using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Errors;
using Stasis.Linux;
using Stasis.Linux.Files;
using Stasis.Linux.Processes;

namespace Stasis.Engine.Images.Registry;

/// <summary>
/// The name and password of a registry's user, from where <c>skopeo login</c> and <c>docker login</c> leave them
/// (containers-auth.json(5)).
/// </summary>
/// <param name="User">The name.</param>
/// <param name="Password">The password.</param>
internal sealed record RegistryCredentials(string User, string Password)
{
    private static readonly TimeSpan HelperLimit = TimeSpan.FromSeconds(10);

    /// <summary>Finds those for a repository; null if there are none.</summary>
    /// <param name="repository">Registry and path.</param>
    /// <param name="file">The file that has them; null for its usual places.</param>
    /// <exception cref="StasisException">A file, or what a helper program prints, isn't what it should be.</exception>
    public static RegistryCredentials? Find(string repository, string? file)
    {
        var named = file ?? Environment.GetEnvironmentVariable("REGISTRY_AUTH_FILE");
        return (named is { Length: > 0 } ? [named] : FindFiles())
            .Select(path => FindIn(path, repository)).FirstOrDefault(found => found is not null);
    }

    /// <summary>As the Authorization header has them (RFC 7617).</summary>
    public string ToBasic() => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));

    internal static RegistryCredentials? FindIn(string path, string repository)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var content = JsonSerializer.Deserialize(File.ReadAllBytes(path), RegistryJson.Default.CredentialsFile);
            foreach (var scope in Scopes(repository))
            {
                if (content?.Helpers?.GetValueOrDefault(scope) is { } helper)
                    return Ask(helper, scope);
                if (content?.Entries?.GetValueOrDefault(scope)?.Auth is { Length: > 0 } auth
                    && Encoding.UTF8.GetString(Convert.FromBase64String(auth)).Split(':', 2) is [var user, var password])
                    return new RegistryCredentials(user, password.TrimEnd('\0'));
            }
            return content?.DefaultHelper is { Length: > 0 } store ? Ask(store, Scopes(repository)[^1]) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new StasisException($"{path}: {e.Message}", e) { Remedy = "log in to the registry again" };
        }
    }

    private static List<string> FindFiles()
    {
        var home = Environment.GetEnvironmentVariable("HOME") ?? "/root";
        var run = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } own ? own : "/run/containers/0";
        return
        [
            Path.Combine(run, run == "/run/containers/0" ? "auth.json" : "containers/auth.json"),
            Path.Combine(home, ".config/containers/auth.json"),
            Path.Combine(home, ".docker/config.json"),
        ];
    }

    // What credentials may be kept for: the repository, each folder that it is in, the registry.
    private static List<string> Scopes(string repository)
    {
        List<string> scopes = [];
        for (var scope = repository; ; scope = scope[..scope.LastIndexOf('/')])
        {
            scopes.Add(scope);
            if (!scope.Contains('/'))
                break;
        }
        if (scopes[^1] == "docker.io")
            scopes.Add("https://index.docker.io/v1/"); // as Docker names its own
        return scopes;
    }

    // github.com/docker/docker-credential-helpers, "Development": the server on standard input, JSON on standard output.
    private static RegistryCredentials? Ask(string helper, string server)
    {
        if (helper.Contains('/'))
            throw new StasisException($"credential helper \"{helper}\": a name is wanted, not a path");
        try
        {
            using var input = AnonymousFile.Create("server", Encoding.UTF8.GetBytes(server));
            var program = new SpawnOptions
            {
                Program = $"docker-credential-{helper}",
                Arguments = ["get"],
                Descriptors = new Dictionary<int, SafeFileHandle> { [0] = input },
            };
            var result = Spawn.RunAsync(program, HelperLimit, CancellationToken.None).GetAwaiter().GetResult();
            if (result.ExitCode != 0)
                return null; // it has none
            var found = JsonSerializer.Deserialize(result.Output, RegistryJson.Default.HelperCredentials);
            return found is { Username: { } user, Secret: { } secret } && user != "<token>" ? new RegistryCredentials(user, secret) : null;
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            throw new MissingProgramException($"docker-credential-{helper}", $"credential helper {helper} isn't installed", e);
        }
    }
}

/// <summary>A file of credentials (containers-auth.json(5)).</summary>
internal sealed record CredentialsFile
{
    [JsonPropertyName("auths")] public Dictionary<string, CredentialsEntry>? Entries { get; init; }
    [JsonPropertyName("credHelpers")] public Dictionary<string, string>? Helpers { get; init; }
    [JsonPropertyName("credsStore")] public string? DefaultHelper { get; init; }
}

/// <summary>One entry of it: name and password, with a colon between them, in base64.</summary>
internal sealed record CredentialsEntry
{
    [JsonPropertyName("auth")] public string? Auth { get; init; }
}

/// <summary>What a credential helper prints.</summary>
internal sealed record HelperCredentials
{
    public string? Username { get; init; }
    public string? Secret { get; init; }
}

/// <summary>What a registry's token service answers (distribution's docs/spec/auth/token.md).</summary>
internal sealed record TokenAnswer
{
    [JsonPropertyName("token")] public string? Token { get; init; }
    [JsonPropertyName("access_token")] public string? AccessToken { get; init; }
}

[JsonSerializable(typeof(CredentialsFile))]
[JsonSerializable(typeof(HelperCredentials))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(RegistryLayer))]
internal sealed partial class RegistryJson : JsonSerializerContext;
