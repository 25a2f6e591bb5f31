using Stasis.Cli.Parsing;

namespace Stasis.Cli.Output.Templates;

/// <summary>A template is wrong, or uses a field that does not exist. The message tells the place.</summary>
internal sealed class TemplateException(string message) : UsageException(message);
