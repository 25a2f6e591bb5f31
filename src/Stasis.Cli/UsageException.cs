using System.CommandLine;
using Stasis.Cli.Output;
using Stasis.Engine;

namespace Stasis.Cli;

/// <summary>The command line itself is wrong. Shown with a pointer to the command's help.</summary>
internal class UsageException(string message) : Exception(message);
