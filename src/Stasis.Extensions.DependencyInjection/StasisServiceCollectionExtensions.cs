using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Stasis.Engine;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the Stasis engine to a service collection.</summary>
public static class StasisServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="StasisEngine"/> as a singleton, unless there is one already. The engine logs to the
    /// <see cref="ILoggerFactory"/> of the services, if they have one and <paramref name="options"/> names no other.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The engine's options; by default those of <see cref="EngineOptions"/>.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddStasis(this IServiceCollection services, EngineOptions? options = null) =>
        services.AddStasis(_ => options ?? new EngineOptions());

    /// <summary>
    /// As <see cref="AddStasis(IServiceCollection, EngineOptions?)"/>, with options that are made when the engine is first asked for.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">Makes the options, for example from configuration.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddStasis(this IServiceCollection services, Func<IServiceProvider, EngineOptions> options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(provider => new StasisEngine(WithLogging(options(provider), provider)));
        return services;
    }

    private static EngineOptions WithLogging(EngineOptions options, IServiceProvider provider) =>
        options with { LoggerFactory = options.LoggerFactory ?? provider.GetService<ILoggerFactory>() };
}
