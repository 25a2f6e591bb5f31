namespace Stasis.Engine.Criu.Images;

internal static partial class ImageSchema
{
    // Memory: mappings, pagemaps, System V IPC, memfd. CRIU's images/*.proto: mm, vma, pagemap, memfd, ipc-desc, ipc-msg, ipc-sem, ipc-shm,
    // ipc-var.
    private const string Memory = """
        aio_ring_entry id!u64=1 nr_req!u32=2 ring_len!u32=3
        mm_entry mm_start_code!u64=1 mm_end_code!u64=2 mm_start_data!u64=3 mm_end_data!u64=4 mm_start_stack!u64=5
          mm_start_brk!u64=6 mm_brk!u64=7
          mm_arg_start!u64=8 mm_arg_end!u64=9 mm_env_start!u64=10 mm_env_end!u64=11 exe_file_id!u32=12 mm_saved_auxv*u64=13
          vmas*vma_entry=14 dumpable?i32=15
          aios*aio_ring_entry=16 thp_disabled?bool=17
        vma_entry start!u64=1 end!u64=2 pgoff!u64=3 shmid!u64=4 prot!u32=5 flags!u32=6 status!u32=7 fd!s64=8 madv?u64=9 fdflags?u32=10
        pagemap_head pages_id!u32=1
        pagemap_entry vaddr!u64=1 compat_nr_pages!u32=2 in_parent?bool=3 flags?u32=4 nr_pages?u64=5
        memfd_file_entry id!u32=1 flags!u32=2 pos!u64=3 fown!fown_entry=4 inode_id!u32=5
        memfd_inode_entry name!str=1 uid!u32=2 gid!u32=3 size!u64=4 shmid!u32=5 seals!u32=6 inode_id!u64=7 hugetlb_flag?u32=8 mode?u32=9
        ipc_desc_entry key!u32=1 uid!u32=2 gid!u32=3 cuid!u32=4 cgid!u32=5 mode!u32=6 id!u32=7
        ipc_msg mtype!u64=1 msize!u32=2
        ipc_msg_entry desc!ipc_desc_entry=1 qbytes!u32=2 qnum!u32=3
        ipc_sem_entry desc!ipc_desc_entry=1 nsems!u32=2
        ipc_shm_entry desc!ipc_desc_entry=1 size!u64=2 in_pagemaps?bool=3 hugetlb_flag?u32=4
        ipc_var_entry sem_ctls*u32=1 msg_ctlmax!u32=2 msg_ctlmnb!u32=3 msg_ctlmni!u32=4 auto_msgmni!u32=5 shm_ctlmax!u64=6
          shm_ctlall!u64=7 shm_ctlmni!u32=8
          shm_rmid_forced!u32=9 mq_queues_max!u32=10 mq_msg_max!u32=11 mq_msgsize_max!u32=12 mq_msg_default?u32=13 mq_msgsize_default?u32=14
          msg_next_id?u32=15 sem_next_id?u32=16 shm_next_id?u32=17
        """;
}
