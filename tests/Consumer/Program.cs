using Stasis.Engine;
using Stasis.Engine.Checkpoints;

// Arguments: the roots to work on, and a folder for the archive. The container "counter" runs there.
var options = new EngineOptions { Root = args[0], RunRoot = args[1] };
Environment.CurrentDirectory = args[2];

#region sample
await using var engine = new StasisEngine(options);

// Dump a running container into an archive; it keeps running.
var checkpoint = new CheckpointOptions { Export = "counter.tar.zst", LeaveRunning = true };
await engine.Checkpoints.CheckpointAsync("counter", checkpoint);

// Restore the archive as another container.
var archive = new CheckpointSource.ArchiveFile("counter.tar.zst");
var restore = new RestoreOptions { Identity = new() { Name = "copy" } };
var copy = await engine.Checkpoints.RestoreAsync(archive, restore);
Console.WriteLine($"{copy.Container.Name} runs: {copy.Container.Id}");

// Clone the container twice: counter-1 and counter-2.
var clones = new CopiesOptions { Replicas = 2, Restore = new RestoreOptions() };
foreach (var clone in await engine.Checkpoints.CloneAsync("counter", new() { LeaveRunning = true }, clones))
    Console.WriteLine($"{clone.Name} runs: {clone.Container!.Id}");
#endregion
