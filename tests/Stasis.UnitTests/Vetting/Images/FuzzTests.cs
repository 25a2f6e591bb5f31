using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Stasis.Engine;
using Stasis.Engine.Archive;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Errors;
using Stasis.Engine.Formats.Compression;
using Stasis.Engine.Vetting.Images.Files;
using Stasis.Engine.Vetting.Images.Namespaces;
using Stasis.Engine.Vetting.Policy;
using Stasis.Engine.Vetting.Seccomp;
using Stasis.UnitTests.Formats.Tar;
using Stasis.UnitTests.Fuzz;
using Stasis.UnitTests.Vetting.Policy;
using Xunit;

namespace Stasis.UnitTests.Vetting.Images;

/// <summary>
/// Whatever bytes images have, they are read or refused with an <see cref="ImageException"/>, and verified
/// without a crash, in bounded time and memory.
/// </summary>
public class FuzzTests
{
    private static readonly ImageKind[] Kinds = [.. ImageKind.All.Where(kind => kind is { Message: not null, Refused: null })];

    [Fact]
    public void Images_are_read_or_refused()
    {
        var golden = new GoldenImages().Images;
        var names = golden.Keys.Where(name => ImageKind.Find(name) is { Kind.Message: not null }).ToArray();
        Assert.All(names, name => Assert.True(IsRead((name, golden[name]))));
        Fuzzer.Run(random => Pick(golden, names, random), IsRead, Shown);
    }

    /// <summary>
    /// Of every kind of image as many, however few real ones are of it: what it begins with is right, so that
    /// its records are looked at.
    /// </summary>
    [Fact]
    public void Every_kind_of_image() => Fuzzer.Run(
        random =>
        {
            var kind = Kinds[random.Next(Kinds.Length)];
            var name = kind.Name.EndsWith('-') ? kind.File(1) : kind.TheFile;
            using var bytes = new MemoryStream();
            if (kind.Name != "inventory")
                Write(bytes, ImageReader.CommonMagic);
            Write(bytes, kind.Magic);
            for (var records = random.Next(1, 4); records > 0; records--)
                ImageRecords.Write(
                    bytes,
                    ImageSchema.Message(kind.Layout == ImageLayout.Pagemap && bytes.Length == 8 ? "pagemap_head" : kind.Message!),
                    random);
            return (name, random.Next(3) == 0 ? Mutated(bytes.ToArray(), random) : bytes.ToArray());
        },
        IsRead,
        Shown);

    [Fact]
    public void Checkpoints_are_verified()
    {
        var golden = new GoldenImages().Images;
        var names = golden.Keys
            .Where(name => ImageKind.Find(name) is { Kind.Layout: not ImageLayout.Pages } || name == "descriptors.json")
            .ToArray();
        Fuzzer.Run(
            random => Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(golden, names, random)).ToArray(),
            changed =>
            {
                var images = new GoldenImages();
                foreach (var (name, bytes) in changed)
                    images.Images[name] = bytes;
                return images.Verify().Count == 0;
            },
            changed => string.Join(", ", changed.Select(Shown)));
    }

    /// <summary>Real images, with a spec that is another.</summary>
    [Fact]
    public void Specs_that_images_are_compared_with()
    {
        var spec = JsonSerializer.SerializeToNode(GoldenImages.Spec, EngineJson.Default.OciSpec)!;
        Fuzzer.Run(
            random => JsonMutator.Bytes(JsonMutator.Change(spec, random)),
            input =>
            {
                try
                {
                    var changed =
                        StrictJsonReader.Read("archive", ArchiveEntryNames.SpecDump, input,
                            EngineJson.Default.OciSpec, ArchiveLimits.Default);
                    DumpJsonValidator.Require(Subjects.OfPodman("plain").Config, changed, "archive");
                    return new GoldenImages().VerifyAll(changed).Count == 0;
                }
                catch (ArchiveException)
                {
                    return false;
                }
            },
            Encoding.UTF8.GetString);
    }

    [Fact]
    public void Descriptors() => Fuzzer.Run([
        """["/dev/null","pipe:[1]","socket:[2]"]"""u8.ToArray(),
        """["anon_inode:[eventfd]","/a/b","pipe:[18446744073709551615]"]"""u8.ToArray(),
    ], input =>
    {
        var images = new GoldenImages();
        images.Images["descriptors.json"] = input;
        return images.Verify(StdioImageRule.Check).Count == 0;
    });

    /// <summary>Of file systems in memory: packed again, since gzip's checksum would tell of nearly all changes.</summary>
    [Fact]
    public void Contents_of_file_systems_in_memory()
    {
        var golden = new GoldenImages();
        var name = golden.Names.First(name => ImageKind.Find(name) is { Kind.Layout: ImageLayout.Tar });
        var tars = Directory
            .GetFiles(Golden.Folder, "*.tar.gz")
            .Order(StringComparer.Ordinal)
            .Select(Golden.Read)
            .Where(tar => tar.Length < 40_000);
        Fuzzer.Run([Unpacked(golden.Images[name]), .. tars], input =>
        {
            var images = new GoldenImages();
            images.Images[name] = Packed(input);
            return images.Verify(MountTreeImageRule.Check, TmpfsImageRule.Check).Count == 0;
        });
    }

    [Fact]
    public void Seccomp_filters()
    {
        var spec = SpecFilter.FromSpec(GoldenImages.Spec.Linux!.Seccomp)!;
        var filters = new ImageReader(() => new ImageChunkReader(
            new GoldenImages().Images["seccomp.img"]), ImageKind.Get("seccomp"), "seccomp.img").Read().Single().Children("seccomp_filters");
        Fuzzer.Run(
            [.. filters.Select(filter => filter.Bytes("filter").ToArray())],
            input => FilterProgram.Parse(input, new FilterStepBudget()) is { } program && spec.FindWeaker(program) is null,
            mostAllocated: 1L << 30);
    }

    private static byte[] Packed(byte[] plain)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(plain);
        return target.ToArray();
    }

    private static byte[] Unpacked(byte[] packed)
    {
        using var plain = CompressionStreams.OpenRead(new MemoryStream(packed));
        var target = new MemoryStream();
        plain.CopyTo(target);
        return target.ToArray();
    }

    private static bool IsRead((string Name, byte[] Bytes) image)
    {
        try
        {
            foreach (var record in new ImageReader(
                () => new ImageChunkReader(image.Bytes), ImageKind.Find(image.Name)!.Value.Kind, image.Name).Read())
                Walk(record);
            return true;
        }
        catch (ImageException)
        {
            return false;
        }
    }

    private static (string, byte[]) Pick(Dictionary<string, byte[]> golden, string[] names, Random random)
    {
        var name = names[random.Next(names.Length)];
        var bytes = golden[name];
        var kind = ImageKind.Find(name)?.Kind;
        return (name, kind is { Message: not null, Layout: ImageLayout.One or ImageLayout.Many }
            && bytes.Length > 12
            && random.Next(3) > 0 ? ImageRecords.Change(bytes, kind, random) : Mutated(bytes, random));
    }

    private static void Write(MemoryStream image, uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        image.Write(bytes);
    }

    private static string Shown((string Name, byte[] Bytes) image) => $"{image.Name}: {Convert.ToBase64String(image.Bytes)}";

    // Every field, as a rule would look at it.
    private static void Walk(ImageRecord record)
    {
        foreach (var field in record.Message.Fields)
        {
            switch (field)
            {
                case { Kind: ImageFieldKind.Message }:
                    foreach (var child in record.Children(field.Name).Take(100))
                        Walk(child);
                    break;
                case { WireType: 2 }:
                    _ = record.Text(field.Name);
                    break;
                default:
                    _ = record.Numbers(field.Name).Take(100).Count();
                    break;
            }
        }
    }

    private static byte[] Mutated(byte[] bytes, Random random)
    {
        var changed = (byte[])bytes.Clone();
        for (var changes = random.Next(1, 5); changes > 0 && changed.Length > 0; changes--)
        {
            var at = random.Next(changed.Length);
            switch (random.Next(7))
            {
                case 0:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    changed[at] = (byte)random.Next(256);
                    break;
                case 2:
                    changed = [.. changed[..at], .. changed[Math.Min(at + random.Next(1, 9), changed.Length)..]];
                    break;
                case 3:
                    var more = new byte[random.Next(1, 9)];
                    random.NextBytes(more);
                    changed = [.. changed[..at], .. more, .. changed[at..]];
                    break;
                case 4 when changed.Length >= 12:
                    // The length of the first record, so that what follows is read at another place.
                    BinaryPrimitives.WriteInt32LittleEndian(
                        changed.AsSpan(8), random.Next(2) == 0 ? random.Next(changed.Length) : random.Next());
                    break;
                case 5:
                    changed = changed[..at];
                    break;
                default:
                    var from = random.Next(changed.Length);
                    changed = [.. changed, .. changed.AsSpan(from, Math.Min(random.Next(64), changed.Length - from))];
                    break;
            }
        }
        return changed;
    }
}
