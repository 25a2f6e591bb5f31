namespace Stasis.EndToEndTests.Attacks;

/// <summary>CRIU's numbers for file systems (enum fstype of images/mnt.proto), of those that attacks name.</summary>
internal static class CriuFileSystem
{
    public const int Devtmpfs = 3, Tmpfs = 5, Securityfs = 9, Fusectl = 10, Debugfs = 11, Overlayfs = 17;
}
