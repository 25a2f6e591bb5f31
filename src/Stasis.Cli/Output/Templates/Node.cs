namespace Stasis.Cli.Output.Templates;

/// <summary>A node of a parsed template.</summary>
/// <param name="Position">Where the node begins in the text.</param>
/// <param name="End">Where the node ends in the text.</param>
internal abstract record Node(int Position, int End);

/// <summary>Text outside of actions.</summary>
internal sealed record TextNode(int Position, int End, string Text) : Node(Position, End);

/// <summary><c>{{pipeline}}</c>: prints the value, unless it sets a variable.</summary>
internal sealed record ActionNode(PipeNode Pipe) : Node(Pipe.Position, Pipe.End);

/// <summary><c>if</c>; or <c>with</c>, which sets the dot to the value.</summary>
internal sealed record IfNode(PipeNode Pipe, IReadOnlyList<Node> Then, IReadOnlyList<Node> Else, bool SetsDot)
    : Node(Pipe.Position, Pipe.End);

internal sealed record RangeNode(PipeNode Pipe, IReadOnlyList<Node> Body, IReadOnlyList<Node> Else) : Node(Pipe.Position, Pipe.End);

internal sealed record BreakNode(int Position, int End) : Node(Position, End);

internal sealed record ContinueNode(int Position, int End) : Node(Position, End);

/// <summary>A pipeline: each command gets the value of the previous one. Parentheses contain a pipeline too.</summary>
/// <param name="Variables">Variables that get the value: "$x", or two in a range.</param>
/// <param name="Assigns">Whether the variables exist already.</param>
internal sealed record PipeNode(
    int Position, int End, IReadOnlyList<string> Variables, bool Assigns, IReadOnlyList<CommandNode> Commands) : Node(Position, End);

/// <summary>An operand, or a function or field with arguments.</summary>
internal sealed record CommandNode(int Position, int End, IReadOnlyList<Node> Operands) : Node(Position, End);

internal sealed record DotNode(int Position, int End) : Node(Position, End);

internal sealed record NilNode(int Position, int End) : Node(Position, End);

internal sealed record ConstantNode(int Position, int End, Value Value) : Node(Position, End);

internal sealed record VariableNode(int Position, int End, string Name) : Node(Position, End);

internal sealed record FunctionNode(int Position, int End, string Name) : Node(Position, End);

/// <summary><c>.A.B</c> of the dot, <c>$x.A.B</c>, or <c>(pipeline).A.B</c>.</summary>
internal sealed record FieldsNode(int Position, int End, Node Of, IReadOnlyList<string> Names) : Node(Position, End);
