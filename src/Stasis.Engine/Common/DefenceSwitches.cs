namespace Stasis.Engine.Common;

/// <summary>
/// The defences against hostile archives. All are on, always. A build for tests (the MSBuild property DefenceSwitches) can switch
/// them off, to prove that each holds without the others: STASIS_DEFENCES_OFF lists names with commas between, e.g. "vetting,look".
/// </summary>
internal static class DefenceSwitches
{
    /// <summary>Before: archives are vetted before anything is made (folder Vetting).</summary>
    public static bool Vetting => IsOn("vetting");

    /// <summary>While: CRIU and the runtime restore where the host can't be named.</summary>
    public static bool Jail => IsOn("jail");

    /// <summary>After, and before the first instruction: what came to be is looked at.</summary>
    public static bool Look => IsOn("look");

#if STASIS_DEFENCE_SWITCHES
    private static readonly string[] Off = Environment.GetEnvironmentVariable("STASIS_DEFENCES_OFF")?.Split(',') ?? [];

    private static bool IsOn(string name) => !Off.Contains(name);
#else
    private static bool IsOn(string name) => true;
#endif
}
