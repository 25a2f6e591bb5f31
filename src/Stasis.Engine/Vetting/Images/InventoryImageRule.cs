using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images;

/// <summary>Checks the inventory: the images' version, and the fields that CRIU would act on.</summary>
internal static class InventoryImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-inventory",
        Finds = "another version, plug-ins to load, uprobes, a firewall table's name that isn't an ID",
    };

    private const uint Version = 2; // CRTOOLS_IMAGES_V1_1: of CRIU 2.0 and later
    private const uint LastLockMethod = 2; // iptables, nftables, skip

    public static void Check(ImageVerification verification)
    {
        var file = ImageKind.Get("inventory").TheFile;
        if (verification.Images.One(file) is not { } inventory)
            return;
        var where = verification.Images.Where(file);
        if (inventory.U32("img_version") != Version)
            verification.Refuse(
                Rule,
                $"{where}: img_version",
                Text(inventory.U32("img_version")),
                "images of a version that Stasis doesn't know");
        if (inventory.Number("fdinfo_per_id") == 0 || inventory.Number("ns_per_id") == 0)
            verification.Refuse(
                Rule,
                $"{where}: fdinfo_per_id, ns_per_id",
                "false",
                "images in a form that no CRIU of the last years writes");
        if (inventory.Child("root_ids") is { } ids)
            verification.HostNamespaces = ids;
        else
            verification.Refuse(Rule, $"{where}: root_ids", "", "it doesn't say which namespaces are the host's");
        if (inventory.Child("plugins_entry") is { } plugins && string.Join(",", plugins.Texts("plugins").Take(8)) is { Length: > 0 } names)
            verification.Refuse(Rule, $"{where}: plugins_entry", names, "CRIU would load plug-ins");
        if (inventory.Number("allow_uprobes") != 0)
            verification.Refuse(Rule, $"{where}: allow_uprobes", "true", "processes with a kernel probe's mappings are not restored");
        if (inventory.U32("network_lock_method") > LastLockMethod)
            verification.Refuse(
                Rule,
                $"{where}: network_lock_method",
                Text(inventory.U32("network_lock_method")),
                "a way to hold connections still that CRIU doesn't know");
        // CRIU removes the nftables table named "CRIU-" and this ID.
        if (inventory.Text("dump_criu_run_id") is { Length: > 0 } run && !Guid.TryParse(run, out _))
            verification.Refuse(
                Rule,
                $"{where}: dump_criu_run_id",
                run,
                "not an ID that CRIU makes, and it names a firewall table that is removed");
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class FormImageCheckList
{
    internal static readonly ImageCheck Inventory = Add(new(20, InventoryImageRule.Check, InventoryImageRule.Rule));
}
