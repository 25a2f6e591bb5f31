using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Formats.Ssh;

namespace Stasis.Cli.Commands.Archives;

internal sealed class ArchiveSignCommand : Verb
{
    private readonly Option<string?> _key = OptionFactory.Text("--key", null, "FILE", "The SSH key to sign with: the secret one, or the public one of a key that the SSH agent holds");
    private readonly Option<string?> _signature = OptionFactory.Text("--signature", null, "FILE", "Where the signature goes; the archive's name with .sig if not given");
    private readonly Argument<string[]> _archives;

    public ArchiveSignCommand() : base("sign", "Sign archives")
    {
        AddOptions(_key, _signature);
        _archives = AddArgument("FILE", ArgumentArity.OneOrMore);
    }

    // It neither needs root nor touches what root has.
    public override bool UsesState => false;

    public override string Details =>
        "The signature of an archive is a file beside it. It is over all bytes of the archive, encrypted ones where it is encrypted. A restore with --require-signature asks for it. " +
        "Keys are those of SSH, of type ed25519: ssh-keygen -t ed25519 makes one. A key with a passphrase, or in a hardware token, must be added to the SSH agent. " +
        $"ssh-keygen -Y sign -n {SshSignature.Namespace} -f KEY FILE makes the same signature, and ssh-keygen -Y verify -n {SshSignature.Namespace} checks it. FILE - is standard input.";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis archive sign --key /root/.ssh/id_ed25519 counter.tar.zst", "Sign an archive: this makes counter.tar.zst.sig."),
        ("stasis container restore --import counter.tar.zst --require-signature=id_ed25519.pub", "Restore it on another host, to which the public key was brought."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var key = run.Get(_key) ?? throw new UsageException("--key FILE is missing: what is it to be signed with?");
        var archives = run.Get(_archives);
        if (run.Has(_signature) && archives.Length > 1)
            throw new UsageException("--signature names one signature: give one archive");
        return await run.ForEachAsync(archives, archive =>
        {
            StandardOutput.Line(ArchiveSignature.Sign(archive, key, run.Get(_signature), run.Cancellation));
            return Task.CompletedTask;
        });
    }
}
