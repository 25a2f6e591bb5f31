namespace Stasis.Engine.Criu;

/// <summary>The processor that a dump was made on, as far as its images say.</summary>
/// <param name="Machine">Its architecture (core.proto: march).</param>
/// <param name="HasAvx">Whether it has AVX, the upper halves of whose registers the image then holds, in use or not.</param>
/// <param name="HasAvx512">Whether it has AVX-512, of whose registers the same holds.</param>
internal sealed record DumpedProcessor(uint Machine, bool HasAvx, bool HasAvx512)
{
    /// <summary>x86-64.</summary>
    public const uint X64 = 1;

    /// <summary>64-bit Arm.</summary>
    public const uint Arm64 = 3;

    /// <summary>The architecture's name, as uname(1) prints it.</summary>
    public string MachineName => Machine switch
    {
        X64 => "x86_64",
        2 => "arm",
        Arm64 => "aarch64",
        4 => "ppc64",
        5 => "s390x",
        6 => "mips64",
        7 => "loongarch64",
        8 => "riscv64",
        _ => FormattableString.Invariant($"architecture {Machine}"),
    };
}
