using System.Reflection;
using System.Runtime.CompilerServices;
using Stasis.Cli;
using Stasis.Engine;
using Stasis.Engine.Containers;
using Stasis.Engine.Storage.Sqlite;
using Stasis.Linux;
using Xunit;

namespace Stasis.UnitTests;

/// <summary>
/// Which room may use which. A room is a folder, and so a namespace. The tests read the compiled code: signatures, fields and every
/// instruction.
/// </summary>
public class LayeringTests
{
    private static readonly Assembly LinuxAssembly = typeof(LinuxException).Assembly;
    private static readonly Assembly EngineAssembly = typeof(StasisEngine).Assembly;
    private static readonly Assembly CliAssembly = typeof(CommandTree).Assembly;
    private static readonly List<(string User, string Used)> EngineUses = [.. TypeUses.Of(EngineAssembly).Distinct()];

    [Fact]
    public void Linux_uses_nothing_above_it() => Assert.Empty(StasisReferences(LinuxAssembly));

    [Fact]
    public void Engine_uses_Linux_alone() => Assert.Equal(["Stasis.Linux"], StasisReferences(EngineAssembly));

    [Fact]
    public void Command_uses_the_engine_and_Linux() => Assert.Equal(["Stasis.Engine", "Stasis.Linux"], StasisReferences(CliAssembly));

    [Fact]
    public void Rooms_of_the_engine_form_no_cycle() => AssertNoCycle(EngineUses, "Stasis.Engine");

    [Theory]
    [InlineData("Stasis.Engine.Checkpoints")]
    [InlineData("Stasis.Engine.Containers")]
    [InlineData("Stasis.Engine.Criu")]
    [InlineData("Stasis.Engine.Formats")]
    [InlineData("Stasis.Engine.Images")]
    [InlineData("Stasis.Engine.LazyPages")]
    [InlineData("Stasis.Engine.Oci")]
    [InlineData("Stasis.Engine.Storage")]
    [InlineData("Stasis.Engine.Vetting")]
    [InlineData("Stasis.Engine.Vetting.Images")]
    [InlineData("Stasis.Engine.Vetting.Policy")]
    public void Rooms_within_a_room_form_no_cycle(string room) => AssertNoCycle(EngineUses, room);

    [Fact]
    public void Containers_use_neither_checkpoints_nor_vetting() =>
        Assert.Empty(
            from use in EngineUses
            where Room(use.User, "Stasis.Engine") == "Containers"
            where Room(use.Used, "Stasis.Engine") is "Checkpoints" or "Vetting" or "Host"
            select $"{use.User} uses {use.Used}");

    [Fact]
    public void Formats_use_no_other_room_than_streams() =>
        Assert.Empty(
            from use in EngineUses
            where Room(use.User, "Stasis.Engine") == "Formats"
            where Room(use.Used, "Stasis.Engine") is not ("Formats" or "Streams" or "Common" or "Errors" or null)
            select $"{use.User} uses {use.Used}");

    [Fact]
    public void Command_sees_only_what_is_public() =>
        Assert.DoesNotContain(
            EngineAssembly.GetCustomAttributes<InternalsVisibleToAttribute>(),
            friend => friend.AssemblyName == "stasis");

    [Fact]
    public void Linux_alone_calls_native_code_and_is_unsafe()
    {
        Assert.NotEmpty(PlatformInvokes(LinuxAssembly));
        Assert.Empty(PlatformInvokes(EngineAssembly));
        Assert.Empty(PlatformInvokes(CliAssembly));
        var projects = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "Directory.Build.props"));
        Assert.Equal(
            ["Stasis.Linux.csproj"],
            projects
                .Where(project => File.ReadAllText(project).Contains("AllowUnsafeBlocks", StringComparison.Ordinal))
                .Select(Path.GetFileName));
    }

    [Fact]
    public void Reader_of_uses_sees_signatures_and_bodies()
    {
        var engine = typeof(StasisEngine).FullName;
        Assert.Contains(EngineUses, use => use.User == engine && use.Used == typeof(ContainerManager).FullName); // a field
        Assert.Contains(EngineUses, use => use.User == engine && use.Used == typeof(Database).FullName); // in a lambda alone
    }

    [Fact]
    public void Search_for_cycles_finds_one() =>
        Assert.NotEmpty(Cycles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]));

    private static string[] StasisReferences(Assembly assembly) =>
    [
        .. assembly.GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => name.StartsWith("Stasis", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    // The files of the folder itself are no room: StasisEngine holds the engine's rooms together, a manager those of its own.
    private static void AssertNoCycle(List<(string User, string Used)> uses, string level)
    {
        var edges = (
            from use in uses
            let user = Room(use.User, level)
            let used = Room(use.Used, level)
            where user is not null && used is not null && user != used
            select (User: user, Used: used, Types: $"{use.User} uses {use.Used}")).ToList();
        var cycles = Cycles([.. edges.Select(edge => (edge.User, edge.Used)).Distinct()]);
        Assert.Empty(edges.Where(edge => cycles.Contains((edge.User, edge.Used))).Select(edge => edge.Types));
    }

    private static string? Room(string type, string level)
    {
        if (!type.StartsWith(level + ".", StringComparison.Ordinal))
            return null;
        var names = type[(level.Length + 1)..].Split('.');
        return names.Length == 1 ? null : names[0];
    }

    // The edges that lie on a cycle.
    private static HashSet<(string, string)> Cycles(IReadOnlyList<(string From, string To)> edges)
    {
        var next = edges.ToLookup(edge => edge.From, edge => edge.To);
        return [.. edges.Where(edge => Reaches(edge.To, edge.From))];

        bool Reaches(string from, string to)
        {
            var (seen, open) = (new HashSet<string> { from }, new Stack<string>([from]));
            while (open.TryPop(out var room))
            {
                if (room == to)
                    return true;
                foreach (var further in next[room].Where(seen.Add))
                    open.Push(further);
            }
            return false;
        }
    }

    private static IEnumerable<string> PlatformInvokes(Assembly assembly) =>
        from type in assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)
        select $"{method.DeclaringType}.{method.Name}";
}
