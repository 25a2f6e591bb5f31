using System.Text;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Age;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Formats.Tar;
using Stasis.Engine.Streams;
using Stasis.Linux;
using Stasis.Linux.Files;

namespace Stasis.Engine.Archive;

/// <summary>
/// Writes a checkpoint archive: collects entries, writes them into a file without a name (mode 0600), and
/// with <see cref="Commit"/> fsyncs the file and gives it its name. Disposed before that, it leaves nothing.
/// An archive on standard output is written at once; making it durable is the reader's task.
/// </summary>
internal sealed class ArchiveWriter : IDisposable
{
    private readonly string _target;
    private readonly PendingFile? _file; // null for standard output
    private readonly CompressionFormat _compression;
    private readonly IReadOnlyCollection<AgeRecipient> _recipients;
    private readonly List<(string Name, string? Source, byte[]? Content, string? Link)> _entries = [];

    private ArchiveWriter(string target, PendingFile? file, CompressionFormat compression, IReadOnlyCollection<AgeRecipient> recipients) =>
        (_target, _file, _compression, _recipients) = (target, file, compression, recipients);

    /// <summary>The file's name while it is written, which a killed process leaves behind; null if it has no name until then.</summary>
    public string? TemporaryPath => _file?.TemporaryPath;

    /// <summary>Opens an archive for writing, so that errors come before any work is done.</summary>
    /// <param name="target">The archive's path, or "-" for standard output.</param>
    /// <param name="compression">The archive's compression.</param>
    /// <param name="recipients">The recipients that the archive is encrypted to; null or none to leave it plain.</param>
    /// <exception cref="StasisException">The file can't be created, or something other than a regular file is in its place.</exception>
    public static ArchiveWriter Create(string target, CompressionFormat compression, IReadOnlyCollection<AgeRecipient>? recipients = null)
    {
        recipients ??= [];
        if (target == "-")
            return new ArchiveWriter(target, null, compression, recipients);
        // The archive replaces the file of its name; through a symbolic link it replaces the link's target,
        // as Podman does. Devices and FIFOs aren't replaced.
        try
        {
            if (FileStatus.TryRead(target) is { IsSymbolicLink: true })
                target = new FileInfo(target).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            if (FileStatus.TryRead(target) is { IsRegularFile: false })
                throw new StasisException(
                    $"cannot write archive {target}: it is there and is no regular file")
                { Remedy = "give a file name" };
            return new ArchiveWriter(target, PendingFile.Create(target), compression, recipients);
        }
        catch (IOException e)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(target))!;
            throw Directory.Exists(folder)
                ? new StasisException($"cannot write archive {target}: {(e as LinuxException)?.Errno.Describe() ?? FileErrorText.Why(e)}",
                    e)
                {
                    Remedy = FileErrorText.Remedy(e, folder) ?? "give another path",
                }
                : new StasisException($"cannot write archive {target}: there is no folder {folder}", e)
                {
                    Remedy = $"make it (mkdir -p {folder}), or give another path",
                };
        }
    }

    /// <summary>"sha256:" and the hash of the archive's bytes; null before the archive is written.</summary>
    public string? Digest { get; private set; }

    /// <summary>The status of the archive's file; null on standard output.</summary>
    public FileStatus? Status => _file is null ? null : FileStatus.Read(_file.Handle);

    /// <summary>The length of the archive's file in bytes; null on standard output.</summary>
    public long? Length => _file is null ? null : RandomAccess.GetLength(_file.Handle);

    /// <summary>Adds a file with this content.</summary>
    public void AddBytes(string name, ReadOnlySpan<byte> content) => _entries.Add((name, null, content.ToArray(), null));

    /// <summary>Adds a file with the content of the file at <paramref name="path"/>, which is read by <see cref="Write"/>.</summary>
    public void AddFile(string name, string path) => _entries.Add((name, path, null, null));

    /// <summary>Adds a symbolic link.</summary>
    public void AddLink(string name, string target) => _entries.Add((name, null, null, target));

    /// <summary>
    /// Adds a folder and its files in the order of their names, those that begin with <paramref name="last"/>
    /// after all others. Without such a folder, adds nothing.
    /// </summary>
    public void AddFolder(string name, string path, string? last = null)
    {
        if (!Directory.Exists(path))
            return;
        _entries.Add((name, null, null, null));
        foreach (var file in Directory
            .GetFiles(path)
            .Order(StringComparer.Ordinal)
            .OrderBy(file => last is not null && Path.GetFileName(file).StartsWith(last, StringComparison.Ordinal)))
            _entries.Add(($"{name}/{Path.GetFileName(file)}", file, null, null));
    }

    /// <summary>Writes all entries.</summary>
    /// <exception cref="StasisException">
    /// Writing failed, for example because the disk is full. <see cref="IDisposable.Dispose"/> removes the
    /// file.
    /// </exception>
    public void Write(Action<(long Done, long Total)> progress, CancellationToken cancellation) =>
        RunWriting(() => WriteEntries(progress, cancellation));

    /// <summary>
    /// Fsyncs the archive and gives it its name, replacing the file of that name. Returns the file's status
    /// before and after; null on standard output.
    /// </summary>
    public (FileStatus Before, FileStatus Named)? Commit()
    {
        (FileStatus, FileStatus)? files = null;
        RunWriting(() =>
        {
            if (_file is null)
                return;
            var before = FileStatus.Read(_file.Handle);
            _file.Commit();
            files = (before, FileStatus.Read(_file.Handle));
        });
        return files;
    }

    public void Dispose() => _file?.Dispose();

    private void WriteEntries(Action<(long Done, long Total)> progress, CancellationToken cancellation)
    {
        var total = _entries.Sum(e => e.Source is null ? 0 : new FileInfo(e.Source).Length);
        if (_file is null)
        {
            using var output = new HashingWriteStream(StandardStream.Output);
            WriteEntries(output, total, progress, cancellation);
            Digest = output.Digest();
            return;
        }
        using var file = new HashingFileStream(_file.Handle);
        WriteEntries(file, total, progress, cancellation);
        Digest = file.Complete();
    }

    private void WriteEntries(Stream file, long total, Action<(long Done, long Total)> progress, CancellationToken cancellation)
    {
        var done = 0L;
        using var encrypted = _recipients.Count == 0 ? null : new AgeWriteStream(file, _recipients);
        // Contents that are neither compressed nor encrypted may share their blocks with the archive's file.
        var shares = _file is not null && _compression == CompressionFormat.None && encrypted is null;
        using (var compressed = shares ? null : CompressionStreams.OpenWrite(encrypted ?? file, _compression))
            WriteEntries(new TarWriter(compressed ?? file) { Copied = count => progress((done += count, total)) }, shares, cancellation);
        // Only after success: without its end, nobody takes the archive for complete.
        encrypted?.End();
    }

    private void WriteEntries(TarWriter tar, bool shares, CancellationToken cancellation)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        foreach (var (name, source, content, link) in _entries)
        {
            if (source is not null)
            {
                using var data = File.OpenHandle(source);
                var length = RandomAccess.GetLength(data);
                if (shares && length >= HashingFileStream.Alignment)
                    tar.AlignContent(HashingFileStream.Alignment);
                tar.WriteEntry(TarEntry.OfFile(name, length) with { ModifiedSeconds = now }, data, cancellation);
            }
            else if (content is not null)
            {
                tar.WriteEntry(TarEntry.OfFile(name, content.Length) with { ModifiedSeconds = now }, content);
            }
            else if (link is not null)
            {
                tar.WriteEntry(new TarEntry
                {
                    Name = Encoding.UTF8.GetBytes(name),
                    Type = TarEntryType.Symlink,
                    LinkName = Encoding.UTF8.GetBytes(link),
                    Mode = 0x1FF /* 0777 */,
                    ModifiedSeconds = now,
                }, cancellation: cancellation);
            }
            else
            {
                tar.WriteEntry(TarEntry.OfDirectory(name) with { ModifiedSeconds = now }, cancellation: cancellation);
            }
            FaultPoint.Hit("archive.entry");
        }
        tar.Finish();
    }

    private void RunWriting(Action action)
    {
        try
        {
            action();
        }
        catch (IOException e)
        {
            if (_file is null)
                throw new StasisException(
                    $"writing the archive to standard output: {(e as LinuxException)?.Errno.Describe() ?? FileErrorText.Why(e)}", e)
                {
                    Remedy = FileErrorText.IsFull(e) ? "make room where standard output goes to" : null,
                };
            throw new StasisException($"writing archive {_target}: {FileErrorText.Why(e)}", e)
            {
                Remedy = FileErrorText.Remedy(e, Path.GetDirectoryName(Path.GetFullPath(_target))!),
            };
        }
    }
}
