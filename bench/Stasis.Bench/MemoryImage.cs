namespace Stasis.Bench;

/// <summary>The image with the program that fills memory (Programs/memory.c), from the tar that eng/bench.sh makes.</summary>
internal static class MemoryImage
{
    public const string Name = "localhost/stasis-bench:memory";

    public static Task ImportAsync(Options options, Tool tool) =>
        tool.RunAsync(tool.Name == "podman" ? ["import", options.MemoryRootfs, Name] : ["image", "import", options.MemoryRootfs, Name]);

    public static Task RemoveAsync(Tool tool) => tool.RunAsync("rmi", Name);
}
