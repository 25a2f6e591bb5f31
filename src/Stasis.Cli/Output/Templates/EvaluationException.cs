namespace Stasis.Cli.Output.Templates;

/// <summary>A value cannot be computed. The evaluator adds the place in the template.</summary>
internal sealed class EvaluationException(string message) : Exception(message);
