using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>
/// A child's descriptors, duplicated to numbers above all of the child's own, so that putting one into its place
/// can't overwrite another that is still to be put.
/// </summary>
internal sealed class ChildDescriptors : IDisposable
{
    private readonly Dictionary<int, SafeFileHandle> _sources = [];

    public ChildDescriptors(IReadOnlyDictionary<int, SafeFileHandle> descriptors)
    {
        End = Math.Max(3, descriptors.Count == 0 ? 0 : descriptors.Keys.Max() + 1);
        foreach (var (target, handle) in descriptors)
        {
            var copy = new SafeFileHandle(Libc.fcntl(handle, Libc.F_DUPFD_CLOEXEC, End), ownsHandle: true);
            if (copy.IsInvalid)
            {
                var error = LinuxException.Last("dup");
                Dispose();
                throw error;
            }

            _sources.Add(target, copy);
        }
    }

    /// <summary>One above the child's highest descriptor.</summary>
    public int End { get; }

    /// <summary>What becomes the child's descriptor <paramref name="target"/>.</summary>
    public int? Find(int target) => _sources.TryGetValue(target, out var handle) ? (int)handle.DangerousGetHandle() : null;

    public void Dispose()
    {
        foreach (var handle in _sources.Values)
            handle.Dispose();
    }
}
