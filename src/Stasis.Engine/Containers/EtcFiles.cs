using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers;

/// <summary>The files that Stasis binds over the image's: /etc/hosts, /etc/hostname, /etc/resolv.conf and /run/.containerenv.</summary>
internal static class EtcFiles
{
    /// <summary>Writes those that the container's spec binds from <see cref="ContainerLayout.EtcFile"/>: called at every start and restore.</summary>
    public static void Write(Container container, ContainerLayout paths) => throw new NotImplementedException();
}
