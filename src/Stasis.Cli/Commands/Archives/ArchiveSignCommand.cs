using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;
using Stasis.Engine.Archive.Signing;
using Stasis.Engine.Formats.Ssh;

namespace Stasis.Cli.Commands.Archives;

internal sealed class ArchiveSignCommand : Verb
{
    private readonly Option<string?> _key =
        OptionFactory.Text("--key", null, "FILE", "SSH key to sign with: a private key, or the public key of one that the SSH agent holds");
    private readonly Option<string?> _signature =
        OptionFactory.Text("--signature", null, "FILE", "File to write the signature to (default: archive name with .sig)");
    private readonly Argument<string[]> _archives;

    public ArchiveSignCommand() : base("sign", "Sign archives")
    {
        AddOptions(_key, _signature);
        _archives = AddArgument("FILE", ArgumentArity.OneOrMore);
    }

    public override bool UsesState => false;

    public override string Details =>
        "The signature is a file beside the archive. It covers all bytes of the archive as they are, encrypted or not. " +
        "A restore with --require-signature verifies it. Keys are SSH keys of type ed25519: ssh-keygen -t ed25519 makes one. " +
        "A key with a passphrase, or in a hardware token, must be added to the SSH agent. " +
        $"ssh-keygen -Y sign -n {SshSignature.Namespace} -f KEY FILE makes the same signature, " +
        $"and ssh-keygen -Y verify -n {SshSignature.Namespace} verifies it. FILE - is standard input.";

    public override string? HandlesEach => "archives";

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("stasis archive sign --key /root/.ssh/id_ed25519 counter.tar.zst", "Sign an archive: writes counter.tar.zst.sig."),
        ("stasis container restore --import counter.tar.zst --require-signature=id_ed25519.pub",
            "Restore the archive on another host that has the public key."),
    ];

    public override async Task<int> RunAsync(Invocation run)
    {
        var key = run.Get(_key) ?? throw new UsageException("--key FILE is missing: which key shall sign?");
        var archives = run.Get(_archives);
        if (run.Has(_signature) && archives.Length > 1)
            throw new UsageException("--signature can only be used with one archive");
        return await run.ForEachAsync(archives, archive =>
        {
            StandardOutput.Line(ArchiveSigning.Sign(archive, key, run.Get(_signature), run.Cancellation));
            return Task.CompletedTask;
        });
    }
}
