namespace Stasis.Engine.Containers;

/// <summary>Names and IDs of containers.</summary>
internal static class ContainerNames
{
    /// <summary>A new random ID: 64 hexadecimal digits.</summary>
    public static string NewId() => throw new NotImplementedException();

    /// <summary>A made-up name (adjective_surname) that <paramref name="taken"/> doesn't know.</summary>
    public static string Generate(Func<string, bool> taken) => throw new NotImplementedException();

    /// <summary>Checks that a name has only letters, digits, '_', '.', '-' and begins with a letter or digit (Podman's rule).</summary>
    /// <exception cref="StasisException">It hasn't.</exception>
    public static void Validate(string name) => throw new NotImplementedException();
}
