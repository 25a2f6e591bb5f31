using System.CommandLine;
using System.Globalization;
using Stasis.Cli.Output;
using Stasis.Cli.Output.Tables;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Errors;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

internal sealed class PortCommand : Verb
{
    private readonly Option<bool> _all = OptionFactory.Flag("--all", "-a", "Show the ports of all running containers");
    private readonly Option<bool> _latest = OptionFactory.Flag("--latest", "-l", "Act on the latest container Stasis created");
    private readonly Argument<string[]> _container;
    private readonly Argument<string[]> _port;

    public PortCommand() : base("port", "List port mappings of a container")
    {
        AddOptions(_all, _latest);
        _container = AddArgument("CONTAINER", ArgumentArity.ZeroOrOne);
        _port = AddArgument("PORT", ArgumentArity.ZeroOrOne);
    }

    public override string Details => "PORT is a port of the container, such as 80 or 53/udp: only its address on the host is printed.";

    public override Task<int> RunAsync(Invocation run)
    {
        string[] given = [.. run.Get(_container), .. run.Get(_port)];
        var takesName = !run.Get(_all) && !run.Get(_latest);
        var most = run.Get(_all) ? 0 : run.Get(_latest) ? 1 : 2;
        if (given.Length > most || (run.Get(_all) && run.Get(_latest)))
            throw new UsageException("--all and --latest cannot be used with a container name");
        if (takesName && given.Length == 0)
            throw new UsageException("you must supply a running container name or id");
        var containers = run.Engine.Containers;
        if (run.Get(_all))
        {
            foreach (var container in containers.List().Where(container => container.State.IsAlive))
                StandardOutput.Text(
                    string.Concat(Lines(container).Select(line => $"{HumanFormat.Id(container.Id)}\t{line.Port} -> {line.Host}\n")));
            return Task.FromResult(0);
        }
        var one = takesName ? containers.Get(given[0]) : containers.Latest();
        var wanted = given.Skip(takesName ? 1 : 0).FirstOrDefault();
        if (wanted is null)
            StandardOutput.Text(string.Concat(Lines(one).Select(line => $"{line.Port} -> {line.Host}\n")));
        else
            StandardOutput.Text(string.Concat(Find(one, wanted).Select(host => host + "\n")));
        return Task.FromResult(0);
    }

    private static IEnumerable<(string Port, string Host)> Lines(Container container) =>
        from port in PortText.Singles(container.Config.PortMappings ?? [])
        select ($"{port.ContainerPort}/{port.Protocol}", $"{port.HostIp}:{port.HostPort}");

    private static List<string> Find(Container container, string wanted)
    {
        var (number, protocol) = wanted.Split('/') switch
        {
            [var only] => (only, "tcp"),
            [var port, var kind] => (port, kind),
            _ => throw new UsageException($"port formats are port/protocol. '{wanted}' is invalid"),
        };
        if (!ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            throw new UsageException($"port formats are port/protocol. '{wanted}' is invalid");
        var found = Lines(container).Where(line => line.Port == $"{parsed}/{protocol}").Select(line => line.Host).ToList();
        return found.Count > 0
            ? found
            : throw new StasisException($"failed to find published port \"{wanted}\" of container {container.Name}")
            {
                Remedy = $"stasis port {container.Name} lists the published ports",
            };
    }
}
