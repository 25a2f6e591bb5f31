namespace Stasis.Engine.Criu.Images;

internal static partial class ImageSchema
{
    // CRIU's images/stats.proto. Every field is optional here: statistics are only shown, so that none of them is needed.
    private const string Statistics = """
        stats_entry dump?dump_stats_entry=1 restore?restore_stats_entry=2
        dump_stats_entry freezing_time?u32=1 frozen_time?u32=2 memdump_time?u32=3 memwrite_time?u32=4 pages_scanned?u64=5
          pages_skipped_parent?u64=6 pages_written?u64=7 irmap_resolve?u32=8 pages_lazy?u64=9 page_pipes?u64=10 page_pipe_bufs?u64=11
          shpages_scanned?u64=12 shpages_skipped_parent?u64=13 shpages_written?u64=14
        restore_stats_entry pages_compared?u64=1 pages_skipped_cow?u64=2 forking_time?u32=3 restore_time?u32=4 pages_restored?u64=5
        """;
}
