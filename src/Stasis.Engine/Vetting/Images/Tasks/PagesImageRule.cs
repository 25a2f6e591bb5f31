using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>
/// Requires that every pagemap has a file of pages of its own, of exactly the right length, that its pages
/// are in order, and that a process's pages are within its mappings. The pages themselves aren't read.
/// </summary>
internal static class PagesImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-pages",
        Finds = "pages that aren't in their file, or outside of mappings",
    };

    private const ulong Page = 4096, Most = 1UL << 44; // 2^56 bytes
    private const uint InParent = 1, Present = 4, Known = 7; // PE_PARENT, PE_PRESENT, and PE_LAZY between them

    public static void Check(ImageVerification verification)
    {
        CheckFolder(verification, verification.Images, verification.Images.Parent);
        if (verification.Images.Parent is { } parent)
            CheckFolder(verification, parent, null);
    }

    private static void CheckFolder(ImageVerification verification, ImageDirectory images, ImageDirectory? parent)
    {
        var used = new HashSet<ulong>();
        var files = images.Files();
        foreach (var file in files.Where(file => ImageKind.Find(file) is { Kind.Layout: ImageLayout.Pagemap }))
        {
            var kind = ImageKind.Find(file)!.Value;
            var mappings = kind.Kind.Name == "pagemap-" && images == verification.Images ? Mappings(images, kind.Number) : null;
            verification.Try(_ => CheckMap(verification, images, file, used, mappings, parent));
        }
        foreach (var file in files.Where(file => ImageKind.Find(file) is { Kind.Layout: ImageLayout.Pages }))
        {
            if (!used.Contains(ImageKind.Find(file)!.Value.Number) && images.Length(file) != 0)
                verification.Refuse(Rule, images.Where(file), file, "pages that belong to no process and no shared memory");
        }
    }

    private static void CheckMap(
        ImageVerification verification,
        ImageDirectory images,
        string file,
        HashSet<ulong> used,
        IEnumerator<(ulong Start, ulong End)>? mappings,
        ImageDirectory? parent)
    {
        var where = images.Where(file);
        var (id, index, end, stored) = (0UL, 0, 0UL, 0UL);
        var within = mappings?.MoveNext() == true;
        foreach (var record in images.Read(file))
        {
            if (index++ == 0)
            {
                id = record.Number("pages_id");
                if (!used.Add(id))
                    verification.Refuse(Rule, $"{where}: pages_id", Text(id), "two pagemaps have one file of pages");
                continue;
            }
            var (at, count) = (record.Number("vaddr"), record.Has("nr_pages")
                ? record.Number("nr_pages")
                : record.Number("compat_nr_pages"));
            // Older images have a field in_parent instead of flags. CRIU reads both (criu/pagemap.c: init_compat_pagemap_entry).
            var flags = record.Number("in_parent") != 0
                ? (record.Has("flags") ? record.U32("flags") : 0) | InParent
                : record.Has("flags") ? record.U32("flags")
                : Present;
            var place = $"{where}[{index - 1}]";
            if (at % Page != 0 || at < end || count is 0 or > Most || at > ulong.MaxValue - (count * Page))
            {
                verification.Refuse(
                    Rule,
                    place,
                    $"{at:x}+{count}",
                    "pages that overlap, are out of order, or at addresses that no process has");
                return;
            }
            end = at + (count * Page);
            if ((flags & ~Known) != 0 || (flags & (InParent | Present)) is 0 or (InParent | Present))
                verification.Refuse(
                    Rule,
                    $"{place}: flags",
                    Text(flags),
                    "pages that are neither here nor in the images that these build on");
            if ((flags & InParent) != 0 && parent?.Has(file) != true)
                verification.Refuse(Rule, $"{place}: flags", Text(flags), "pages of an earlier checkpoint that the archive doesn't have");
            if ((flags & Present) != 0)
                stored += count;
            while (within && mappings!.Current.End <= at)
                within = mappings.MoveNext();
            // One run of pages may span several adjacent mappings.
            for (var from = at; mappings is not null && from < end;)
            {
                if (!within || from < mappings.Current.Start)
                {
                    verification.Refuse(Rule, place, $"{at:x}+{count}", "pages outside the process's mappings");
                    return;
                }
                from = mappings.Current.End;
                if (from < end)
                    within = mappings.MoveNext();
            }
        }
        var pages = ImageKind.Get("pages-").File(id);
        if (images.Length(pages) is var length && (ulong)(length ?? 0) / Page != stored || length % (long)Page is > 0)
            verification.Refuse(Rule, images.Where(pages), $"{length ?? 0}", $"it must have {stored} pages, as {file} says");
    }

    private static IEnumerator<(ulong Start, ulong End)> Mappings(ImageDirectory images, ulong pid)
    {
        var memory = images.One(ImageKind.Get("mm-").File(pid));
        return (memory?.Children("vmas") ?? []).Select(mapping => (mapping.Number("start"), mapping.Number("end"))).GetEnumerator();
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck Pages = Add(new(170, PagesImageRule.Check, PagesImageRule.Rule));
}
