using Stasis.Cli.Parsing;

namespace Stasis.Cli.Output.Templates;

/// <summary>A template is wrong, or asks for what isn't there. It says where.</summary>
internal sealed class TemplateException(string message) : UsageException(message);
