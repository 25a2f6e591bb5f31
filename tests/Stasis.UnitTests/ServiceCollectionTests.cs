using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Stasis.Engine;
using Xunit;

namespace Stasis.UnitTests;

public class ServiceCollectionTests
{
    [Fact]
    public void The_engine_is_a_singleton_with_the_options_given()
    {
        using var temp = new TempDirectory();
        var options = new EngineOptions { Root = temp.Layout.Root };
        using var services = new ServiceCollection().AddStasis(options).AddStasis().BuildServiceProvider();
        var engine = services.GetRequiredService<StasisEngine>();
        Assert.Same(engine, services.GetRequiredService<StasisEngine>());
        Assert.Equal(temp.Layout.Root, engine.Options.Root);
        Assert.Null(engine.Options.LoggerFactory);
    }

    [Fact]
    public void The_engine_logs_where_the_services_do_unless_told_otherwise()
    {
        using var own = new LoggerFactoryStub();
        using var services = new ServiceCollection()
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).AddStasis().BuildServiceProvider();
        Assert.Same(NullLoggerFactory.Instance, services.GetRequiredService<StasisEngine>().Options.LoggerFactory);
        using var others = new ServiceCollection().AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddStasis(_ => new EngineOptions { LoggerFactory = own }).BuildServiceProvider();
        Assert.Same(own, others.GetRequiredService<StasisEngine>().Options.LoggerFactory);
    }

    private sealed class LoggerFactoryStub : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => NullLogger.Instance;

        public void Dispose()
        {
        }
    }
}
