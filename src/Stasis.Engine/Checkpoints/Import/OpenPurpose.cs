namespace Stasis.Engine.Checkpoints.Import;

/// <summary>The purpose that a checkpoint is opened for.</summary>
internal enum OpenPurpose
{
    /// <summary>All of it is to be there, memory pages too.</summary>
    Complete,
    /// <summary>
    /// It will be changed (completed by a pre-checkpoint): it must be neither one that others use, nor be found by others.
    /// </summary>
    Exclusive,
    /// <summary>As <see cref="Lazy"/> if there is so much memory that it is worth it, else as <see cref="Complete"/>.</summary>
    LazyIfLarge,
    /// <summary>Containers are made from it that may run before their memory is there.</summary>
    Lazy,
}
