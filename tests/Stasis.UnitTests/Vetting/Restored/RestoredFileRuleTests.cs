using Stasis.Engine.Vetting.Restored;
using Xunit;

namespace Stasis.UnitTests.Vetting.Restored;

public sealed class RestoredFileRuleTests
{
    /// <summary>The kernel doesn't find a name with leading zeros (fs/proc/base.c: dname_to_vma_addr).</summary>
    [Theory]
    [InlineData("00400000-0040b000", "400000-40b000")]
    [InlineData("7f12a0000000-7f12a0001000", "7f12a0000000-7f12a0001000")]
    [InlineData("00000000-00001000", "0-1000")]
    public void Mappings_are_found_at_low_addresses(string range, string name) => Assert.Equal(name, RestoredFileRule.GetMapFile(range));
}
