namespace Stasis.Engine.Jail;

/// <summary>What a runtime left in its jail isn't what it should be.</summary>
internal sealed class JailException(string message) : Exception(message);
