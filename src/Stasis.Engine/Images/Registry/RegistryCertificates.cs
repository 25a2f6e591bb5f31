using System.Security.Cryptography.X509Certificates;

namespace Stasis.Engine.Images.Registry;

/// <summary>Certificates that this host has for a registry alone (containers-certs.d(5)).</summary>
internal static class RegistryCertificates
{
    private static readonly string[] Folders = ["/etc/containers/certs.d", "/etc/docker/certs.d"];

    /// <summary>Whether there is a key that the registry wants to see.</summary>
    public static bool HasClientKey(string host) => Find(host, "*.key").Count > 0;

    /// <summary>How the registry's certificate is verified; null if as every other.</summary>
    public static X509ChainPolicy? FindPolicy(string host)
    {
        if (Find(host, "*.crt") is not { Count: > 0 } files)
            return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        foreach (var file in files)
            policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }

    private static List<string> Find(string host, string pattern) =>
    [
        .. Folders.Select(folder => Path.Combine(folder, host)).Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, pattern)),
    ];
}
