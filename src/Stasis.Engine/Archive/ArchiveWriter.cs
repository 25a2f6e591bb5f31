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
/// Writes a checkpoint archive: collects what goes in, writes it into a file without a name (mode 0600), and with <see cref="Commit"/>
/// fsyncs it and gives it its name. Disposed before that, it leaves nothing. On standard output it is written as it comes, and whoever reads it has to
/// see to the rest.
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

    /// <summary>The name that it has while it is written and that a killed process leaves behind; null where it has none.</summary>
    public string? TemporaryPath => _file?.TemporaryPath;

    /// <summary>Opens the archive for writing, so that whatever forbids it is known now.</summary>
    /// <param name="target">Path, or "-" for standard output.</param>
    /// <param name="compression">How it is compressed.</param>
    /// <param name="recipients">Whom it is encrypted to; with none it isn't.</param>
    public static ArchiveWriter Create(string target, CompressionFormat compression, IReadOnlyCollection<AgeRecipient>? recipients = null)
    {
        recipients ??= [];
        if (target == "-")
            return new ArchiveWriter(target, null, compression, recipients);
        // The archive takes the place of what has its name. For a link that is what it leads to, as with Podman; a device or a FIFO is nobody's to replace.
        try
        {
            if (FileStatus.TryRead(target) is { IsSymbolicLink: true })
                target = new FileInfo(target).ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            if (FileStatus.TryRead(target) is { IsRegularFile: false })
                throw new StasisException($"cannot write archive {target}: it is there and is no regular file") { Remedy = "give a file name" };
            return new ArchiveWriter(target, PendingFile.Create(target), compression, recipients);
        }
        catch (IOException e)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(target))!;
            throw Directory.Exists(folder)
                ? new StasisException($"cannot write archive {target}: {(e as LinuxException)?.Errno.Describe() ?? FileFailure.Why(e)}", e) { Remedy = FileFailure.Remedy(e, folder) ?? "give another path" }
                : new StasisException($"cannot write archive {target}: there is no folder {folder}", e) { Remedy = $"make it (mkdir -p {folder}), or give another path" };
        }
    }

    /// <summary>"sha256:" and the hash of all bytes of the archive, once it is written; null before.</summary>
    public string? Digest { get; private set; }

    /// <summary>What the archive's file is; null on standard output.</summary>
    public FileStatus? Status => _file is null ? null : FileStatus.Read(_file.Handle);

    /// <summary>Bytes of the archive's file, once it is written; null on standard output.</summary>
    public long? Length => _file is null ? null : RandomAccess.GetLength(_file.Handle);

    public void AddBytes(string name, ReadOnlySpan<byte> content) => _entries.Add((name, null, content.ToArray(), null));

    public void AddFile(string name, string path) => _entries.Add((name, path, null, null));

    /// <summary>Adds a symbolic link.</summary>
    public void AddLink(string name, string target) => _entries.Add((name, null, null, target));

    /// <summary>Adds a folder's files by name, those that begin with <paramref name="last"/> after all others. Nothing if there is no such folder.</summary>
    public void AddFolder(string name, string path, string? last = null)
    {
        if (!Directory.Exists(path))
            return;
        _entries.Add((name, null, null, null));
        foreach (var file in Directory.GetFiles(path).Order(StringComparer.Ordinal).OrderBy(file => last is not null && Path.GetFileName(file).StartsWith(last, StringComparison.Ordinal)))
            _entries.Add(($"{name}/{Path.GetFileName(file)}", file, null, null));
    }

    /// <summary>Writes all that was added.</summary>
    /// <exception cref="StasisException">E.g. the disk is full. <see cref="IDisposable.Dispose"/> removes what was written.</exception>
    public void Write(Action<(long Done, long Total)> progress, CancellationToken cancellation) => Trying(() => WriteEntries(progress, cancellation));

    /// <summary>
    /// Makes it durable and gives it its name, replacing what had it. Gives what its file was before that, and is with its name; null on standard output.
    /// </summary>
    public (FileStatus Before, FileStatus Named)? Commit()
    {
        (FileStatus, FileStatus)? files = null;
        Trying(() =>
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
            using var output = new HashingStream(StandardStream.Output);
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
        // Neither compressed nor encrypted into a file, content may share blocks.
        var shares = _file is not null && _compression == CompressionFormat.None && encrypted is null;
        using (var compressed = shares ? null : CompressionStreams.OpenWrite(encrypted ?? file, _compression))
            WriteEntries(new TarWriter(compressed ?? file) { Copied = count => progress((done += count, total)) }, shares, cancellation);
        // Not where writing failed: nobody must take what there is for whole.
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
                tar.WriteEntry(new TarEntry { Name = Encoding.UTF8.GetBytes(name), Type = TarEntryType.Symlink, LinkName = Encoding.UTF8.GetBytes(link), Mode = 0x1FF /* 0777 */, ModifiedSeconds = now }, cancellation: cancellation);
            }
            else
            {
                tar.WriteEntry(TarEntry.OfDirectory(name) with { ModifiedSeconds = now }, cancellation: cancellation);
            }
            FaultPoint.Hit("archive.entry");
        }
        tar.Finish();
    }

    private void Trying(Action action)
    {
        try
        {
            action();
        }
        catch (IOException e)
        {
            if (_file is null)
                throw new StasisException($"writing the archive to standard output: {(e as LinuxException)?.Errno.Describe() ?? FileFailure.Why(e)}", e)
                {
                    Remedy = FileFailure.IsFull(e) ? "make room where standard output goes to" : null,
                };
            throw new StasisException($"writing archive {_target}: {FileFailure.Why(e)}", e) { Remedy = FileFailure.Remedy(e, Path.GetDirectoryName(Path.GetFullPath(_target))!) };
        }
    }
}
