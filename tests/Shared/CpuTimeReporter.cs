using System.Globalization;
using Xunit.Runner.Common;
using Xunit.Sdk;

[assembly: RegisterRunnerReporter(typeof(CpuTimeReporter))]

namespace Stasis.Tests;

/// <summary>
/// Writes the processor time of each test to the file that STASIS_CPU_TIMES names, for <c>eng/test.sh --list-slow</c>: seconds,
/// a tab, the test's name. The time is that of all processes of the PID namespace, so the tests must run one at a time and in
/// a PID namespace of their own.
/// </summary>
public sealed class CpuTimeReporter : IRunnerReporter
{
    public bool CanBeEnvironmentallyEnabled => false;

    public string Description => "writes the processor time of each test to $STASIS_CPU_TIMES";

    public bool ForceNoLogo => false;

    public bool IsEnvironmentallyEnabled => false;

    public string RunnerSwitch => "cpu-time";

    public ValueTask<IRunnerReporterMessageHandler> CreateMessageHandler(IRunnerLogger logger, IMessageSink? diagnosticMessageSink) =>
        new(new Handler(logger));

    private sealed class Handler : DefaultRunnerReporterMessageHandler
    {
        private readonly string _path = Environment.GetEnvironmentVariable("STASIS_CPU_TIMES")
            ?? throw new InvalidOperationException("STASIS_CPU_TIMES must name a file");

        private double _begun;
        private string _name = "";

        public Handler(IRunnerLogger logger)
            : base(logger)
        {
        }

        protected override void HandleTestStarting(MessageHandlerArgs<ITestStarting> args)
        {
            base.HandleTestStarting(args);
            (_begun, _name) = (CpuTime.ReadForNamespace(), args.Message.TestDisplayName);
        }

        // After the test's own cleanup.
        protected override void HandleTestFinished(MessageHandlerArgs<ITestFinished> args)
        {
            base.HandleTestFinished(args);
            var seconds = CpuTime.ReadForNamespace() - _begun;
            File.AppendAllText(_path, string.Create(CultureInfo.InvariantCulture, $"{seconds:F2}\t{_name.ReplaceLineEndings(" ")}\n"));
        }
    }
}
