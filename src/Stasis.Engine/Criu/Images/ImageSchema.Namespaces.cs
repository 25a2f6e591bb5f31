namespace Stasis.Engine.Criu.Images;

internal static partial class ImageSchema
{
    // Namespaces, mounts and cgroups. CRIU's images/*.proto: ns, mnt, cgroup, utsns, userns, timens, pidns, netdev, sysctl.
    private const string Namespaces = """
        ns_file_entry id!u32=1 ns_id!u32=2 ns_cflag!u32=3 flags!u32=4
        mnt_entry fstype!u32=1 mnt_id!u32=2 root_dev!u32=3 parent_mnt_id!u32=4 flags!u32=5 root!str=6 mountpoint!str=7
          source!str=8 options!str=9
          shared_id?u32=10 master_id?u32=11 with_plugin?bool=12 ext_mount?bool=13 fsname?str=14 internal_sharing?bool=15
          deleted?bool=16 sb_flags?u32=17
          ext_key?str=18
        cgroup_perms mode!u32=1 uid!u32=2 gid!u32=3
        cgroup_prop_entry name!str=1 value!str=2 perms?cgroup_perms=3
        cgroup_dir_entry dir_name!str=1 children*cgroup_dir_entry=2 properties*cgroup_prop_entry=3 dir_perms?cgroup_perms=4
        cg_controller_entry cnames*str=1 dirs*cgroup_dir_entry=2 is_threaded?bool=3
        cg_member_entry name!str=1 path!str=2 cgns_prefix?u32=3
        cg_set_entry id!u32=1 ctls*cg_member_entry=2
        cgroup_entry sets*cg_set_entry=1 controllers*cg_controller_entry=2
        utsns_entry nodename!str=1 domainname!str=2
        uid_gid_extent first!u32=1 lower_first!u32=2 count!u32=3
        userns_entry uid_map*uid_gid_extent=1 gid_map*uid_gid_extent=2
        timespec tv_sec!u64=1 tv_nsec!u64=2
        timens_entry monotonic!timespec=1 boottime!timespec=2
        pidns_entry ext_key?str=1
        net_device_entry type!enum=1 ifindex!u32=2 mtu!u32=3 flags!u32=4 name!str=5 address?bytes=7 conf*i32=8
          conf4*sysctl_entry=9 conf6*sysctl_entry=10
          peer_ifindex?u32=12 peer_nsid?u32=13 master?u32=14
        netns_id target_ns_id!u32=1 netnsid_value!i32=2
        netns_entry def_conf*i32=1 all_conf*i32=2 def_conf4*sysctl_entry=3 all_conf4*sysctl_entry=4 def_conf6*sysctl_entry=5
          all_conf6*sysctl_entry=6
          nsids*netns_id=7 ext_key?str=8 unix_conf*sysctl_entry=9 ipv4_sysctl*sysctl_entry=10
        sysctl_entry type!enum=1 iarg?i32=2 sarg?str=3
        """;
}
