using System.Reflection;
using Stasis.Cli;
using Stasis.Engine;
using Stasis.Engine.Containers;
using Stasis.Engine.Model;
using Stasis.Linux;
using Xunit;

namespace Stasis.UnitTests;

/// <summary>The house rules: which room may use which. What is looked at is the compiled code: signatures, fields and every instruction.</summary>
public class LayeringTests
{
    private static readonly string[] LowerRooms = ["Images", "Network", "Storage", "Archive", "Criu", "Oci"];

    // What every room talks about: records without behaviour, and the engine that holds the rooms together.
    private static readonly string[] Vocabulary =
    [
        typeof(Container).FullName!, typeof(ContainerConfig).FullName!, typeof(ContainerState).FullName!, typeof(ContainerStatus).FullName!,
        typeof(NamedVolume).FullName!, typeof(Annotations).FullName!,
    ];

    private static readonly Assembly LinuxAssembly = typeof(LinuxException).Assembly;
    private static readonly Assembly EngineAssembly = typeof(StasisEngine).Assembly;
    private static readonly List<(string User, string Used)> Uses = [.. TypeUses.Of(typeof(StasisEngine).Assembly).Distinct()];
    private static readonly Assembly CliAssembly = typeof(CommandTree).Assembly;

    [Fact]
    public void Linux_knows_nothing_of_what_is_above_it() => Assert.Empty(StasisReferences(LinuxAssembly));

    [Fact]
    public void The_engine_stands_on_Linux_alone() => Assert.Equal(["Stasis.Linux"], StasisReferences(EngineAssembly));

    [Fact]
    public void The_command_stands_on_the_engine_and_Linux() => Assert.Equal(["Stasis.Engine", "Stasis.Linux"], StasisReferences(CliAssembly));

    [Fact]
    public void Containers_use_no_checkpoints() => AssertNoUse(["Containers"], ["Checkpoints", "Host"]);

    [Fact]
    public void Lower_rooms_use_no_higher_ones() => AssertNoUse(LowerRooms, ["Checkpoints", "Containers", "Host"]);

    [Fact]
    public void The_command_is_used_through_what_is_public() =>
        Assert.DoesNotContain(EngineAssembly.GetCustomAttributes<System.Runtime.CompilerServices.InternalsVisibleToAttribute>(), friend => friend.AssemblyName == "stasis");

    [Fact]
    public void Only_Linux_calls_native_code_or_is_unsafe()
    {
        Assert.NotEmpty(PlatformInvokes(LinuxAssembly));
        Assert.Empty(PlatformInvokes(EngineAssembly));
        Assert.Empty(PlatformInvokes(CliAssembly));
        var projects = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories).Append(Path.Combine(Repository.Root, "Directory.Build.props"));
        Assert.Equal(["Stasis.Linux.csproj"], projects.Where(project => File.ReadAllText(project).Contains("AllowUnsafeBlocks", StringComparison.Ordinal)).Select(Path.GetFileName));
    }

    [Fact]
    public void The_reader_of_uses_sees_signatures_and_bodies()
    {
        Assert.Contains(Uses, use => use.User == typeof(StasisEngine).FullName && use.Used == typeof(ContainerManager).FullName); // a field
        Assert.Contains(Uses, use => use.User == typeof(StasisEngine).FullName && use.Used == typeof(Stasis.Engine.Storage.Sqlite.Database).FullName); // in a lambda alone
    }

    private static string[] StasisReferences(Assembly assembly) =>
        [.. assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("Stasis", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static void AssertNoUse(string[] users, string[] used)
    {
        var wrong = Uses
            .Where(use => users.Any(room => IsIn(use.User, room)) && used.Any(room => IsIn(use.Used, room)) && !Vocabulary.Contains(use.Used))
            .Select(use => $"{use.User} uses {use.Used}");
        Assert.Empty(wrong);
    }

    private static bool IsIn(string type, string room) => type.StartsWith($"Stasis.Engine.{room}.", StringComparison.Ordinal);

    private static IEnumerable<string> PlatformInvokes(Assembly assembly) => assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
        .Where(method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
        .Select(method => $"{method.DeclaringType}.{method.Name}");
}
