using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Stasis.Engine.Criu.Images;
using Xunit;

namespace Stasis.UnitTests.Checkpoints.ImageVerification;

/// <summary>
/// Whatever bytes images have, they are read or refused with an <see cref="ImageException"/>, and verified without a crash, in bounded time. STASIS_FUZZ_SECONDS says for how long each goes on;
/// without it they do a fixed number of rounds.
/// </summary>
public class FuzzTests
{
    [Fact]
    public void Images_are_read_or_refused()
    {
        var names = new GoldenImages().Names.Where(name => ImageKind.Find(name) is { Kind.Message: not null }).ToArray();
        var golden = new GoldenImages().Images;
        var (good, bad) = (0, 0);
        Rounds(200_000, 1, random =>
        {
            var name = names[random.Next(names.Length)];
            var bytes = Mutated(golden[name], random);
            try
            {
                foreach (var record in new ImageReader(() => new ImageSource(bytes), ImageKind.Find(name)!.Value.Kind, name).Read())
                    Walk(record);
                good++;
            }
            catch (ImageException)
            {
                bad++;
            }
        });
        Assert.True(good > 0 && bad > 0); // else it tries nothing
    }

    [Fact]
    public void Checkpoints_are_verified()
    {
        var names = new GoldenImages().Names.Where(name => ImageKind.Find(name) is { Kind.Framing: not ImageFraming.Pages } || name == "descriptors.json").ToArray();
        Rounds(1_000, 2, random =>
        {
            var images = new GoldenImages();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var name = names[random.Next(names.Length)];
                images.Images[name] = Mutated(images.Images[name], random);
            }
            var watch = Stopwatch.StartNew();
            images.Verify();
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), "it took too long");
        });
    }

    private static void Rounds(int rounds, int seed, Action<Random> round)
    {
        var seconds = double.TryParse(Environment.GetEnvironmentVariable("STASIS_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out var given) ? given : 0;
        if (seconds > 0)
            seed = Environment.TickCount;
        var watch = Stopwatch.StartNew();
        var i = 0;
        for (; seconds > 0 ? watch.Elapsed.TotalSeconds < seconds : i < rounds; i++)
        {
            var random = new Random(unchecked((seed * 1_000_003) + i));
            try
            {
                round(random);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, round {i}: {e.Message}", e);
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{i} inputs in {watch.Elapsed.TotalSeconds:0} s");
    }

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
                    BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(8), random.Next(2) == 0 ? random.Next(changed.Length) : random.Next());
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
