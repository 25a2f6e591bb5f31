using Stasis.Engine.Containers.Create;
using Stasis.Engine.Containers.Files;
using Stasis.Engine.Model;
using Stasis.Engine.Oci;
using Stasis.Engine.RuntimeSpec;
using Stasis.Engine.Storage;

namespace Stasis.Engine.Containers.Exec;

/// <summary>The spec of a command that is run in a container: that of the first process, changed by the options.</summary>
internal static class ExecProcessSpec
{
    /// <summary>Builds the spec.</summary>
    /// <exception cref="Errors.StasisException">The container has no such user.</exception>
    public static OciProcess Build(Container container, ContainerLayout paths, ExecOptions options)
    {
        var first = container.Spec.Process ?? new OciProcess();
        var user = first.User ?? new OciUser();
        var environment = CreateEnvironment.Add(first.Env ?? [], options.Env);
        if (options.User is not null)
        {
            var found = ContainerStartPreparation.FindUser(paths, options.User);
            user = found.ToSpec(user.Umask, asked: true);
            // HOME of the first process is not this user's.
            environment = CreateEnvironment.Add(environment, [$"HOME={found.Home}", .. options.Env]);
        }
        var process = first with
        {
            Terminal = options.Tty ? true : null,
            User = user,
            Args = options.Command,
            Env = environment,
            Cwd = options.WorkingDirectory ?? first.Cwd,
            Capabilities = CreateCapabilities.ForExec(
                first.Capabilities ?? new OciCapabilities(), options, root: user.Uid == 0, HostFacts.Read()),
        };
        return options.Privileged ? process with { NoNewPrivileges = null, ApparmorProfile = null } : process;
    }
}
