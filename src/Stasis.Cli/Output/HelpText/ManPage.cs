using System.CommandLine;
using System.Text;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Output.HelpText;

/// <summary>Man pages (man(7)), one for each command, made of the same definitions as its help.</summary>
internal static class ManPage
{
    private const string Environment =
        """
        .TP
        .B STASIS_ROOT, STASIS_RUNROOT, STASIS_RUNTIME
        What \-\-root, \-\-runroot and \-\-runtime are if not given.
        .TP
        .B STASIS_CRIU
        Path of the CRIU to use. It must be named criu. If not set, it is /usr/local/lib/stasis/bin/criu, or else the one on PATH.
        """;

    private const string Files =
        """
        .TP
        .I /var/lib/stasis
        Images, containers, volumes and checkpoints.
        .TP
        .I /run/stasis
        What doesn't outlive a reboot.
        .TP
        .I /usr/share/containers/seccomp.json
        The seccomp profile of new containers.
        .TP
        .I /etc/containers
        Registries and signature policy, read by skopeo.
        """;

    private const string ExitStatus = "0 if all went well, 125 if Stasis failed. Of several containers, each is tried; the exit status is that of the first failure.";

    /// <summary>File name and content of every page. What is at top level too, such as "container run", has its page under its short name; the long name leads there.</summary>
    public static IEnumerable<(string File, string Page)> All(Command root)
    {
        var top = Help.Subcommands(root).Where(child => child is Verb).ToDictionary(child => child.GetType(), PageName);
        yield return ($"{PageName(root)}.1", Format(root));
        foreach (var child in Help.Subcommands(root))
        {
            yield return ($"{PageName(child)}.1", Format(child));
            foreach (var grandchild in Help.Subcommands(child))
                yield return ($"{PageName(grandchild)}.1", top.TryGetValue(grandchild.GetType(), out var page) ? $".so man1/{page}.1\n" : Format(grandchild));
        }
    }

    private static string Format(Command command)
    {
        var page = new StringBuilder();
        page.Append($".\\\" Made by \"stasis man\" out of the command's definition: do not edit.\n.TH {PageName(command).ToUpperInvariant()} 1 \"\" \"Stasis\" \"Stasis\"\n");
        page.Append($".SH NAME\n{Escape(PageName(command))} \\- {Escape(LowerFirst(command.Description ?? ""))}\n");
        page.Append($".SH SYNOPSIS\n.B {Escape(Help.FullName(command))}\n{Escape(Help.Usage(command)[Help.FullName(command).Length..].Trim())}\n");
        page.Append($".SH DESCRIPTION\n{Escape(command.Description ?? "")}.\n");
        if (command is Verb { Details: { Length: > 0 } details })
            page.Append($".PP\n{Escape(details)}\n");
        Section(page, "COMMANDS", Help.Subcommands(command).Select(child => ($".B {Escape(child.Name)}", child.Description ?? "")));
        Section(page, "OPTIONS", Help.Options(command).Select(option => ($".B {Escape(Help.Names(option).Trim())}", option.Description ?? "")));
        if (command is Verb)
            page.Append(".PP\nOptions of every command, such as \\-\\-root, are in\n.BR stasis (1).\n");
        if (command is Verb { Examples: { Count: > 0 } examples })
            Section(page, "EXAMPLES", examples.Select(example => ($".B {Escape(example.Line)}", example.What)));
        page.Append($".SH EXIT STATUS\n{Escape(command is Verb { ExitCodes: { Length: > 0 } codes } ? $"{codes} {ExitStatus}" : ExitStatus)}\n");
        if (!command.Parents.Any())
            page.Append($".SH ENVIRONMENT\n{Environment}\n.SH FILES\n{Files}\n");
        page.Append(".SH SEE ALSO\n.BR stasis (1),\n.BR criu (8),\n.BR runc (8),\n.BR conmon (8),\n.BR podman (1)\n");
        return page.ToString();
    }

    private static void Section(StringBuilder page, string title, IEnumerable<(string Term, string Description)> entries)
    {
        var all = entries.ToList();
        if (all.Count == 0)
            return;
        page.Append($".SH {title}\n");
        foreach (var (term, description) in all)
            page.Append($".TP\n{term}\n{Escape(description)}\n");
    }

    private static string PageName(Command command) => Help.FullName(command).Replace(' ', '-');

    private static string LowerFirst(string text) => text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;

    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
