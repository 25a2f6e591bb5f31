using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Files;

/// <summary>Requires that pipes and FIFOs are no larger than a process without CAP_SYS_RESOURCE could make them: CRIU has it.</summary>
internal static class PipeImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-pipe",
        Finds = "without CAP_SYS_RESOURCE: pipes larger than the kernel's limit",
        Allow = "`image-pipe:2097152`, the size",
    };

    private const uint Default = 1 << 20; // of fs.pipe-max-size

    public static void Check(ImageVerification verification)
    {
        if (verification.Allowed.May("CAP_SYS_RESOURCE"))
            return;
        foreach (var file in ((string[])["pipes-data", "fifo-data"]).Select(kind => ImageKind.Get(kind).TheFile))
        {
            var count = 0;
            foreach (var pipe in verification.Images.Read(file))
            {
                var (where, size) = ($"{verification.Images.Where(file)}[{count++}]: size", Text(pipe.U32("size")));
                if (pipe.U32("size") > Default)
                    verification.Refuse(Rule, where, size, $"only CAP_SYS_RESOURCE allows more than {Default} bytes", size);
            }
        }
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FileImageCheckList
{
    internal static readonly ImageCheck Pipe = Add(new(205, PipeImageRule.Check, PipeImageRule.Rule));
}
