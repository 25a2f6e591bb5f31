using System.Text.Json;
using Stasis.Engine.Errors;

namespace Stasis.Engine.Images.Registry;

/// <summary>The host's policy for signatures of images (containers-policy.json(5)), which skopeo enforces.</summary>
internal static class SignaturePolicyFile
{
    private const string Anything = "insecureAcceptAnything";

    /// <summary>The file that is in force; null if there is none.</summary>
    public static string? Find()
    {
        var own = Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? "/root", ".config/containers/policy.json");
        return File.Exists(own) ? own : File.Exists(System) ? System : null;
    }

    /// <summary>Whether images are accepted without a signature, wherever they come from.</summary>
    /// <exception cref="StasisException">The file isn't JSON.</exception>
    public static bool AcceptsAnything() => Find() is not { } path || AcceptsAnything(path);

    internal static bool AcceptsAnything(string path)
    {
        try
        {
            using var policy = JsonDocument.Parse(File.ReadAllBytes(path));
            return policy.RootElement.TryGetProperty("default", out var requirements) && IsAnything(requirements)
                && (!policy.RootElement.TryGetProperty("transports", out var transports)
                    || transports.EnumerateObject().Where(transport => transport.Name == "docker")
                        .SelectMany(transport => transport.Value.EnumerateObject()).All(scope => IsAnything(scope.Value)));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new StasisException($"{path}: {e.Message}", e) { Remedy = "see containers-policy.json(5) for what it may say" };
        }
    }

    private const string System = "/etc/containers/policy.json";

    private static bool IsAnything(JsonElement requirements) => requirements.GetArrayLength() > 0 && requirements.EnumerateArray().All(
        requirement => requirement.TryGetProperty("type", out var type) && type.ValueEquals(Anything));
}
