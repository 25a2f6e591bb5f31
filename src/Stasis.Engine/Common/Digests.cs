using Stasis.Engine.Errors;
using Stasis.Linux.Cryptography;

namespace Stasis.Engine.Common;

/// <summary>Digests as images have them, and archives here: "sha256:" and 64 hexadecimal digits.</summary>
internal static class Digests
{
    private const string Prefix = "sha256:";

    public static string Compute(ReadOnlySpan<byte> data) => Text(Sha256.Compute(data));

    public static string Text(ReadOnlySpan<byte> hash) => Prefix + Convert.ToHexStringLower(hash);

    /// <summary>The digits. Digests are file names, so what isn't one is refused.</summary>
    /// <exception cref="StasisException">It isn't a digest, or of an algorithm not used here.</exception>
    public static string Hex(string digest) => TryHex(digest) ?? throw new StasisException($"\"{digest}\" is not a sha256 digest");

    /// <summary>As <see cref="Hex"/>; null if it isn't one.</summary>
    public static string? TryHex(string digest) =>
        digest.Length == Prefix.Length + 64 && digest.StartsWith(Prefix, StringComparison.Ordinal)
            && digest[Prefix.Length..].All(char.IsAsciiHexDigitLower)
            ? digest[Prefix.Length..] : null;

    /// <summary>The chain ID of a layer that lies on another, or on nothing (OCI image spec, config.md, "Layer ChainID").</summary>
    public static string Chain(string? below, string diffId) =>
        below is null ? diffId : Compute(System.Text.Encoding.ASCII.GetBytes($"{below} {diffId}"));
}
