using System.Diagnostics;
using System.Net;
using Stasis.Engine.Common;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;

namespace Stasis.Engine.Images.Registry;

/// <summary>
/// The bytes of a layer on a registry, of which each part is asked for when it is read. A registry that can't be reached is asked again for
/// a while: processes may be waiting that would be lost.
/// </summary>
internal sealed class RegistryLayerSource : IRandomAccessSource, IDisposable
{
    // If no container waits.
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(5);

    private readonly RegistryLayer _layer;
    private readonly RegistryClient _client;
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _cancelled = new();
    private volatile bool _isAwaited;

    private RegistryLayerSource(RegistryLayer layer, RegistryClient client, TimeSpan patience) =>
        (_layer, _client, _patience) = (layer, client, patience);

    /// <summary>Whether containers run that wait.</summary>
    public bool IsAwaited
    {
        set => _isAwaited = value;
    }

    /// <inheritdoc/>
    public long Length => _layer.Length;

    /// <summary>Opens a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="patience">For how long a registry is asked again that can't be reached, while containers wait.</param>
    /// <exception cref="StasisException">This host's settings have changed, so that the registry isn't to be asked itself.</exception>
    public static RegistryLayerSource Open(RegistryLayer layer, TimeSpan patience) =>
        RegistryClient.TryCreate(layer.Repository, layer.Registry) is { } client
            ? new RegistryLayerSource(layer, client, patience)
            : throw new StasisException($"{layer.Repository} is to be reached in another way by now: registries.conf has changed");

    /// <summary>Opens the frames, each of which is verified when it is read.</summary>
    /// <exception cref="IOException">The registry doesn't give them.</exception>
    /// <exception cref="CompressionException">They aren't what the manifest says.</exception>
    public SeekableZstd OpenFrames()
    {
        var tables = new byte[Length - _layer.TablesOffset];
        _ = ReadAt(_layer.TablesOffset, tables);
        return Digests.Compute(tables) == _layer.TablesDigest
            ? SeekableZstd.OpenVerified(this, tables)
            : throw new CompressionException("zstd", _layer.TablesOffset, "its tables don't have the digest that the manifest says");
    }

    /// <inheritdoc/>
    public int ReadAt(long offset, Span<byte> target)
    {
        var length = (int)Math.Min(target.Length, Math.Max(0, Length - offset));
        var begun = Stopwatch.GetTimestamp();
        for (var wait = 50; ; wait = Math.Min(wait * 2, 5000))
        {
            try
            {
                _client.ReadPart(_layer.Digest, _layer.Length, offset, target[..length], _cancelled.Token);
                return length;
            }
            catch (Exception e) when (IsPassing(e) && !_cancelled.IsCancellationRequested && Stopwatch.GetElapsedTime(begun) < Patience)
            {
                _ = _cancelled.Token.WaitHandle.WaitOne(wait);
            }
            catch (Exception e) when (e is HttpRequestException or InvalidDataException or OperationCanceledException)
            {
                throw new IOException($"{_layer.Repository}: {e.GetBaseException().Message}", e);
            }
        }
    }

    /// <summary>Nothing more is wanted: reads that wait fail.</summary>
    public void Cancel() => _cancelled.Cancel();

    public void Dispose()
    {
        _client.Dispose();
        _cancelled.Dispose();
    }

    private TimeSpan Patience => _isAwaited ? _patience : Impatience;

    // It may go on another time.
    private static bool IsPassing(Exception failure) => failure switch
    {
        HttpRequestException { StatusCode: { } status } => status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
            || (int)status >= 500,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.SecureConnectionError or HttpRequestError.ConfigurationLimitExceeded
        } => false,
        HttpRequestException or IOException or OperationCanceledException => true,
        _ => false,
    };
}
