using System.Globalization;
using Stasis.Engine.Criu.Images;
using Stasis.Engine.Vetting.Findings;

namespace Stasis.Engine.Vetting.Images.Tasks;

/// <summary>
/// Requires that every thread's user, groups, capabilities, security bits, no_new_privs and LSM label are
/// ones that it can have reached under the spec's bounding set, user and profile. CRIU sets all of them as
/// root.
/// </summary>
internal static class CredentialsImageRule
{
    public static readonly RuleDescriptor Rule = new()
    {
        Id = "image-creds",
        Finds = "another user or group than the spec's, if no_new_privs and the spec's capabilities leave no way to "
            + "it. Root in a container that runs as another user: a warning",
    };

    public static readonly RuleDescriptor CapabilitiesRule = new()
    {
        Id = "image-caps",
        Finds = "capabilities beyond the spec's bounding set, or that the spec's user can't have obtained",
    };

    public static readonly RuleDescriptor SecurebitsRule = new()
    {
        Id = "image-securebits",
        Finds = "security bits without CAP_SETPCAP",
    };

    public static readonly RuleDescriptor NoNewPrivsRule = new()
    {
        Id = "image-nnp",
        Finds = "no_new_privs off although the spec has it",
    };

    public static readonly RuleDescriptor LabelRule = new()
    {
        Id = "image-lsm",
        Finds = "another security label or profile than the spec's",
    };

    private const int Words = 2; // CAP_LAST_CAP is below 64, and CRIU copies two words of 32 bits

    private static readonly string[] Users = ["uid", "euid", "suid", "fsuid"], Groups = ["gid", "egid", "sgid", "fsgid"];
    private static readonly string[] Sets = ["cap_prm", "cap_eff", "cap_inh", "cap_bnd", "cap_amb"];

    public static void Check(ImageVerification verification)
    {
        foreach (var task in verification.Tasks)
        {
            foreach (var thread in task.Threads)
            {
                var file = ImageKind.Get("core-").File(thread);
                if (verification.Images.One(file)?.Child("thread_core") is not { } core)
                {
                    // A zombie has no credentials.
                    if (task.Alive)
                        verification.Refuse(Rule, verification.Images.Where(file), "thread_core", "a thread without credentials");
                    continue;
                }
                if (core.Child("creds") is { } credentials)
                    CheckThread(verification, $"{verification.Images.Where(file)}: thread_core.creds", credentials);
                else if (task.Alive)
                    verification.Refuse(Rule, $"{verification.Images.Where(file)}: thread_core.creds", "", "a thread without credentials");
            }
        }
    }

    /// <summary>Requires that a label that CRIU would set is the spec's.</summary>
    public static void CheckLabel(ImageVerification verification, string where, string label)
    {
        var process = verification.Allowed.Spec.Process;
        if (label is "" or "unconfined" && process is not { ApparmorProfile.Length: > 0 } and not { SelinuxLabel.Length: > 0 })
            return;
        if (label != process?.ApparmorProfile && label != process?.SelinuxLabel)
            verification.Refuse(LabelRule, where, label, "another security label than the spec's");
    }

    private static void CheckThread(ImageVerification verification, string where, ImageRecord credentials)
    {
        CheckUser(verification, where, credentials, Users, verification.Allowed.User.Uid, "CAP_SETUID");
        CheckUser(verification, where, credentials, Groups, verification.Allowed.User.Gid, "CAP_SETGID");
        CheckGroups(verification, where, credentials);
        CheckCapabilities(verification, where, credentials);
        if (credentials.U32("secbits") != 0 && !verification.Allowed.May("CAP_SETPCAP"))
            verification.Refuse(
                SecurebitsRule,
                $"{where}.secbits",
                credentials.U32("secbits").ToString("x", CultureInfo.InvariantCulture),
                "only a process with CAP_SETPCAP has them, and the spec gives it to none");
        if (verification.Allowed.NoNewPrivileges && credentials.U32("no_new_privs") != 1)
            verification.Refuse(
                NoNewPrivsRule,
                $"{where}.no_new_privs",
                Text(credentials.U32("no_new_privs")),
                "the spec has no_new_privs");
        if (credentials.Has("apparmor_data"))
            verification.Refuse(LabelRule, $"{where}.apparmor_data", "", "profiles on top of one another, which Stasis doesn't read");
        CheckLabel(verification, $"{where}.lsm_profile", credentials.Text("lsm_profile"));
        if (credentials.Text("lsm_sockcreate") is { Length: > 0 } sockets)
            CheckLabel(verification, $"{where}.lsm_sockcreate", sockets);
    }

    // A process changes its user with the capability, or by a setuid program unless no_new_privs prevents that.
    private static void CheckUser(
        ImageVerification verification,
        string where,
        ImageRecord credentials,
        string[] fields,
        uint wanted,
        string capability)
    {
        foreach (var field in fields)
        {
            var id = credentials.U32(field);
            if (id == wanted)
                continue;
            if (verification.Allowed.NoNewPrivileges && !verification.Allowed.Has(capability) && !IsExtra(verification, field, id))
                verification.Refuse(
                    Rule,
                    $"{where}.{field}",
                    Text(id),
                    $"another one than the spec's, {Text(wanted)}, and nothing in the container could have changed it");
            else if (id == 0)
                verification.Warn(Rule, $"{where}.{field}", "0", $"root, in a container that runs as {Text(wanted)}");
        }
    }

    private static void CheckGroups(ImageVerification verification, string where, ImageRecord credentials)
    {
        var count = 0;
        foreach (var group in credentials.Numbers("groups"))
        {
            if (count++ == 65536) // NGROUPS_MAX
            {
                verification.Refuse(Rule, $"{where}.groups", "65537", "more groups than the kernel allows");
                return;
            }
            if (verification.Allowed.NoNewPrivileges && !verification.Allowed.Has("CAP_SETGID")
                && group != verification.Allowed.User.Gid && !IsExtra(verification, "gid", (uint)group))
                verification.Refuse(
                    Rule,
                    $"{where}.groups",
                    Text((uint)group),
                    "a group that the spec doesn't give, and nothing in the container could have");
        }
    }

    private static bool IsExtra(ImageVerification verification, string field, uint id) =>
        field.Contains("gid", StringComparison.Ordinal) && verification.Allowed.User.AdditionalGids?.Contains(id) == true;

    private static void CheckCapabilities(ImageVerification verification, string where, ImageRecord credentials)
    {
        var found = new Dictionary<string, ulong>();
        foreach (var field in Sets)
        {
            uint[] words = [.. credentials.Numbers(field).Take(Words + 1).Select(word => (uint)word)];
            if (words.Length != Words && !(field == "cap_amb" && words.Length == 0))
                verification.Refuse(
                    CapabilitiesRule,
                    $"{where}.{field}",
                    $"{words.Length} words",
                    "a set of capabilities of another size than the kernel's");
            var set =
                found[field] = words.Select((word, index) => (ulong)word << (32 * (index & 1))).Aggregate(0UL, (all, part) => all | part);
            if ((set & ~verification.Allowed.Bounding) is var more and not 0)
                verification.Refuse(
                    CapabilitiesRule,
                    $"{where}.{field}",
                    SpecAllowances.Names(more),
                    "capabilities beyond the spec's bounding set");
        }
        if ((found["cap_eff"] & ~found["cap_prm"]) != 0)
            verification.Refuse(
                CapabilitiesRule,
                $"{where}.cap_eff",
                SpecAllowances.Names(found["cap_eff"] & ~found["cap_prm"]),
                "capabilities in effect that are not permitted");
        // Under no_new_privs, a user other than root can't have gained capabilities since the start.
        var user = verification.Allowed;
        if (user.NoNewPrivileges && user.User.Uid != 0 && (found["cap_prm"] & ~user.Initial) is var gained and not 0)
            verification.Refuse(
                CapabilitiesRule,
                $"{where}.cap_prm",
                SpecAllowances.Names(gained),
                "capabilities that the spec doesn't give its user, and nothing in the container could have");
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}

internal static partial class TaskImageCheckList
{
    internal static readonly ImageCheck Credentials = Add(new(
        120,
        CredentialsImageRule.Check,
        CredentialsImageRule.Rule,
        CredentialsImageRule.CapabilitiesRule,
        CredentialsImageRule.SecurebitsRule,
        CredentialsImageRule.NoNewPrivsRule,
        CredentialsImageRule.LabelRule));
}
