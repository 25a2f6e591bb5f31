using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Age;

/// <summary>Data in age's format is damaged, was tampered with, or can't be decrypted with the given identities.</summary>
/// <param name="offset">The offset in the encrypted data, in bytes.</param>
/// <param name="why">What is wrong.</param>
internal sealed class AgeException(long offset, string why) : StasisException($"age data, offset {offset}: {why}")
{
    /// <summary>The offset in the encrypted data, in bytes.</summary>
    public long Offset { get; } = offset;
}
