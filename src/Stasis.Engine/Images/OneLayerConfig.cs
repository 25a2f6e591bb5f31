using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Stasis.Engine.Common;

namespace Stasis.Engine.Images;

/// <summary>
/// The configuration of an image of one layer, byte for byte as containers/image's tarball transport writes it: members
/// in the order of image-spec's Go types, times as Go prints them. So an image that was imported has the ID that
/// <c>podman import</c> gives it.
/// </summary>
internal static class OneLayerConfig
{
    /// <summary>This machine's architecture by Go's name, which images use.</summary>
    public static string Architecture => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>Of a layer that was packed now.</summary>
    public static byte[] OfCreated(string diffId)
    {
        var now = DateTimeOffset.UtcNow;
        var nanoseconds = (uint)(now.Ticks % TimeSpan.TicksPerSecond * 100);
        return Write(diffId, now.ToUnixTimeSeconds(), nanoseconds, "stasis container checkpoint", null);
    }

    /// <summary>Of a root file system's tar that was last changed then.</summary>
    public static byte[] OfImported(string diffId, long seconds, uint nanoseconds) =>
        Write(diffId, seconds, nanoseconds, $"/bin/sh -c #(nop) ADD file:{Digests.Hex(diffId)} in /", "imported from tarball");

    private static byte[] Write(string diffId, long seconds, uint nanoseconds, string createdBy, string? comment)
    {
        var fraction = nanoseconds == 0 ? "" : "." + nanoseconds.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        var created = time + fraction + "Z";
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("created", created);
            json.WriteString("architecture", Architecture);
            json.WriteString("os", "linux");
            json.WriteStartObject("config");
            json.WriteEndObject();
            json.WriteStartObject("rootfs");
            json.WriteString("type", "layers");
            json.WriteStartArray("diff_ids");
            json.WriteStringValue(diffId);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartArray("history");
            json.WriteStartObject();
            json.WriteString("created", created);
            json.WriteString("created_by", createdBy);
            if (comment is not null)
                json.WriteString("comment", comment);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
