using System.Text;
using Microsoft.Win32.SafeHandles;
using Stasis.Engine.Model;
using Stasis.Linux.Processes;
using Xunit;

namespace Stasis.IntegrationTests.Containers;

/// <summary>Terminals: the command on one of its own (made by script(1)), a shell in the container on another.</summary>
public sealed class TerminalTests : IAsyncLifetime
{
    private readonly TestEngine _test = new();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Exec_has_a_terminal_of_the_callers_size_and_raw_keys()
    {
        await _test.CreateAsync("one", "sleep 60", null);
        await _test.Containers.StartAsync("one", TestEngine.Cancellation);
        using var session = new Session(_test, "exec", "-it", "one", "sh");

        await session.SeesAsync("/ # ");
        session.Type("stty size; tty; trap 'echo interrupted' INT\n");
        await session.SeesAsync("33 77\r\n/dev/pts/");
        session.Type("\u0003");
        await session.SeesAsync("interrupted");
        session.Type("exit 7\n");

        Assert.Equal(7, await session.EndAsync());
    }

    [Fact]
    public async Task A_container_can_be_left_and_come_back_to()
    {
        await _test.CreateAsync("one", "", options => options with { Command = ["sh"], Interactive = true, Tty = true });
        using (var session = new Session(_test, "start", "-ai", "one"))
        {
            await session.SeesAsync("/ # ");
            session.Type("A=here; stty size\n");
            await session.SeesAsync("33 77");
            session.Type("\u0010\u0011");
            Assert.Equal(0, await session.EndAsync());
        }
        Assert.Equal(ContainerStatus.Running, _test.Containers.Get("one").State.Status);

        using (var session = new Session(_test, "start", "-ai", "one"))
        {
            session.Type("echo still $A; exit 3\n");
            await session.SeesAsync("still here");
            Assert.Equal(3, await session.EndAsync());
        }
    }

    [Fact]
    public async Task Keys_of_ones_own_end_an_attachment()
    {
        await _test.CreateAsync("one", "", options => options with { Command = ["sh"], Interactive = true, Tty = true });
        await _test.Containers.StartAsync("one", TestEngine.Cancellation);
        using (var session = new Session(_test, "attach", "--detach-keys=ctrl-a,x", "one"))
        {
            session.Type("\n");
            await session.SeesAsync("/ # ");
            session.Type("echo a$((20+3))b\u0010\u0011\n"); // Podman's keys are keys like others
            await session.SeesAsync("a23b");
            session.Type("\u0001x");
            Assert.Equal(0, await session.EndAsync());
        }
        Assert.Equal(ContainerStatus.Running, _test.Containers.Get("one").State.Status);
    }

    /// <summary>The command at a terminal of 33 rows and 77 columns.</summary>
    private sealed class Session : IDisposable
    {
        private readonly ChildProcess _script;
        private readonly FileStream _keyboard;
        private readonly Task _reading;
        private readonly StringBuilder _screen = new();

        public Session(TestEngine test, params string[] arguments)
        {
            var command = string.Join(' ',
                [TestEngine.Command, "--root", test.Engine.Layout.Root, "--runroot", test.Engine.Layout.RunRoot, .. arguments]);
            var (input, output) = (Pipe.Create(), Pipe.Create());
            _script = Spawn.Start(new SpawnOptions
            {
                Program = "script",
                Arguments = ["-qec", $"stty rows 33 cols 77; exec {command}", "/dev/null"],
                Descriptors = new Dictionary<int, SafeFileHandle> { [0] = input.Read, [1] = output.Write, [2] = output.Write },
            });
            input.Read.Dispose();
            output.Write.Dispose();
            _keyboard = new FileStream(input.Write, FileAccess.Write, bufferSize: 0);
            _reading = Task.Run(() => Read(output.Read));
        }

        private string Screen
        {
            get
            {
                lock (_screen)
                    return _screen.ToString();
            }
        }

        public void Type(string keys) => _keyboard.Write(Encoding.UTF8.GetBytes(keys));

        public Task SeesAsync(string text) =>
            TestEngine.UntilAsync(() => Screen.Contains(text, StringComparison.Ordinal), $"{text} on the screen");

        public async Task<int> EndAsync()
        {
            var code = await Eventually.EndsAsync(_script.WaitAsync(TestEngine.Cancellation));
            await _reading;
            Assert.True(code != 125, Screen);
            return code;
        }

        public void Dispose()
        {
            _script.Signal(9);
            _script.Dispose();
            _keyboard.Dispose();
        }

        private void Read(SafeFileHandle handle)
        {
            using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            var buffer = new byte[4096];
            while (stream.Read(buffer) is > 0 and var length)
            {
                lock (_screen)
                    _screen.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
    }
}
