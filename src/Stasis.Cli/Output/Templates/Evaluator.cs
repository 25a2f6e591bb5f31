using System.Text;

namespace Stasis.Cli.Output.Templates;

/// <summary>Evaluates a parsed template with a value.</summary>
internal sealed class Evaluator
{
    private readonly TemplateErrorPlace _source;
    private readonly StringBuilder _output = new();
    private readonly List<(string Name, Value Value)> _variables = [];
    private int _steps;

    private Evaluator(TemplateErrorPlace source, Value root)
    {
        _source = source;
        _variables.Add(("$", root));
    }

    /// <exception cref="TemplateException">The template uses a field that does not exist, calls a function wrongly, or runs too
    /// long.</exception>
    public static string Render(TemplateErrorPlace source, IReadOnlyList<Node> nodes, Value root)
    {
        var evaluator = new Evaluator(source, root);
        evaluator.Walk(nodes, root);
        return evaluator._output.ToString();
    }

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    private Flow Walk(IReadOnlyList<Node> nodes, Value dot)
    {
        foreach (var node in nodes)
        {
            var flow = Walk(node, dot);
            if (flow != Flow.Next)
                return flow;
        }
        return Flow.Next;
    }

    private Flow Walk(Node node, Value dot)
    {
        Step(node);
        switch (node)
        {
            case TextNode text:
                _output.Append(text.Text);
                return Flow.Next;
            case ActionNode { Pipe: var pipe }:
                var value = Pipe(pipe, dot);
                Set(pipe, value);
                if (pipe.Variables.Count == 0)
                    _output.Append(value);
                Guard(node, () => TemplateLimits.Check(_output.Length));
                return Flow.Next;
            case IfNode branch:
                return Scoped(() => Branch(branch, dot));
            case RangeNode range:
                return Scoped(() => Range(range, dot));
            default:
                return node is BreakNode ? Flow.Break : Flow.Continue;
        }
    }

    private Flow Branch(IfNode branch, Value dot)
    {
        var value = Pipe(branch.Pipe, dot);
        Set(branch.Pipe, value);
        return Walk(value.IsTrue ? branch.Then : branch.Else, value.IsTrue && branch.SetsDot ? value : dot);
    }

    private Flow Range(RangeNode range, Value dot)
    {
        var over = Pipe(range.Pipe, dot);
        var items = over.Items ?? throw _source.Error(range, $"range can't iterate over {over}");
        var any = false;
        foreach (var (key, item) in items)
        {
            any = true;
            Step(range);
            var flow = Scoped(() => Round(range, key, item));
            if (flow == Flow.Break)
                break;
        }
        return any ? Flow.Next : Walk(range.Else, dot);
    }

    private Flow Round(RangeNode range, Value key, Value item)
    {
        var names = range.Pipe.Variables;
        if (names.Count > 0)
            Set(names[^1], range.Pipe.Assigns, item);
        if (names.Count > 1)
            Set(names[0], range.Pipe.Assigns, key);
        return Walk(range.Body, item);
    }

    private Value Pipe(PipeNode pipe, Value dot)
    {
        Value? value = null;
        foreach (var command in pipe.Commands)
            value = Command(command, dot, value);
        return value!;
    }

    /// <param name="command">The command.</param>
    /// <param name="dot">The dot.</param>
    /// <param name="last">The value of the previous command in the pipeline: the last argument.</param>
    private Value Command(CommandNode command, Value dot, Value? last)
    {
        Step(command);
        var (first, given) = (command.Operands[0], command.Operands.Skip(1));
        switch (first)
        {
            case FunctionNode { Name: "and" or "or" } function:
                return AndOr(command, function.Name == "or", given, dot, last);
            case FunctionNode function:
                return Call(command, function, Arguments());
            case FieldsNode fields when command.Operands.Count > 1 || last is not null:
                var receiver = Fields(fields, Operand(fields.Of, dot), fields.Names.Count - 1);
                return Method(fields, receiver, fields.Names[^1], Arguments());
            case var _ when command.Operands.Count > 1 || last is not null:
                throw _source.Error(command, "can't give argument to non-function");
            default:
                return Operand(first, dot);
        }

        List<Value> Arguments() => [.. given.Select(operand => Operand(operand, dot)), .. last is null ? [] : (Value[])[last]];
    }

    // ArgumentNormalizer after the one that decides are not evaluated.
    private Value AndOr(CommandNode command, bool stopsAt, IEnumerable<Node> given, Value dot, Value? last)
    {
        Value? value = null;
        foreach (var operand in given)
        {
            value = Operand(operand, dot);
            if (value.IsTrue == stopsAt)
                return value;
        }
        return last ?? value ?? throw _source.Error(command, $"wrong number of args for {(stopsAt ? "or" : "and")}: want at least 1 got 0");
    }

    private Value Operand(Node node, Value dot) => node switch
    {
        DotNode => dot,
        NilNode => NilValue.Nil,
        ConstantNode constant => constant.Value,
        VariableNode variable => _variables.FindLast(known => known.Name == variable.Name).Value,
        FieldsNode fields => Fields(fields, Operand(fields.Of, dot), fields.Names.Count),
        PipeNode pipe => Pipe(pipe, dot),
        FunctionNode function => Call(function, function, []),
        _ => throw _source.Error(node, "can't be evaluated"),
    };

    private Value Call(Node at, FunctionNode function, List<Value> arguments) =>
        Functions.WrongCount(function.Name, arguments.Count) is { } wrong
        ? throw _source.Error(function, wrong)
        : Guard(at, () => Functions.Call(function.Name, arguments), $"error calling {function.Name}: ");

    private Value Fields(FieldsNode node, Value value, int count)
    {
        foreach (var name in node.Names.Take(count))
            value = Field(node, value, name);
        return value;
    }

    private Value Field(FieldsNode node, Value value, string name)
    {
        if (value is NilValue)
            throw _source.Error(node, $"nil pointer evaluating .{name}");
        if (value.Field(name) is { } field)
            return field;
        var known = value.FieldNames.ToList();
        throw _source.Error(
            node,
            $"can't evaluate field {name} in type {value.Type}{(known.Count > 0 ? $"; it has {string.Join(", ", known)}" : "")}");
    }

    // Methods with an argument: Label "key" of Podman's rows, which are maps here, and Format of a time.
    private Value Method(FieldsNode node, Value receiver, string name, List<Value> arguments) => (receiver, arguments) switch
    {
        (TimeValue time, [TextValue layout]) when name == "Format" => new TextValue(time.Format(layout.Content)),
        (HeaderValue, _) => Field(node, receiver, name),
        (_, [TextValue key]) when Field(node, receiver, name) is MapValue map => map.Index(key.Content),
        _ => throw _source.Error(node, $"{name} is not a method but has arguments"),
    };

    private void Set(PipeNode pipe, Value value)
    {
        foreach (var name in pipe.Variables)
            Set(name, pipe.Assigns, value);
    }

    private void Set(string name, bool assigns, Value value)
    {
        if (assigns)
            _variables[_variables.FindLastIndex(known => known.Name == name)] = (name, value);
        else
            _variables.Add((name, value));
    }

    // Variables go out of scope at the end of the block that declares them.
    private Flow Scoped(Func<Flow> action)
    {
        var known = _variables.Count;
        var flow = action();
        _variables.RemoveRange(known, _variables.Count - known);
        return flow;
    }

    private void Step(Node at)
    {
        if (++_steps > TemplateLimits.MaxSteps)
            throw _source.Error(at, "it takes too long");
    }

    private void Guard(Node at, Action action) => Guard(at, () =>
    {
        action();
        return NilValue.Nil;
    });

    private Value Guard(Node at, Func<Value> action, string what = "")
    {
        try
        {
            return action();
        }
        catch (EvaluationException exception)
        {
            throw _source.Error(at, what + exception.Message);
        }
    }
}
