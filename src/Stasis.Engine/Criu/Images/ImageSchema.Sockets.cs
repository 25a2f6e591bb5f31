namespace Stasis.Engine.Criu.Images;

internal static partial class ImageSchema
{
    // Sockets and what lies in their queues. CRIU's images/*.proto: sk-inet, sk-unix, sk-netlink, sk-packet, packet-sock,
    // sk-opts, tcp-stream.
    private const string Sockets = """
        ip_opts_raw_entry hdrincl?bool=1 nodefrag?bool=2 checksum?bool=3 icmpv_filter*u32=4
        ip_opts_entry freebind?bool=1 raw?ip_opts_raw_entry=4 pktinfo?bool=5 tos?u32=6 ttl?u32=7
        inet_sk_entry id!u32=1 ino!u32=2 family!u32=3 type!u32=4 proto!u32=5 state!u32=6 src_port!u32=7 dst_port!u32=8 flags!u32=9
          backlog!u32=10
          src_addr*u32=11 dst_addr*u32=12 fown!fown_entry=13 opts!sk_opts_entry=14 v6only?bool=15 ip_opts?ip_opts_entry=16
          ifname?str=17 ns_id?u32=18
          shutdown?enum=19 tcp_opts?tcp_opts_entry=20
        file_perms_entry mode!u32=1 uid!u32=2 gid!u32=3
        unix_sk_entry id!u32=1 ino!u32=2 type!u32=3 state!u32=4 flags!u32=5 uflags!u32=6 backlog!u32=7 peer!u32=8
          fown!fown_entry=9 opts!sk_opts_entry=10
          name!bytes=11 shutdown?enum=12 file_perms?file_perms_entry=13 name_dir?str=14 deleted?bool=15 ns_id?u32=16 mnt_id?s32=17
        netlink_sk_entry id!u32=1 ino!u32=2 protocol!u32=3 state!u32=4 flags!u32=6 portid!u32=7 groups*u32=8 dst_portid!u32=9
          dst_group!u32=10
          fown!fown_entry=11 opts!sk_opts_entry=12 ns_id?u32=13
        scm_entry type!u32=1 rights*u32=2
        sk_packet_entry id_for!u32=1 length!u32=2 scm*scm_entry=4
        packet_mclist index!u32=1 type!u32=2 addr!bytes=3
        packet_ring block_size!u32=1 block_nr!u32=2 frame_size!u32=3 frame_nr!u32=4 retire_tmo!u32=5 sizeof_priv!u32=6 features!u32=7
        packet_sock_entry id!u32=1 type!u32=2 protocol!u32=3 flags!u32=4 ifindex!u32=5 fown!fown_entry=6 opts!sk_opts_entry=7
          version!u32=8 reserve!u32=9
          aux_data!bool=10 orig_dev!bool=11 vnet_hdr!bool=12 loss!bool=13 timestamp!u32=14 copy_thresh!u32=15
          mclist*packet_mclist=16 fanout?u32=17
          rx_ring?packet_ring=18 tx_ring?packet_ring=19 ns_id?u32=20
        sk_opts_entry so_sndbuf!u32=1 so_rcvbuf!u32=2 so_snd_tmo_sec!u64=3 so_snd_tmo_usec!u64=4 so_rcv_tmo_sec!u64=5
          so_rcv_tmo_usec!u64=6 reuseaddr?bool=7
          so_priority?u32=8 so_rcvlowat?u32=9 so_mark?u32=10 so_passcred?bool=11 so_passsec?bool=12 so_dontroute?bool=13 so_no_check?bool=14
          so_bound_dev?str=15 so_filter*f64=16 so_reuseport?bool=17 so_broadcast?bool=18 so_keepalive?bool=19 tcp_keepcnt?u32=20
          tcp_keepidle?u32=21
          tcp_keepintvl?u32=22 so_oobinline?u32=23 so_linger?u32=24 so_buf_lock?u32=25
        tcp_opts_entry cork?bool=1 nodelay?bool=2 keepcnt?u32=3 keepidle?u32=4 keepintvl?u32=5
        tcp_stream_entry inq_len!u32=1 inq_seq!u32=2 outq_len!u32=3 outq_seq!u32=4 opt_mask!u32=5 snd_wscale!u32=6 mss_clamp!u32=7
          rcv_wscale?u32=8
          timestamp?u32=9 cork?bool=10 nodelay?bool=11 unsq_len?u32=12 snd_wl1?u32=13 snd_wnd?u32=14 max_window?u32=15
          rcv_wnd?u32=16 rcv_wup?u32=17
        """;
}
