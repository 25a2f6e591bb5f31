namespace Stasis.Engine.Checkpoints;

/// <summary>What becomes of established TCP connections that a checkpoint holds.</summary>
public enum TcpConnectionHandling
{
    /// <summary>A checkpoint that holds any is refused.</summary>
    Refuse,
    /// <summary>They are restored, which needs the same IP address.</summary>
    Keep,
    /// <summary>They are closed.</summary>
    Close,
}
