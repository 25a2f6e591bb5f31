using System.Globalization;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>
/// Requires that CRIU opens mapped files and programs as the kernel has them: no FIFO, for which it would wait for ever, and no flags
/// that would create or truncate a file.
/// </summary>
internal static class MappedFileImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-mapped-file",
        Finds = "mapped files that CRIU would create or truncate, or that are no files; programs that are no files",
    };

    private const uint Known = 3 | 0x8000 | 0x20000; // O_ACCMODE, O_LARGEFILE (also arm64's)
    private const uint OfFile = 0b11 << 6; // VMA_FILE_PRIVATE, VMA_FILE_SHARED (criu/include/image.h)

    public static void Check(ImageVerification verification)
    {
        foreach (var task in verification.Tasks.Where(task => task.Alive))
        {
            if (verification.Images.One(task.Memory) is not { } memory)
                continue;
            var where = verification.Images.Where(task.Memory);
            if (!IsFile(verification, memory.U32("exe_file_id"), devices: false))
                verification.Refuse(Rule, $"{where}: exe_file_id", Text(memory.U32("exe_file_id")), "a program that is no file");
            var count = 0;
            foreach (var mapping in memory.Children("vmas"))
            {
                var at = $"{where}: vmas[{count++}]";
                if ((mapping.U32("fdflags") & ~Known) != 0)
                    verification.Refuse(Rule, $"{at}.fdflags", Text(mapping.U32("fdflags")), "flags that no mapping's file has");
                if ((mapping.U32("status") & OfFile) != 0 && !IsFile(verification, (uint)mapping.Number("shmid"), devices: true))
                    verification.Refuse(Rule, $"{at}.shmid", Text((uint)mapping.Number("shmid")), "a mapping of what is no file");
            }
        }
    }

    // A file that isn't there at all is MemoryMappingImageRule's finding.
    private static bool IsFile(ImageVerification verification, uint id, bool devices) =>
        !verification.Files.TryGetValue(id, out var open) || open.Type != OpenFile.Regular
        || ModeBits.TypeOf(open.Mode) is ModeBits.Regular
        || (devices && ModeBits.TypeOf(open.Mode) is ModeBits.Character or ModeBits.Block);

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck MappedFile = Add(new(105, MappedFileImageRule.Check, MappedFileImageRule.Rule));
}
