using System.CommandLine;
using System.Text;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Output.HelpText;

/// <summary>Makes man pages (man(7)), one for each command, from the definitions that its help is made of.</summary>
internal static class ManPage
{
    private const string Environment =
        """
        .TP
        .B STASIS_ROOT, STASIS_RUNROOT, STASIS_RUNTIME
        Defaults of \-\-root, \-\-runroot and \-\-runtime.
        .TP
        .B STASIS_CRIU
        Path of the CRIU to use; the file must be named criu. Default: /usr/local/lib/stasis/bin/criu, or else criu on PATH.
        .TP
        .B COLUMNS
        Width of \-\-help. Default: the width of the terminal, or 80.
        """;

    private const string Files =
        """
        .TP
        .I /var/lib/stasis
        Images, containers, volumes and checkpoints.
        .TP
        .I /run/stasis
        State that does not survive a reboot.
        .TP
        .I /usr/share/containers/seccomp.json
        The seccomp profile of new containers.
        .TP
        .I /etc/containers
        Registries and signature policy, read by skopeo.
        """;

    /// <summary>
    /// File name and content of every page. A command that is at top level too, such as "container run", has its page under the short name;
    /// the page of the long name includes that one.
    /// </summary>
    public static IEnumerable<(string File, string Page)> All(Command root)
    {
        var top = Help.Subcommands(root).Where(child => child is Verb).ToDictionary(child => child.GetType(), PageName);
        yield return ($"{PageName(root)}.1", Format(root));
        foreach (var child in Help.Subcommands(root))
        {
            yield return ($"{PageName(child)}.1", Format(child));
            foreach (var grandchild in Help.Subcommands(child))
            {
                var page = top.TryGetValue(grandchild.GetType(), out var shortName) ? $".so man1/{shortName}.1\n" : Format(grandchild);
                yield return ($"{PageName(grandchild)}.1", page);
            }
        }
    }

    private static string Format(Command command)
    {
        var page = new StringBuilder();
        var (name, fullName, description) = (PageName(command), Help.FullName(command), command.Description ?? "");
        page.Append(".\\\" Made by \"stasis man\" from the definition of the command: do not edit.\n");
        page.Append($".TH {name.ToUpperInvariant()} 1 \"\" \"Stasis\" \"Stasis\"\n");
        page.Append($".SH NAME\n{Escape(name)} \\- {Escape(LowerFirst(description))}\n");
        page.Append($".SH SYNOPSIS\n.B {Escape(fullName)}\n{Escape(Help.Usage(command)[fullName.Length..].Trim())}\n");
        page.Append($".SH DESCRIPTION\n{Escape(description)}.\n");
        if (command is Verb { Details: { Length: > 0 } details })
            page.Append($".PP\n{Escape(details)}\n");
        Section(page, "COMMANDS", Help.Subcommands(command).Select(child => ($".B {Escape(child.Name)}", child.Description ?? "")));
        Section(
            page,
            "OPTIONS",
            Help.Options(command).Select(option => ($".B {Escape(Help.Names(option).Trim())}", option.Description ?? "")));
        if (command is Verb)
            page.Append(".PP\nOptions of every command, such as \\-\\-root, are in\n.BR stasis (1).\n");
        if (command is Verb { Examples: { Count: > 0 } examples })
            Section(page, "EXAMPLES", examples.Select(example => ($".B {Escape(example.Line)}", example.What)));
        Section(page, "EXIT STATUS", ExitStatus.FromCommand(command).Select(row => ($".B {Escape(row.Code)}", row.Meaning)));
        if (ExitStatus.NoteFor(command) is { Length: > 0 } note)
            page.Append($".PP\n{Escape(note)}\n");
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

    private static string LowerFirst(string text) =>
        text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;

    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
