"""The numbers of the system calls that the jail names.

Rule: one line a call, x86-64 first, aarch64 second, None where the architecture has no such call; only numbers
stand here, what is done with them stands in `seccomp`.

Sources: Linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

from __future__ import annotations

_TABLE = """
ptrace 101 117 | process_vm_readv 310 270 | process_vm_writev 311 271 | kcmp 312 272 | mount 165 40
umount2 166 39 | pivot_root 155 41 | chroot 161 51 | unshare 272 97 | setns 308 268 | keyctl 250 219
add_key 248 217 | request_key 249 218 | bpf 321 280 | perf_event_open 298 241 | userfaultfd 323 282
kexec_load 246 104 | kexec_file_load 320 294 | init_module 175 105 | finit_module 313 273
delete_module 176 106 | personality 135 92 | name_to_handle_at 303 264 | open_by_handle_at 304 265
mknod 133 - | mknodat 259 33 | swapon 167 224 | swapoff 168 225 | reboot 169 142 | acct 163 89
quotactl 179 60 | syslog 103 116 | settimeofday 164 170 | clock_settime 227 112 | adjtimex 159 171
clock_adjtime 305 266 | iopl 172 - | ioperm 173 - | vhangup 153 58 | nfsservctl 180 42 | uselib 134 -
ustat 136 - | sysfs 139 - | sethostname 170 161 | setdomainname 171 162 | move_pages 279 239
migrate_pages 256 238 | mbind 237 235 | lookup_dcookie 212 18 | vmsplice 278 75 | modify_ldt 154 -
remap_file_pages 216 234 | fanotify_init 300 262 | fanotify_mark 301 263 | inotify_init 253 -
inotify_init1 294 26 | inotify_add_watch 254 27 | seccomp 317 277
socket 41 198 | connect 42 203 | bind 49 200 | listen 50 201 | accept 43 202 | accept4 288 242
socketpair 53 199
memfd_create 319 279 | shmget 29 194 | shmat 30 196 | shmctl 31 195 | msgget 68 186 | msgsnd 69 189
msgrcv 70 188 | msgctl 71 187 | semget 64 190 | semop 65 193 | semtimedop 220 192 | semctl 66 191
mq_open 240 180 | mq_unlink 241 181
execve 59 221 | execveat 322 281 | fork 57 - | vfork 58 - | clone 56 220
kill 62 129 | tgkill 234 131 | tkill 200 130 | rt_sigqueueinfo 129 138 | rt_tgsigqueueinfo 297 240
prlimit64 302 261 | setpriority 141 140 | sched_setscheduler 144 119 | sched_setparam 142 118
sched_setattr 314 274 | sched_setaffinity 203 122 | ioprio_set 251 30
prctl 157 167 | fcntl 72 25 | ioctl 16 29 | mmap 9 222
chmod 90 - | fchmod 91 52 | fchmodat 268 53 | fchmodat2 452 452 | chown 92 - | fchown 93 55 | lchown 94 -
fchownat 260 54 | utime 132 - | utimes 235 - | futimesat 261 - | utimensat 280 88
setxattr 188 5 | lsetxattr 189 6 | fsetxattr 190 7 | removexattr 197 14 | lremovexattr 198 15
fremovexattr 199 16
"""


def _read(table: str) -> dict[str, tuple[int | None, int | None]]:
    numbers: dict[str, tuple[int | None, int | None]] = {}
    for entry in table.replace("\n", "|").split("|"):
        if entry.strip():
            name, first, second = entry.split()
            numbers[name] = (int(first), None if second == "-" else int(second))
    return numbers


NUMBERS = _read(_TABLE)
"""Name → (number on x86-64, number on aarch64)."""

FIRST_UNKNOWN = {"x86_64": 335, "aarch64": 295}
"""Where each architecture's first table ends; what came later has the same number on both, from 424."""

LATE = {
    "close_range": 436,
    "openat2": 437,
    "faccessat2": 439,
    "epoll_pwait2": 441,
    "futex_waitv": 449,
    "fchmodat2": 452,
}
"""The later calls that are let through (after the rules); all others are answered "no such call"."""
