namespace Stasis.Engine.Criu.Images;

/// <summary>What follows an image's magic numbers.</summary>
internal enum ImageFraming
{
    /// <summary>One record.</summary>
    One,
    /// <summary>Records up to the end.</summary>
    Many,
    /// <summary>A head, then records of another message (pagemap).</summary>
    Pagemap,
    /// <summary>A record, then a file's content, or pieces of it with a record each (ghost-file).</summary>
    Ghost,
    /// <summary>Each record is followed by as many bytes as a field of it says (pipes-data, sk-queues).</summary>
    Counted,
    /// <summary>A record, then the bytes of both queues (tcp-stream).</summary>
    TcpQueues,
    /// <summary>Each record is followed by 16 bits for each semaphore, filled up to 64 bits.</summary>
    Semaphores,
    /// <summary>Each record is followed by a record for each message, with its text filled up to 64 bits.</summary>
    Messages,
    /// <summary>Each record is followed by a segment's content, filled up to 32 bits, unless that lies among the pages.</summary>
    Segments,
    /// <summary>No magic numbers; pages of memory.</summary>
    Pages,
    /// <summary>No magic numbers; a gzipped tar.</summary>
    Tar,
    /// <summary>No magic numbers of CRIU's; what ip(8) saved of addresses, routes or rules.</summary>
    Netlink,
    /// <summary>No magic numbers; text of a firewall's.</summary>
    Text,
}
