namespace Stasis.Engine.Checkpoints.Import;

/// <summary>What a checkpoint is read for.</summary>
internal enum ImportMode
{
    /// <summary>It is to be there, whole.</summary>
    Complete,
    /// <summary>It is going to be changed (completed by a pre-checkpoint), and so is none that others have, nor may have.</summary>
    Exclusive,
    /// <summary>Containers are made from it that may run before their memory is there, if there is enough of that to be worth it.</summary>
    LazyIfLarge,
    /// <summary>The same, however little memory there is.</summary>
    Lazy,
}

/// <summary>Which it is.</summary>
internal static class ImportModes
{
    public static ImportMode FromOptions(RestoreOptions options) => options switch
    {
        { ImportPrevious: not null } => ImportMode.Exclusive,
        { Lazy: false } => ImportMode.Complete,
        { Lazy: true } => ImportMode.Lazy,
        _ => ImportMode.LazyIfLarge,
    };
}
