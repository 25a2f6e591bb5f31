namespace Stasis.Engine.Storage;

/// <summary>Named volumes.</summary>
public sealed class VolumeManager
{
    internal VolumeManager(StasisEngine engine) => _ = engine;

    /// <summary>Whether there is a volume of that name.</summary>
    public bool Exists(string name) => throw new NotImplementedException(name);

    /// <summary>Makes the volume if it isn't there, and gives the host path of its content.</summary>
    public string Ensure(string name) => throw new NotImplementedException(name);

    /// <summary>Removes the volume.</summary>
    /// <exception cref="InUseException">A container uses it.</exception>
    public void Remove(string name) => throw new NotImplementedException(name);
}
