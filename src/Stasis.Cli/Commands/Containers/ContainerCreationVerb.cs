using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Containers.Create;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

/// <summary>A verb that creates a container from an image: <c>create</c> and <c>run</c>.</summary>
internal abstract class ContainerCreationVerb : Verb
{
    private readonly Option<string?> _name =
        OptionFactory.Text("--name", null, "NAME", "Name of the container (default: a generated name)");
    private readonly Option<bool> _rm = OptionFactory.Flag("--rm", null, "Remove the container after it exits");
    private readonly Option<string[]> _env =
        OptionFactory.Many("--env", "-e", "KEY=VALUE", "Set an environment variable; KEY alone takes the caller's value");
    private readonly Option<string[]> _envFile =
        OptionFactory.Many("--env-file", null, "FILE", "Read environment variables from a file of KEY=VALUE lines");
    private readonly Option<string[]> _volume =
        OptionFactory.Many("--volume", "-v", "SOURCE:DEST[:OPTIONS]", "Bind mount a host path or a named volume, with options such as ro");
    private readonly Option<string?> _workdir = OptionFactory.Text("--workdir", "-w", "DIR", "Working directory in the container");
    private readonly Option<string?> _user = OptionFactory.Text("--user", "-u", "USER[:GROUP]", "User and group, as names or numbers");
    private readonly Option<string?> _hostname =
        OptionFactory.Text("--hostname", "-h", "NAME", "Hostname of the container (default: first 12 digits of the ID)");
    private readonly Option<string?> _entrypoint =
        OptionFactory.Text("--entrypoint", null, "COMMAND", "Overwrite the entrypoint of the image: a word, a JSON array, or empty");
    private readonly Option<string[]> _network = OptionFactory
        .Many(
            "--network",
            null,
            "NETWORK",
            "none, host, bridge (the default network), or NAME[:ip=…,mac=…,alias=…,interface_name=…]; may be repeated")
        .WithAliases("--net");
    private readonly Option<string?> _ip = OptionFactory.Text("--ip", null, "ADDRESS", "IPv4 address, if the container has one network");
    private readonly Option<string?> _ip6 = OptionFactory.Text("--ip6", null, "ADDRESS", "IPv6 address, if the container has one network");
    private readonly Option<string?> _macAddress =
        OptionFactory.Text("--mac-address", null, "ADDRESS", "MAC address, if the container has one network");
    private readonly Option<string[]> _networkAlias =
        OptionFactory.Many("--network-alias", null, "NAME", "Additional name of the container on its networks");
    private readonly Option<string[]> _publish =
        OptionFactory.Many("--publish", "-p", "[[IP:][HOSTPORT]:]PORT[/PROTOCOL]", "Publish a port, or a range of ports, to the host");
    private readonly Option<bool> _publishAll =
        OptionFactory.Flag("--publish-all", "-P", "Publish all exposed ports to free ports of the host");
    private readonly Option<string[]> _expose =
        OptionFactory.Many("--expose", null, "PORT[/PROTOCOL]", "Expose a port or a range of ports");
    private readonly Option<string[]> _dns = OptionFactory.Many("--dns", null, "ADDRESS", "DNS server, instead of those of the host");
    private readonly Option<string[]> _dnsSearch =
        OptionFactory.Many("--dns-search", null, "DOMAIN", "DNS search domain, instead of those of the host; . for none");
    private readonly Option<string[]> _dnsOption =
        OptionFactory.Many("--dns-option", null, "OPTION", "DNS option for resolv.conf").WithAliases("--dns-opt");
    private readonly Option<string[]> _addHost =
        OptionFactory.Many("--add-host", null, "NAME[;NAME…]:ADDRESS", "Add a line to /etc/hosts; the address host-gateway is the host");
    private readonly Option<bool> _readOnly = OptionFactory.Flag("--read-only", null, "Make the root file system read-only");
    private readonly Option<string[]> _tmpfs = OptionFactory.Many("--tmpfs", null, "DEST[:OPTIONS]", "Mount a tmpfs in the container");
    private readonly Option<long?> _shmSize = OptionFactory.Create<long?>(
        "--shm-size",
        null,
        "SIZE",
        "Size of /dev/shm (default: 65536000 bytes)",
        text => ValueParsers.Size(text));
    private readonly Option<bool> _privileged = OptionFactory.Flag("--privileged", null, "Give extended privileges to the container");
    private readonly Option<string[]> _capAdd = OptionFactory.Many("--cap-add", null, "CAP", "Add a capability, or all");
    private readonly Option<string[]> _capDrop = OptionFactory.Many("--cap-drop", null, "CAP", "Drop a capability, or all");
    private readonly Option<string[]> _securityOpt =
        OptionFactory.Many("--security-opt", null, "OPTION", "seccomp=unconfined|FILE, no-new-privileges, mask=PATH, unmask=PATH|ALL");
    private readonly Option<long?> _memory =
        OptionFactory.Create<long?>("--memory", "-m", "SIZE", "Memory limit", text => ValueParsers.Size(text));
    private readonly Option<double?> _cpus =
        OptionFactory.Create<double?>("--cpus", null, "NUMBER", "Number of CPUs; may be a fraction", text => ValueParsers.Number(text));
    private readonly Option<long?> _pidsLimit = OptionFactory.Create<long?>(
        "--pids-limit",
        null,
        "NUMBER",
        "Limit of tasks; 0 or -1 for unlimited (default: 2048)",
        text => ValueParsers.Integer(text));
    private readonly Option<string[]> _label = OptionFactory.Many("--label", null, "KEY=VALUE", "Set a label of the container");
    private readonly Option<string[]> _annotation =
        OptionFactory.Many("--annotation", null, "KEY=VALUE", "Add an annotation for the OCI runtime");
    private readonly Option<string?> _stopSignal =
        OptionFactory.Text("--stop-signal", null, "SIGNAL", "Signal to stop the container (default: SIGTERM)");
    private readonly Option<uint?> _stopTimeout = OptionFactory.Create(
        "--stop-timeout",
        null,
        "SECONDS",
        "Time to wait after the stop signal before the container is killed (default: 10)",
        ValueParsers.WholeSeconds);
    private readonly Option<bool> _init =
        OptionFactory.Flag("--init", null, "Run an init process that forwards signals and reaps processes");
    private readonly Option<bool> _interactive = OptionFactory.Flag("--interactive", "-i", "Keep standard input open even if not attached");
    private readonly Option<bool> _tty = OptionFactory.Flag("--tty", "-t", "Allocate a pseudo-terminal");
    private readonly Argument<string[]> _image;
    private readonly Argument<string[]> _command;

    protected ContainerCreationVerb(string name, string description) : base(name, description)
    {
        AddOptions(
            _addHost, _annotation, _capAdd, _capDrop, _cpus, _dns, _dnsOption, _dnsSearch, _entrypoint, _env,
            _envFile, _expose, _hostname, _init, _interactive, _ip, _ip6, _label, _macAddress, _memory, _name,
            _network, _networkAlias, _pidsLimit, _privileged, _publish, _publishAll, _readOnly, _rm, _securityOpt,
            _shmSize, _stopSignal, _stopTimeout, _tmpfs, _tty, _user, _volume, _workdir);
        _image = AddArgument("IMAGE", ArgumentArity.ExactlyOne);
        _command = AddArgument("COMMAND", ArgumentArity.ZeroOrMore);
    }

    public override bool OptionsEndAtFirstArgument => true;

    protected async Task<Container> CreateAsync(Invocation run, bool startsNext = false)
    {
        var options = Read(run) with { StartsNext = startsNext };
        if (run.Engine.Images.Find(options.Image) is null)
            await ProgressDisplay.ShowAsync((progress) => run.Engine.Images.PullAsync(options.Image, progress, run.Cancellation));
        return await run.Engine.Containers.CreateAsync(options, run.Cancellation);
    }

    private CreateOptions Read(Invocation run)
    {
        var defaults = new CreateOptions { Image = run.Get(_image)[0] };
        return defaults with
        {
            Name = run.Get(_name),
            Command = run.Get(_command),
            Entrypoint = run.Get(_entrypoint) is { } entrypoint ? Entrypoint(entrypoint) : null,
            Env = run.Get(_env),
            EnvFiles = run.Get(_envFile),
            Volumes = run.Get(_volume),
            Tmpfs = run.Get(_tmpfs),
            WorkingDirectory = run.Get(_workdir),
            User = run.Get(_user),
            Hostname = run.Get(_hostname),
            Networks = run.Get(_network),
            Ip = run.Get(_ip),
            Ip6 = run.Get(_ip6),
            MacAddress = run.Get(_macAddress),
            NetworkAliases = run.Get(_networkAlias),
            Publish = run.Get(_publish),
            PublishAll = run.Get(_publishAll),
            Expose = run.Get(_expose),
            Dns = run.Get(_dns),
            DnsSearch = run.Get(_dnsSearch),
            DnsOptions = run.Get(_dnsOption),
            AddHosts = run.Get(_addHost),
            ReadOnly = run.Get(_readOnly),
            ShmSize = run.Get(_shmSize) ?? defaults.ShmSize,
            Privileged = run.Get(_privileged),
            CapAdd = run.Get(_capAdd),
            CapDrop = run.Get(_capDrop),
            SecurityOptions = run.Get(_securityOpt),
            Memory = run.Get(_memory),
            Cpus = run.Get(_cpus),
            PidsLimit = run.Get(_pidsLimit),
            Labels = ValueParsers.Pairs(run.Get(_label)),
            Annotations = ValueParsers.Pairs(run.Get(_annotation)),
            StopSignal = run.Get(_stopSignal),
            StopTimeout = run.Get(_stopTimeout) ?? defaults.StopTimeout,
            Init = run.Get(_init),
            Interactive = run.Get(_interactive),
            Tty = run.Get(_tty),
            AutoRemove = run.Get(_rm),
            CreateCommand = ["stasis", .. run.CommandLine],
        };
    }

    private static string[] Entrypoint(string text)
    {
        if (!text.StartsWith('['))
            return text.Length == 0 ? [] : [text];
        try
        {
            return System.Text.Json.JsonSerializer.Deserialize(text, CliJsonContext.Default.StringArray) ?? [];
        }
        catch (System.Text.Json.JsonException)
        {
            throw new UsageException($"invalid value \"{text}\" for --entrypoint: it is not a JSON array of strings");
        }
    }
}
