using System.CommandLine;
using Stasis.Cli;
using Stasis.Cli.Output.HelpText;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Xunit;

namespace Stasis.UnitTests.Cli;

public class CommandTreeTests
{
    private static readonly Command Root = CommandTree.Build();

    public static TheoryData<string> Verbs => [.. All(Root).Where(command => command is Verb).Select(Help.FullName)];

    [Theory]
    [InlineData("attach", "checkpoint", "restore", "run", "create", "start", "stop", "kill", "restart", "pause", "unpause", "rm")]
    [InlineData("ps", "logs", "exec", "inspect", "wait", "top", "rename")]
    public void Container_verbs_are_at_top_level_and_under_container(params string[] names)
    {
        var container = Root.Subcommands.Single(command => command.Name == "container");
        foreach (var name in names)
        {
            Assert.Contains(Root.Subcommands, command => command.Name == name);
            Assert.Contains(container.Subcommands, command => command.Name == name);
        }
    }

    [Theory]
    [InlineData(
        "container checkpoint",
        "--export --compress --leave-running --keep --tcp-established --file-locks --ignore-rootfs --print-stats --all " +
        "--latest",
        "-e -c -R -k -a -l")]
    [InlineData(
        "container restore",
        "--import --name --keep --tcp-established --tcp-close --file-locks --ignore-rootfs --print-stats --all --latest",
        "-i -n -k -a -l")]
    [InlineData(
        "run",
        "--detach --name --rm --env --env-file --volume --workdir --user --hostname --entrypoint --network --read-only " +
        "--tmpfs --shm-size --privileged --cap-add --cap-drop --security-opt --memory --cpus --pids-limit --label " +
        "--stop-signal --init --interactive --tty",
        "-d -e -v -w -u -h -m -i -t")]
    [InlineData("attach", "--detach-keys --latest --no-stdin --sig-proxy", "-l")]
    [InlineData("logs", "--follow --tail --since --timestamps", "-f -t")]
    [InlineData("ps", "--all --quiet --no-trunc --format --filter --last --latest", "-a -q -f -n -l")]
    public void Verbs_take_Podmans_options(string name, string options, string shortOptions)
    {
        var verb = All(Root).Single(command => Help.FullName(command) == $"stasis {name}");
        Assert.Empty(options.Split(' ').Except(verb.Options.Select(option => option.Name)));
        Assert.Empty(shortOptions.Split(' ').Except(verb.Options.SelectMany(option => option.Aliases)));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Command_built_alone_is_the_same_as_in_the_tree(string name)
    {
        var words = name.Split(' ')[1..];
        var alone = words.Aggregate(CommandTree.Build(words), (command, word) => command.Subcommands.Single(child => child.Name == word));
        var whole = words.Aggregate(Root, (command, word) => command.Subcommands.Single(child => child.Name == word));
        Assert.Equal(whole.GetType(), alone.GetType());
        Assert.Equal(whole.Options.Select(Help.Names), alone.Options.Select(Help.Names));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Option_names_are_unique(string name)
    {
        var verb = All(Root).First(command => Help.FullName(command) == name);
        var names = verb.Options.Concat(GlobalOptions.All).SelectMany(option => option.Aliases.Append(option.Name)).ToList();
        Assert.Equal(names.Distinct(), names);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Commands_and_options_have_descriptions(string name)
    {
        var verb = All(Root).First(command => Help.FullName(command) == name);
        Assert.False(string.IsNullOrEmpty(verb.Description) || verb.Description.EndsWith('.'));
        Assert.All(verb.Options, option => Assert.False(string.IsNullOrEmpty(option.Description)));
        Assert.All(
            verb.Options.Where(option => !OptionFactory.IsFlag(option)),
            option => Assert.False(string.IsNullOrEmpty(option.HelpName)));
    }

    [Fact]
    public void Man_pages_are_up_to_date()
    {
        var folder = Path.Combine(Repository.Root, "docs", "man");
        var pages = ManPage.All(Root).ToDictionary(page => page.File, page => page.Page);
        Assert.Equal(pages.Keys.Order(), Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.All(
            pages,
            page => Assert.True(
                page.Value == File.ReadAllText(Path.Combine(folder, page.Key)),
                $"{page.Key} is old: run \"stasis man docs/man\""));
    }

    [Fact]
    public void Man_page_of_a_long_name_leads_to_the_short_one()
    {
        var pages = ManPage.All(Root).ToDictionary(page => page.File, page => page.Page);
        foreach (var command in All(Root).Where(command => command is Verb { Hidden: false }))
            Assert.Contains($"{Help.FullName(command).Replace(' ', '-')}.1", pages.Keys);
        Assert.Equal(".so man1/stasis-ps.1\n", pages["stasis-container-ls.1"]);
        Assert.All(
            pages.Values.Where(page => page.StartsWith(".so ", StringComparison.Ordinal)),
            page => Assert.DoesNotContain(".so", pages[page.Trim()[".so man1/".Length..]], StringComparison.Ordinal));
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
