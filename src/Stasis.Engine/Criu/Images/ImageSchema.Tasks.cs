namespace Stasis.Engine.Criu.Images;

internal static partial class ImageSchema
{
    // Tasks: process tree, credentials, limits, registers, signals and timers. CRIU's images/*.proto: inventory, pstree, core, core-x86,
    // core-aarch64, creds, rlimit, rseq, sa, siginfo, timer, fs, seccomp.
    private const string Tasks = """
        plugins_entry plugins*str=12
        inventory_entry img_version!u32=1 fdinfo_per_id?bool=2 root_ids?task_kobj_ids_entry=3 ns_per_id?bool=4 root_cg_set?u32=5
          lsmtype?enum=6
          dump_uptime?u64=8 pre_dump_mode?u32=9 tcp_close?bool=10 network_lock_method?u32=11 plugins_entry?plugins_entry=12
          dump_criu_run_id?str=13
          allow_uprobes?bool=14
        pstree_entry pid!u32=1 ppid!u32=2 pgid!u32=3 sid!u32=4 threads*u32=5
        task_core_entry task_state!u32=1 exit_code!u32=2 personality!u32=3 flags!u32=4 blk_sigset!u64=5 comm!str=6
          timers?task_timers_entry=7
          rlimits?task_rlimits_entry=8 cg_set?u32=9 signals_s?signal_queue_entry=10 old_seccomp_mode?enum=11
          old_seccomp_filter?u32=12 loginuid?u32=13
          oom_score_adj?i32=14 sigactions*sa_entry=15 child_subreaper?bool=18 blk_sigset_extended?u64=20 stop_signo?u32=21
          membarrier_registration_mask?u32=22
        task_kobj_ids_entry vm_id!u32=1 files_id!u32=2 fs_id!u32=3 sighand_id!u32=4 pid_ns_id?u32=5 net_ns_id?u32=6
          ipc_ns_id?u32=7 uts_ns_id?u32=8
          mnt_ns_id?u32=9 user_ns_id?u32=10 cgroup_ns_id?u32=11 time_ns_id?u32=12
        thread_sas_entry ss_sp!u64=1 ss_size!u64=2 ss_flags!u32=3
        thread_core_entry futex_rla!u64=1 futex_rla_len!u32=2 sched_nice?s32=3 sched_policy?u32=4 sched_prio?u32=5
          blk_sigset?u64=6 sas?thread_sas_entry=7
          pdeath_sig?u32=8 signals_p?signal_queue_entry=9 creds?creds_entry=10 seccomp_mode?enum=11 seccomp_filter?u32=12 comm?str=13
          blk_sigset_extended?u64=14 rseq_entry?rseq_entry=15 cg_set?u32=16
        task_rlimits_entry rlimits*rlimit_entry=1
        core_entry mtype!enum=1 thread_info?thread_info_x86=2 ti_aarch64?thread_info_aarch64=8 tc?task_core_entry=3
          ids?task_kobj_ids_entry=4
          thread_core?thread_core_entry=5
        user_x86_regs_entry r15!u64=1 r14!u64=2 r13!u64=3 r12!u64=4 bp!u64=5 bx!u64=6 r11!u64=7 r10!u64=8 r9!u64=9 r8!u64=10
          ax!u64=11 cx!u64=12 dx!u64=13
          si!u64=14 di!u64=15 orig_ax!u64=16 ip!u64=17 cs!u64=18 flags!u64=19 sp!u64=20 ss!u64=21 fs_base!u64=22 gs_base!u64=23
          ds!u64=24 es!u64=25 fs!u64=26
          gs!u64=27 mode?enum=28
        user_x86_cet_entry cet!u64=1 ssp!u64=2
        user_x86_xsave_entry xstate_bv!u64=1 ymmh_space*u32=2 bndreg_state*u64=3 bndcsr_state*u64=4 opmask_reg*u64=5
          zmm_upper*u64=6 hi16_zmm*u64=7 pkru*u32=8
          cet?user_x86_cet_entry=9
        user_x86_fpregs_entry cwd!u32=1 swd!u32=2 twd!u32=3 fop!u32=4 rip!u64=5 rdp!u64=6 mxcsr!u32=7 mxcsr_mask!u32=8
          st_space*u32=9 xmm_space*u32=10
          padding*u32=11 xsave?user_x86_xsave_entry=13
        user_desc_t entry_number!u32=1 base_addr!u32=2 limit!u32=3 seg_32bit!bool=4 contents_h!bool=5 contents_l!bool=6
          read_exec_only!bool=7
          limit_in_pages!bool=8 seg_not_present!bool=9 usable!bool=10
        thread_info_x86 clear_tid_addr!u64=1 gpregs!user_x86_regs_entry=2 fpregs!user_x86_fpregs_entry=3 tls*user_desc_t=4
        user_aarch64_regs_entry regs*u64=1 sp!u64=2 pc!u64=3 pstate!u64=4
        user_aarch64_fpsimd_context_entry vregs*u64=1 fpsr!u32=2 fpcr!u32=3
        pac_address_keys apiakey_lo!u64=1 apiakey_hi!u64=2 apibkey_lo!u64=3 apibkey_hi!u64=4 apdakey_lo!u64=5 apdakey_hi!u64=6
          apdbkey_lo!u64=7
          apdbkey_hi!u64=8 pac_enabled_key!u64=9
        pac_generic_keys apgakey_lo!u64=1 apgakey_hi!u64=2
        pac_keys pac_address_keys?pac_address_keys=6 pac_generic_keys?pac_generic_keys=7
        thread_info_aarch64 clear_tid_addr!u64=1 tls!u64=2 gpregs!user_aarch64_regs_entry=3
          fpsimd!user_aarch64_fpsimd_context_entry=4 pac_keys?pac_keys=5
        creds_entry uid!u32=1 gid!u32=2 euid!u32=3 egid!u32=4 suid!u32=5 sgid!u32=6 fsuid!u32=7 fsgid!u32=8 cap_inh*u32=9
          cap_prm*u32=10 cap_eff*u32=11
          cap_bnd*u32=12 secbits!u32=13 groups*u32=14 lsm_profile?str=15 lsm_sockcreate?str=16 apparmor_data?bytes=17
          no_new_privs?u32=18 cap_amb*u32=19
        rlimit_entry cur!u64=1 max!u64=2
        rseq_entry rseq_abi_pointer!u64=1 rseq_abi_size!u32=2 signature!u32=3 rseq_cs_pointer?u64=4
        sa_entry sigaction!u64=1 flags!u64=2 restorer!u64=3 mask!u64=4 compat_sigaction?bool=5 mask_extended?u64=6
        siginfo_entry siginfo!bytes=1
        signal_queue_entry signals*siginfo_entry=1
        itimer_entry isec!u64=1 iusec!u64=2 vsec!u64=3 vusec!u64=4
        posix_timer_entry it_id!u32=1 clock_id!u32=2 si_signo!u32=3 it_sigev_notify!u32=4 sival_ptr!u64=5 overrun!u32=6 isec!u64=7
          insec!u64=8 vsec!u64=9
          vnsec!u64=10 notify_thread_id?i32=11
        task_timers_entry real!itimer_entry=1 virt!itimer_entry=2 prof!itimer_entry=3 posix*posix_timer_entry=4
        fs_entry cwd_id!u32=1 root_id!u32=2 umask?u32=3
        seccomp_filter filter!bytes=1 prev?u32=2 flags?u32=3
        seccomp_entry seccomp_filters*seccomp_filter=1
        """;
}
