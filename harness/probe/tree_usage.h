#pragma once

#include <sys/types.h>

#include <cstdint>

namespace poolbench::probe {

/// CPU time, in seconds, of a process and all its descendants: user + system of the living, and of
/// the dead that they have waited for (cutime, cstime). Resolution: one clock tick (10 ms) a
/// process.
double tree_cpu_seconds(pid_t root);

/// Resident memory of a process and all its descendants now: Σ (anonymous + file pages) + the
/// largest shared-memory share, so that PostgreSQL's shared buffers count once. Library pages count
/// in each process.
std::uint64_t tree_rss_bytes(pid_t root);

}  // namespace poolbench::probe
