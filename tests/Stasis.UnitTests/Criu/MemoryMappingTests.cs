using Stasis.Engine.Criu;
using Xunit;

namespace Stasis.UnitTests.Criu;

public sealed class MemoryMappingTests
{
    [Theory]
    [InlineData(0x22, true)] // MAP_PRIVATE | MAP_ANONYMOUS
    [InlineData(0x122, true)] // MAP_GROWSDOWN
    [InlineData(0x4022, false)] // MAP_NORESERVE
    [InlineData(0x21, false)] // MAP_SHARED | MAP_ANONYMOUS
    [InlineData(0x02, false)] // a file's
    public void Private_anonymous_memory_is_counted_unless_it_is_not_reserved(ulong flags, bool expected) =>
        Assert.Equal(expected, new MemoryMapping(0x1000, 0x2000, flags, 0).IsCounted);
}
