using System.Text;
using System.Text.RegularExpressions;

namespace Stasis.Cli.Output.Templates;

/// <summary>Splits a template into tokens, by the rules of Go's text/template.</summary>
internal sealed partial class Lexer
{
    private readonly TemplateErrorPlace _source;
    private readonly string _text;
    private readonly bool _isTable;
    private readonly List<Token> _tokens = [];
    private int _at;

    private Lexer(TemplateErrorPlace source, int start, bool isTable) =>
        (_source, _text, _at, _isTable) = (source, source.Text, start, isTable);

    /// <param name="source">The template.</param>
    /// <param name="start">Position of the first character to read.</param>
    /// <param name="isTable">Whether spaces between actions separate columns, as tabs do.</param>
    /// <exception cref="TemplateException">A token is invalid or not terminated.</exception>
    public static IReadOnlyList<Token> Read(TemplateErrorPlace source, int start, bool isTable)
    {
        var lexer = new Lexer(source, start, isTable);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        var trimStart = false;
        while (true)
        {
            var open = _text.IndexOf("{{", _at, StringComparison.Ordinal);
            var stop = open < 0 ? _text.Length : open;
            var trimEnd = open >= 0 && Starts(open + 2, "-") && IsSpaceAt(open + 3);
            AddText(_at, stop, trimStart, trimEnd);
            if (open < 0)
                break;
            _at = open + (trimEnd ? 4 : 2);
            trimStart = Starts(_at, "/*") ? Comment(open) : Action(open);
        }
        Add(TokenKind.End, _text.Length, _text.Length);
    }

    // "\t" and "\n" are a tab and a line end, which are hard to type in a shell (containers/common pkg/report).
    private void AddText(int start, int stop, bool trimStart, bool trimEnd)
    {
        var text = Unescape(_text[start..stop]);
        if (_isTable)
            text = text.Replace(' ', '\t');
        if (trimStart)
            text = text.TrimStart(' ', '\t', '\r', '\n');
        if (trimEnd)
            text = text.TrimEnd(' ', '\t', '\r', '\n');
        if (text.Length > 0)
            _tokens.Add(new Token(TokenKind.Text, text, start, stop));
    }

    /// <summary>Gives whether to remove the space after it.</summary>
    private bool Comment(int open)
    {
        var close = _text.IndexOf("*/", _at, StringComparison.Ordinal);
        if (close < 0)
            throw _source.Error(open, "unclosed comment");
        _at = close + 2;
        var trim = IsSpaceAt(_at) && Starts(_at + 1, "-}}");
        if (!trim && !Starts(_at, "}}"))
            throw _source.Error(open, "comment ends before closing delimiter");
        _at += trim ? 4 : 2;
        return trim;
    }

    /// <summary>Gives whether to remove the space after it.</summary>
    private bool Action(int open)
    {
        Add(TokenKind.Open, open, _at);
        while (true)
        {
            var before = _at;
            while (IsSpaceAt(_at))
                _at++;
            var afterSpace = _at > before;
            if (afterSpace && Starts(_at, "-}}"))
            {
                Add(TokenKind.Close, _at, _at += 3);
                return true;
            }
            if (Starts(_at, "}}"))
            {
                Add(TokenKind.Close, _at, _at += 2);
                return false;
            }
            if (_at >= _text.Length)
                throw _source.Error(open, "unclosed action");
            Word(afterSpace);
        }
    }

    private void Word(bool afterSpace)
    {
        var start = _at;
        switch (_text[start])
        {
            case '"':
                _tokens.Add(Quoted('"', "unterminated quoted string", afterSpace));
                break;
            case '\'':
                _tokens.Add(Quoted('\'', "unterminated character constant", afterSpace));
                break;
            case '`':
                var close = _text.IndexOf('`', start + 1);
                _at = close < 0 ? throw _source.Error(start, "unterminated raw quoted string") : close + 1;
                _tokens.Add(new Token(TokenKind.Constant, "", start, _at, afterSpace, new TextValue(Unescape(_text[(start + 1)..close]))));
                break;
            case '|':
                Add(TokenKind.Pipe, start, ++_at, afterSpace);
                break;
            case '(':
                Add(TokenKind.LeftParenthesis, start, ++_at, afterSpace);
                break;
            case ')':
                Add(TokenKind.RightParenthesis, start, ++_at, afterSpace);
                break;
            case ',':
                Add(TokenKind.Comma, start, ++_at, afterSpace);
                break;
            case '=':
                Add(TokenKind.Assign, start, ++_at, afterSpace);
                break;
            case ':':
                _at = Starts(start, ":=") ? start + 2 : throw _source.Error(start, "expected :=");
                Add(TokenKind.Declare, start, _at, afterSpace);
                break;
            case '.' when start + 1 == _text.Length || !char.IsAsciiDigit(_text[start + 1]):
                Name(_at = start + 1);
                _tokens.Add(new Token(_at == start + 1 ? TokenKind.Dot : TokenKind.Field, _text[(start + 1).._at], start, _at, afterSpace));
                break;
            case '$':
                Name(_at = start + 1);
                Add(TokenKind.Variable, start, _at, afterSpace);
                break;
            case '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z'):
                Name(start);
                Add(TokenKind.Word, start, _at, afterSpace);
                break;
            case '+' or '-' or '.' or (>= '0' and <= '9'):
                Number(afterSpace);
                break;
            default:
                throw _source.Error(start, $"unrecognized character in action: {Describe(start)}");
        }
    }

    // As in Go, only certain characters may follow a name.
    private void Name(int start)
    {
        _at = start;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] == '_'))
            _at++;
        if (_at < _text.Length && !IsSpaceAt(_at) && !"=.,|:()".Contains(_text[_at], StringComparison.Ordinal) && !Starts(_at, "}}"))
            throw _source.Error(_at, $"bad character {Describe(_at)}");
    }

    private void Number(bool afterSpace)
    {
        var start = _at;
        var match = NumberPattern().Match(_text, start);
        _at += match.Length;
        if (!match.Success || (_at < _text.Length && char.IsLetterOrDigit(_text[_at])))
            throw _source.Error(start, $"bad number syntax: \"{_text[start..Math.Min(_at + 1, _text.Length)]}\"");
        var value = GoLiteral.Number(match.Value) ?? throw _source.Error(start, $"illegal number syntax: \"{match.Value}\"");
        _tokens.Add(new Token(TokenKind.Constant, match.Value, start, _at, afterSpace, value));
    }

    private Token Quoted(char quote, string unterminated, bool afterSpace)
    {
        var start = _at++;
        while (_at < _text.Length && _text[_at] != quote && _text[_at] != '\n')
            _at += _text[_at] == '\\' ? 2 : 1;
        if (_at >= _text.Length || _text[_at] != quote)
            throw _source.Error(start, unterminated);
        var content = GoLiteral.Unquote(_text[(start + 1)..(_at++)], quote) ?? throw _source.Error(start, "invalid syntax");
        if (quote == '"')
            return new Token(TokenKind.Constant, "", start, _at, afterSpace, new TextValue(content));
        var runes = content.EnumerateRunes().ToArray();
        return runes is [var only]
            ? new Token(TokenKind.Constant, "", start, _at, afterSpace, new IntegerValue(only.Value))
            : throw _source.Error(start, "malformed character constant");
    }

    private void Add(TokenKind kind, int start, int stop, bool afterSpace = false) =>
        _tokens.Add(new Token(kind, _text[start..stop], start, stop, afterSpace));

    private bool Starts(int at, string what) => string.CompareOrdinal(_text, at, what, 0, what.Length) == 0;

    private bool IsSpaceAt(int at) => at < _text.Length && _text[at] is ' ' or '\t' or '\r' or '\n';

    private string Describe(int at) =>
        Rune.TryGetRuneAt(_text, at, out var rune) ? $"U+{rune.Value:X4} '{rune}'" : $"U+{(int)_text[at]:X4}";

    private static string Unescape(string text) =>
        text.Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);

    [GeneratedRegex(
        @"\G[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|" +
        @"[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)",
        RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();
}
