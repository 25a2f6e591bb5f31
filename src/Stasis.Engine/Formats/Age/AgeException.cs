using Stasis.Engine.Errors;

namespace Stasis.Engine.Formats.Age;

/// <summary>Data in age's format that is damaged, was tampered with, or can't be decrypted with the identities that there are.</summary>
/// <param name="offset">Where in the encrypted data, in bytes.</param>
/// <param name="why">What is wrong.</param>
internal sealed class AgeException(long offset, string why) : StasisException($"age data, offset {offset}: {why}")
{
    /// <summary>Where in the encrypted data, in bytes.</summary>
    public long Offset { get; } = offset;
}
