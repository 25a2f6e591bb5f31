namespace Stasis.Engine.Jail;

/// <summary>The record that a runtime left in its jail isn't acceptable.</summary>
internal sealed class RuntimeStateException(string message) : Exception(message);
