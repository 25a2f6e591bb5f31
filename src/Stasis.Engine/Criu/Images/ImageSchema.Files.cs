namespace Stasis.Engine.Criu.Images;

internal static partial class ImageSchema
{
    // Opened files, what has been deleted beneath them, and locks on them. CRIU's images/*.proto: fdinfo, regfile, ext-file,
    // fown, pipe, pipe-data, fifo, eventfd, eventpoll, signalfd, timerfd, fh, fsnotify, tty, pidfd, file-lock, remap-file-path,
    // ghost-file, time.
    private const string Files = """
        fdinfo_entry id!u32=1 flags!u32=2 type!enum=3 fd!u32=4 xattr_security_selinux?str=5
        file_entry type!enum=1 id!u32=2 reg?reg_file_entry=3 isk?inet_sk_entry=4 nsf?ns_file_entry=5 psk?packet_sock_entry=6
          nlsk?netlink_sk_entry=7
          efd?eventfd_file_entry=8 epfd?eventpoll_file_entry=9 sgfd?signalfd_entry=10 tfd?timerfd_entry=12 ify?inotify_file_entry=13
          ffy?fanotify_file_entry=14 ext?ext_file_entry=15 usk?unix_sk_entry=16 fifo?fifo_entry=17 pipe?pipe_entry=18 tty?tty_file_entry=19
          memfd?memfd_file_entry=20 pidfd?pidfd_entry=22
        reg_file_entry id!u32=1 flags!u32=2 pos!u64=3 fown!fown_entry=5 name!str=6 mnt_id?s32=7 size?u64=8 ext?bool=9 mode?u32=10
          build_id*u32=11
          checksum?u32=12 checksum_config?u32=13 checksum_parameter?u32=14
        ext_file_entry id!u32=1 fown!fown_entry=5
        fown_entry uid!u32=1 euid!u32=2 signum!u32=3 pid_type!u32=4 pid!u32=5
        pipe_entry id!u32=1 pipe_id!u32=2 flags!u32=3 fown!fown_entry=4
        pipe_data_entry pipe_id!u32=1 bytes!u32=2 size?u32=3
        fifo_entry id!u32=1 pipe_id!u32=2 regf_id?u32=3
        eventfd_file_entry id!u32=1 flags!u32=2 fown!fown_entry=3 counter!u64=4
        eventpoll_tfd_entry id!u32=1 tfd!u32=2 events!u32=3 data!u64=4 dev?u32=5 inode?u64=6 pos?u64=7
        eventpoll_file_entry id!u32=1 flags!u32=2 fown!fown_entry=3 tfd*eventpoll_tfd_entry=4
        signalfd_entry id!u32=1 flags!u32=2 fown!fown_entry=3 sigmask!u64=4
        timerfd_entry id!u32=1 flags!u32=2 fown!fown_entry=3 clockid!u32=4 ticks!u64=5 settime_flags!u32=6 vsec!u64=7 vnsec!u64=8
          isec!u64=9 insec!u64=10
        fh_entry bytes!u32=1 type!u32=2 handle*u64=3 path?str=4 mnt_id?u32=5
        inotify_wd_entry id!u32=1 i_ino!u64=2 mask!u32=3 ignored_mask!u32=4 s_dev!u32=5 wd!u32=6 f_handle!fh_entry=7
        inotify_file_entry id!u32=1 flags!u32=2 fown!fown_entry=4 wd*inotify_wd_entry=5
        fanotify_inode_mark_entry i_ino!u64=1 f_handle!fh_entry=2
        fanotify_mount_mark_entry mnt_id!u32=1 path?str=2
        fanotify_mark_entry id!u32=1 type!enum=2 mflags!u32=3 mask!u32=4 ignored_mask!u32=5 s_dev!u32=6 ie?fanotify_inode_mark_entry=7
          me?fanotify_mount_mark_entry=8
        fanotify_file_entry id!u32=1 flags!u32=2 fown!fown_entry=3 faflags!u32=4 evflags!u32=5 mark*fanotify_mark_entry=6
        winsize_entry ws_row!u32=1 ws_col!u32=2 ws_xpixel!u32=3 ws_ypixel!u32=4
        termios_entry c_iflag!u32=1 c_oflag!u32=2 c_cflag!u32=3 c_lflag!u32=4 c_line!u32=5 c_ispeed!u32=6 c_ospeed!u32=7 c_cc*u32=8
        tty_pty_entry index!u32=1
        tty_data_entry tty_id!u32=1 data!bytes=2
        tty_info_entry id!u32=1 type!enum=2 locked!bool=3 exclusive!bool=4 packet_mode!bool=5 sid!u32=6 pgrp!u32=7 rdev!u32=8
          termios?termios_entry=9
          termios_locked?termios_entry=10 winsize?winsize_entry=11 pty?tty_pty_entry=12 dev?u32=13 uid?u32=14 gid?u32=15
        tty_file_entry id!u32=1 tty_info_id!u32=2 flags!u32=3 fown!fown_entry=4 regf_id?u32=6
        pidfd_entry id!u32=1 ino!u32=2 flags!u32=3 nspid!i32=4 fown!fown_entry=5
        file_lock_entry flag!u32=1 type!u32=2 pid!i32=3 fd!i32=4 start!i64=5 len!i64=6
        remap_file_path_entry orig_id!u32=1 remap_id!u32=2 remap_type?enum=3
        ghost_file_entry uid!u32=1 gid!u32=2 mode!u32=3 dev?u32=4 ino?u64=5 rdev?u32=6 atim?timeval=7 mtim?timeval=8 chunks?bool=9
          size?u64=10
          symlnk_target?str=11
        ghost_chunk_entry len!u64=1 off!u64=2
        timeval tv_sec!u64=1 tv_usec!u64=2
        """;
}
