namespace Stasis.Cli.Output.Templates;

/// <summary>A function can't do what it was asked for; the evaluator adds where.</summary>
internal sealed class EvaluationException(string message) : Exception(message);
