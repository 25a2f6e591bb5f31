using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Cli.Parsing;
using Stasis.Cli.Verbs;

namespace Stasis.Cli.Commands.Host;

internal sealed class CompletionCommand : Verb
{
    private const string Bash =
        """
        # bash completion for stasis
        _stasis() {
          local line
          COMPREPLY=()
          while IFS= read -r line; do
            if [ "$line" = :files ]; then
              compopt -o filenames
              mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
            else
              COMPREPLY+=("${line%%$'\t'*}")
            fi
          done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -F _stasis stasis
        """;

    private const string Zsh =
        """
        #compdef stasis
        # zsh completion for stasis
        _stasis() {
          local line files
          local -a candidates
          for line in "${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
            case $line in
              '') ;;
              :files) files=yes ;;
              *) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
            esac
          done
          [[ -n $files ]] && _files
          (( $#candidates )) && _describe stasis candidates
        }
        if [ "$funcstack[1]" = _stasis ]; then _stasis "$@"; else compdef _stasis stasis; fi
        """;

    private const string Fish =
        """
        # fish completion for stasis
        function __stasis_complete
          set -l words (commandline -opc) (commandline -ct)
          for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
            if test "$line" = :files
              __fish_complete_path (commandline -ct)
            else
              echo $line
            end
          end
        end
        complete -c stasis -f -a '(__stasis_complete)'
        """;

    private readonly Argument<string[]> _shell;

    public CompletionCommand() : base("completion", "Generate the completion script for a shell: bash, zsh or fish")
    {
        _shell = AddArgument("SHELL", ArgumentArity.ExactlyOne);
        _shell.CompletionSources.Add("bash", "zsh", "fish");
    }

    public override bool UsesState => false;

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("source <(stasis completion bash)", "Load completion into the current shell."),
        ("stasis completion bash >/usr/share/bash-completion/completions/stasis", "Install completion for all users."),
    ];

    public override Task<int> RunAsync(Invocation run)
    {
        StandardOutput.Line(run.Get(_shell)[0] switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            var other => throw new UsageException($"no completion for {other}: it must be one of bash, zsh, fish"),
        });
        return Task.FromResult(0);
    }
}
