using Stasis.Bench;

// Measures Stasis side by side with real Podman. Started by eng/bench.sh, which sees to it that both are there.
var options = Options.Parse(args);
var stasis = Tool.Stasis(options);
var podman = Tool.Podman(options);

var report = new Report(await Host.DescribeAsync(options, stasis, podman), podman);
Scenario[] scenarios =
[
    new Startup(),
    new SmallContainer(),
    new BigContainer(),
    new FrozenTime(),
    new Vetting(),
    new ManyCopies(),
    new HundredCopies(),
    new WarmStart(),
    new PassThrough(),
    new UnderDocker(),
    new FromRegistry(),
    new UnderCri(),
];
foreach (var scenario in scenarios)
{
    if (options.Only is { } only && !only.Split(',').Contains(scenario.Name))
        continue;
    Console.Error.WriteLine($"bench: {scenario.Name}, {options.Runs} runs of each");
    report.Add(await scenario.MeasureAsync(options, stasis, podman));
    // Each time: a run that is cut off leaves what it has.
    report.WriteJson(options.Results);
    report.WritePlot(options.Plot);
}

Console.Write(report.ToMarkdown());
return 0;
