namespace Stasis.Cli.Output.Templates;

/// <summary>Parses tokens into nodes: the grammar of Go's text/template without <c>define</c>, <c>template</c> and <c>block</c>.</summary>
internal sealed class Parser
{
    // Without a limit, a hostile template would exhaust the stack.
    private const int DeepestNesting = 100;
    private static readonly string[] Keywords = ["if", "with", "range", "else", "end", "break", "continue", "define", "template", "block"];

    private readonly TemplateErrorPlace _source;
    private readonly IReadOnlyList<Token> _tokens;
    private readonly Stack<string> _variables = new(["$"]);
    private int _at;
    private int _depth;
    private int _ranges;

    private Parser(TemplateErrorPlace source, IReadOnlyList<Token> tokens) => (_source, _tokens) = (source, tokens);

    private Token Next => _tokens[_at];

    public static IReadOnlyList<Node> Parse(TemplateErrorPlace source, IReadOnlyList<Token> tokens)
    {
        var parser = new Parser(source, tokens);
        var nodes = parser.List(out var last);
        return last is null ? nodes : throw source.Error(last.Value.Position, $"unexpected {{{{{last.Value.Text}}}}}");
    }

    /// <summary>Parses nodes up to an <c>else</c> or <c>end</c>, which is consumed.</summary>
    private List<Node> List(out Token? last)
    {
        var nodes = new List<Node>();
        for (last = null; Next.Kind != TokenKind.End;)
        {
            var token = Take();
            if (token.Kind == TokenKind.Text)
                nodes.Add(new TextNode(token.Position, token.Stop, token.Text));
            else if (Next is { Kind: TokenKind.Word, Text: "else" or "end" })
            {
                last = Take();
                return nodes;
            }
            else
                nodes.Add(Action());
        }
        return nodes;
    }

    private Node Action()
    {
        var word = Next;
        if (word.Kind != TokenKind.Word || !Keywords.Contains(word.Text))
        {
            var action = new ActionNode(Pipeline(declares: true));
            Close("command");
            return action;
        }
        Take();
        switch (word.Text)
        {
            case "if":
                return Branch(word, setsDot: false);
            case "with":
                return Branch(word, setsDot: true);
            case "range":
                return Range(word);
            case "break" or "continue" when _ranges == 0:
                throw _source.Error(word.Position, $"{{{{{word.Text}}}}} outside {{{{range}}}}");
            case "break" or "continue":
                Close(word.Text);
                return word.Text == "break" ? new BreakNode(word.Position, word.Stop) : new ContinueNode(word.Position, word.Stop);
            default:
                throw _source.Error(word.Position, $"{{{{{word.Text}}}}} is not supported");
        }
    }

    private IfNode Branch(Token word, bool setsDot)
    {
        using var _ = Nested(word);
        var pipe = Pipeline(declares: true);
        Close(word.Text);
        var then = List(out var last);
        return new IfNode(pipe, then, Else(word, last), setsDot);
    }

    private RangeNode Range(Token word)
    {
        using var _ = Nested(word);
        var pipe = Pipeline(declares: true, inRange: true);
        Close(word.Text);
        _ranges++;
        var body = List(out var last);
        _ranges--;
        return new RangeNode(pipe, body, Else(word, last));
    }

    private List<Node> Else(Token word, Token? last)
    {
        if (last is null)
            throw _source.Error(word.Position, $"unexpected EOF: {{{{{word.Text}}}}} without {{{{end}}}}");
        if (last.Value.Text == "end")
        {
            Close("end");
            return [];
        }
        // "else if" is an if inside the else, with the same end.
        if (word.Text != "range" && Next.Kind == TokenKind.Word && Next.Text == word.Text)
            return [Branch(Take(), word.Text == "with")];
        Close("else");
        var nodes = List(out var end);
        if (end is not { Text: "end" })
            throw _source.Error(
                end?.Position ?? word.Position,
                end is null ? $"unexpected EOF: {{{{{word.Text}}}}} without {{{{end}}}}" : "expected end; found {{else}}");
        Close("end");
        return nodes;
    }

    private PipeNode Pipeline(bool declares, bool inRange = false)
    {
        var start = Next.Position;
        var (variables, assigns) = declares ? Variables(inRange) : ([], false);
        var commands = new List<CommandNode>();
        do
        {
            commands.Add(Command());
            if (commands.Count > 1 && commands[^1].Operands[0] is ConstantNode or NilNode or DotNode)
                throw _source.Error(commands[^1].Position, $"non executable command in pipeline stage {commands.Count}");
            if (commands[^1].Operands is [NilNode nil])
                throw _source.Error(nil, "nil is not a command");
        }
        while (Took(TokenKind.Pipe));
        // The variables are in scope only after the pipeline.
        if (!assigns)
            variables.ForEach(_variables.Push);
        return new PipeNode(start, commands[^1].End, variables, assigns, commands);
    }

    /// <summary>"$x :=", "$x =", and in a range "$i, $x :=".</summary>
    private (List<string> Names, bool Assigns) Variables(bool inRange)
    {
        var names = new List<string>();
        var start = _at;
        while (Next.Kind == TokenKind.Variable)
        {
            names.Add(Take().Text);
            if (names.Count == 1 && inRange && Took(TokenKind.Comma))
                continue;
            if (Next.Kind is TokenKind.Declare or TokenKind.Assign)
            {
                var assigns = Take().Kind == TokenKind.Assign;
                foreach (var name in assigns ? names : [])
                    Require(name, _tokens[start].Position);
                return (names, assigns);
            }
            break;
        }
        if (names.Count == 2)
            throw _source.Error(
                Next.Position,
                Next.Kind == TokenKind.Comma ? "too many declarations in range" : "range can only initialize variables");
        _at = start;
        return ([], false);
    }

    private CommandNode Command()
    {
        var start = Next;
        var operands = new List<Node>();
        while (Operand() is { } operand)
        {
            operands.Add(operand);
            if (Next.Kind is not (TokenKind.Close or TokenKind.Pipe or TokenKind.RightParenthesis) && !Next.AfterSpace)
                throw _source.Error(Next.Position, $"unexpected {Describe(Next)} in operand");
        }
        return operands.Count > 0
            ? new CommandNode(start.Position, operands[^1].End, operands)
            : throw _source.Error(
                start.Position,
                start.Kind is TokenKind.Close or TokenKind.Pipe or TokenKind.RightParenthesis
                    ? "missing value for command"
                    : $"unexpected {Describe(start)} in operand");
    }

    private Node? Operand()
    {
        var token = Next;
        Node? node = token.Kind switch
        {
            TokenKind.Constant => new ConstantNode(token.Position, token.Stop, token.Value!),
            TokenKind.Dot or TokenKind.Field => new DotNode(token.Position, token.Position),
            TokenKind.Variable => new VariableNode(token.Position, token.Stop, Require(token.Text, token.Position)),
            TokenKind.Word => Word(token),
            TokenKind.LeftParenthesis => Parenthesis(),
            _ => null,
        };
        if (node is null)
            return null;
        if (token.Kind == TokenKind.Dot)
            node = new DotNode(token.Position, token.Stop);
        if (token.Kind is not (TokenKind.Field or TokenKind.LeftParenthesis))
            Take();
        var names = new List<string>();
        var stop = node.End;
        while (Next.Kind == TokenKind.Field && (!Next.AfterSpace || Next.Position == token.Position))
        {
            stop = Next.Stop;
            names.Add(Take().Text);
        }
        if (names.Count == 0)
            return node;
        return node is ConstantNode or NilNode or DotNode && token.Kind != TokenKind.Field
            ? throw _source.Error(token.Position, $"unexpected . after term {GoLiteral.Quote(_source.Text[node.Position..node.End])}")
            : new FieldsNode(token.Position, stop, node, names);
    }

    private Node Word(Token token) => token.Text switch
    {
        "true" or "false" => new ConstantNode(token.Position, token.Stop, new BooleanValue(token.Text == "true")),
        "nil" => new NilNode(token.Position, token.Stop),
        _ when Functions.Exists(token.Text) => new FunctionNode(token.Position, token.Stop, token.Text),
        _ => throw _source.Error(token.Position, $"function \"{token.Text}\" not defined"),
    };

    private PipeNode Parenthesis()
    {
        var left = Take();
        using var _ = Nested(left);
        var pipe = Pipeline(declares: false);
        return Took(TokenKind.RightParenthesis)
            ? pipe with { Position = left.Position, End = _tokens[_at - 1].Stop }
            : throw _source.Error(Next.Position, $"unclosed left paren: unexpected {Describe(Next)}");
    }

    private string Require(string name, int position) =>
        _variables.Contains(name) ? name : throw _source.Error(position, $"undefined variable \"{name}\"");

    private void Close(string where)
    {
        if (!Took(TokenKind.Close))
            throw _source.Error(Next.Position, $"unexpected {Describe(Next)} in {where}");
    }

    private bool Took(TokenKind kind)
    {
        if (Next.Kind != kind)
            return false;
        Take();
        return true;
    }

    // The last token, the end, stays.
    private Token Take() => _tokens[_at < _tokens.Count - 1 ? _at++ : _at];

    private static string Describe(Token token) => token.Kind switch
    {
        TokenKind.End => "EOF",
        TokenKind.Close => "\"}}\"",
        TokenKind.Field => $"<.{token.Text}>",
        TokenKind.Dot => "<.>",
        TokenKind.Constant when token.Text.Length == 0 => "a constant",
        _ => $"\"{token.Text}\"",
    };

    private Scope Nested(Token at)
    {
        if (++_depth > DeepestNesting)
            throw _source.Error(at.Position, "nested too deeply");
        return new Scope(this, _variables.Count);
    }

    /// <summary>Variables are known up to its end.</summary>
    private readonly record struct Scope(Parser Parser, int Known) : IDisposable
    {
        public void Dispose()
        {
            Parser._depth--;
            while (Parser._variables.Count > Known)
                Parser._variables.Pop();
        }
    }
}
