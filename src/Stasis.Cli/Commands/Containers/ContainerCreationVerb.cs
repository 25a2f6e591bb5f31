using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Containers;
using Stasis.Engine.Model;

namespace Stasis.Cli.Commands.Containers;

/// <summary>What <c>create</c> and <c>run</c> have in common.</summary>
internal abstract class ContainerCreationVerb : Verb
{
    private readonly Option<string?> _name = OptionFactory.Text("--name", null, "NAME", "Name; made up if not given");
    private readonly Option<bool> _rm = OptionFactory.Flag("--rm", null, "Remove the container when it ends");
    private readonly Option<string[]> _env = OptionFactory.Many("--env", "-e", "KEY=VALUE", "Environment variable; KEY alone passes on the caller's");
    private readonly Option<string[]> _envFile = OptionFactory.Many("--env-file", null, "FILE", "File of KEY=VALUE lines");
    private readonly Option<string[]> _volume = OptionFactory.Many("--volume", "-v", "SOURCE:DEST[:OPTIONS]", "Bind a host path or a named volume; options such as ro");
    private readonly Option<string?> _workdir = OptionFactory.Text("--workdir", "-w", "DIR", "Working directory");
    private readonly Option<string?> _user = OptionFactory.Text("--user", "-u", "USER[:GROUP]", "User and group, names or numbers");
    private readonly Option<string?> _hostname = OptionFactory.Text("--hostname", "-h", "NAME", "Hostname; the first twelve digits of the ID if not given");
    private readonly Option<string?> _entrypoint = OptionFactory.Text("--entrypoint", null, "COMMAND", "In place of the image's: a word, a JSON array, or nothing");
    private readonly Option<string[]> _network = OptionFactory.Many("--network", null, "NETWORK", "none, host, bridge (the default network), or NAME[:ip=…,mac=…,alias=…,interface_name=…]; may be given several times").Also("--net");
    private readonly Option<string?> _ip = OptionFactory.Text("--ip", null, "ADDRESS", "IPv4 address on its one network");
    private readonly Option<string?> _ip6 = OptionFactory.Text("--ip6", null, "ADDRESS", "IPv6 address on its one network");
    private readonly Option<string?> _macAddress = OptionFactory.Text("--mac-address", null, "ADDRESS", "MAC address on its one network");
    private readonly Option<string[]> _networkAlias = OptionFactory.Many("--network-alias", null, "NAME", "Further name on its networks");
    private readonly Option<string[]> _publish = OptionFactory.Many("--publish", "-p", "[[IP:][HOSTPORT]:]PORT[/PROTOCOL]", "Let a port of the host lead to a port of the container; ranges too");
    private readonly Option<bool> _publishAll = OptionFactory.Flag("--publish-all", "-P", "Publish the ports that the image and --expose name, on free ports of the host");
    private readonly Option<string[]> _expose = OptionFactory.Many("--expose", null, "PORT[/PROTOCOL]", "Name a port that is of use");
    private readonly Option<string[]> _dns = OptionFactory.Many("--dns", null, "ADDRESS", "Name server in place of the host's");
    private readonly Option<string[]> _dnsSearch = OptionFactory.Many("--dns-search", null, "DOMAIN", "Domain to search in place of the host's; . for none");
    private readonly Option<string[]> _dnsOption = OptionFactory.Many("--dns-option", null, "OPTION", "Option for resolv.conf").Also("--dns-opt");
    private readonly Option<string[]> _addHost = OptionFactory.Many("--add-host", null, "NAME[;NAME…]:ADDRESS", "Line for /etc/hosts; the address host-gateway is the host");
    private readonly Option<bool> _readOnly = OptionFactory.Flag("--read-only", null, "The root file system can't be written to");
    private readonly Option<string[]> _tmpfs = OptionFactory.Many("--tmpfs", null, "DEST[:OPTIONS]", "Mount a tmpfs");
    private readonly Option<long?> _shmSize = OptionFactory.Create<long?>("--shm-size", null, "SIZE", "Size of /dev/shm (64m as Podman counts it: 65536000 bytes)", text => ValueParsers.Size(text));
    private readonly Option<bool> _privileged = OptionFactory.Flag("--privileged", null, "No confinement");
    private readonly Option<string[]> _capAdd = OptionFactory.Many("--cap-add", null, "CAP", "Capability on top of the default ones, or all");
    private readonly Option<string[]> _capDrop = OptionFactory.Many("--cap-drop", null, "CAP", "Capability to take away, or all");
    private readonly Option<string[]> _securityOpt = OptionFactory.Many("--security-opt", null, "OPTION", "seccomp=unconfined|FILE, no-new-privileges, mask=PATH, unmask=PATH|ALL");
    private readonly Option<long?> _memory = OptionFactory.Create<long?>("--memory", "-m", "SIZE", "Memory limit", text => ValueParsers.Size(text));
    private readonly Option<double?> _cpus = OptionFactory.Create<double?>("--cpus", null, "NUMBER", "Processors' worth of time", text => ValueParsers.Number(text));
    private readonly Option<long?> _pidsLimit = OptionFactory.Create<long?>("--pids-limit", null, "NUMBER", "Number of tasks; 0 or -1 for no limit (2048)", text => ValueParsers.Integer(text));
    private readonly Option<string[]> _label = OptionFactory.Many("--label", null, "KEY=VALUE", "Label");
    private readonly Option<string[]> _annotation = OptionFactory.Many("--annotation", null, "KEY=VALUE", "Annotation for the OCI runtime");
    private readonly Option<string?> _stopSignal = OptionFactory.Text("--stop-signal", null, "SIGNAL", "Signal that asks it to stop (SIGTERM)");
    private readonly Option<uint?> _stopTimeout = OptionFactory.Create("--stop-timeout", null, "SECONDS", "How long that may take before it is killed (10)", ValueParsers.WholeSeconds);
    private readonly Option<bool> _init = OptionFactory.Flag("--init", null, "Run an init in the container that reaps its processes");
    private readonly Option<bool> _interactive = OptionFactory.Flag("--interactive", "-i", "Keep standard input open");
    private readonly Option<bool> _tty = OptionFactory.Flag("--tty", "-t", "Give it a terminal");
    private readonly Argument<string[]> _image;
    private readonly Argument<string[]> _command;

    protected ContainerCreationVerb(string name, string description) : base(name, description)
    {
        AddOptions(_addHost, _annotation, _capAdd, _capDrop, _cpus, _dns, _dnsOption, _dnsSearch, _entrypoint, _env, _envFile, _expose, _hostname, _init, _interactive, _ip, _ip6,
            _label, _macAddress, _memory, _name, _network, _networkAlias, _pidsLimit, _privileged, _publish, _publishAll, _readOnly, _rm, _securityOpt, _shmSize, _stopSignal, _stopTimeout, _tmpfs, _tty, _user, _volume, _workdir);
        _image = AddArgument("IMAGE", ArgumentArity.ExactlyOne);
        _command = AddArgument("COMMAND", ArgumentArity.ZeroOrMore);
    }

    public override bool OptionsEndAtFirstArgument => true;

    protected async Task<Container> CreateAsync(Invocation run)
    {
        var options = Read(run);
        if (run.Engine.Images.Find(options.Image) is null)
            await Progress.ShowAsync((progress) => run.Engine.Images.PullAsync(options.Image, progress, run.Cancellation));
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
            return System.Text.Json.JsonSerializer.Deserialize(text, CliJson.Default.StringArray) ?? [];
        }
        catch (System.Text.Json.JsonException)
        {
            throw new UsageException($"invalid value \"{text}\" for --entrypoint: it isn't a JSON array of strings");
        }
    }
}
