namespace Stasis.Engine.Jail;

/// <summary>The source of one of the container's bind mounts.</summary>
/// <param name="Source">File or folder of the host.</param>
/// <param name="Target">Where it is in the jail: a path that no other can be in the way of.</param>
/// <param name="IsReadOnly">Whether nobody in the jail can write to it.</param>
/// <param name="IsRecursive">Whether mounts beneath it are there too.</param>
internal sealed record JailBind(string Source, string Target, bool IsReadOnly, bool IsRecursive);
