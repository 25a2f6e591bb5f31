using Microsoft.Win32.SafeHandles;
using Stasis.Linux.Native;

namespace Stasis.Linux.Processes;

/// <summary>
/// Descriptors for a child, duplicated to numbers above all numbers that they will have in the child. So dup2(2) to one of those
/// can't overwrite a descriptor that is still needed.
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

    /// <summary>The descriptor here that becomes the child's descriptor <paramref name="target"/>; null if there is none.</summary>
    public int? Find(int target) => _sources.TryGetValue(target, out var handle) ? (int)handle.DangerousGetHandle() : null;

    public void Dispose()
    {
        foreach (var handle in _sources.Values)
            handle.Dispose();
    }
}
