namespace Stasis.Engine.Containers;

/// <summary>A line of a container's output, or a part of a long line. Bytes, since output needn't be text.</summary>
/// <param name="Time">When conmon read it.</param>
/// <param name="IsError">Written to standard error.</param>
/// <param name="Text">The bytes, without line end.</param>
/// <param name="Partial">The line continues in the next one of the same stream.</param>
public readonly record struct LogLine(DateTimeOffset Time, bool IsError, ReadOnlyMemory<byte> Text, bool Partial);
