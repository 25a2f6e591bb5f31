namespace Stasis.Engine.Criu.Images;

/// <summary>What follows an image's magic numbers.</summary>
internal enum ImageLayout
{
    /// <summary>One record.</summary>
    One,
    /// <summary>Records up to the end.</summary>
    Many,
    /// <summary>A record of one message, then records of another (pagemap).</summary>
    Pagemap,
    /// <summary>A record, then a file's content, or chunks of it with a record before each (ghost-file).</summary>
    Ghost,
    /// <summary>After each record, as many bytes as one of its fields says (pipes-data, sk-queues).</summary>
    Counted,
    /// <summary>A record, then the bytes of both queues (tcp-stream).</summary>
    TcpQueues,
    /// <summary>After each record, 16 bits for each semaphore, padded to 64 bits.</summary>
    Semaphores,
    /// <summary>After each record, a record for each message with its text, padded to 64 bits.</summary>
    Messages,
    /// <summary>After each record, a segment's content, padded to 32 bits, unless the content is among the pages.</summary>
    Segments,
    /// <summary>No magic numbers; pages of memory.</summary>
    Pages,
    /// <summary>No magic numbers; a gzipped tar.</summary>
    Tar,
    /// <summary>No magic numbers of CRIU's; addresses, routes or rules as ip(8) saved them.</summary>
    Netlink,
    /// <summary>No magic numbers; a firewall's rules as text.</summary>
    Text,
}
