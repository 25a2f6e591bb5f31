namespace Stasis.Engine.Containers;

/// <summary>A piece of a container's output. Bytes, since output needn't be text.</summary>
/// <param name="Time">When conmon read it.</param>
/// <param name="IsError">Standard error.</param>
/// <param name="Text">The bytes, without line end.</param>
/// <param name="Partial">The line goes on in the next piece.</param>
public readonly record struct LogLine(DateTimeOffset Time, bool IsError, ReadOnlyMemory<byte> Text, bool Partial);
