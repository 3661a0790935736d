#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

// A process and all its descendants: what they use, and whether they are those that answer.

namespace poolbench::probe {

/// CPU time, in seconds, of a process and all its descendants: user + system of the living, and of
/// the dead that they have waited for (cutime, cstime). Resolution: one clock tick (10 ms) a
/// process.
double tree_cpu_seconds(pid_t root);

/// How long each thread of a process and its descendants has been ready to run without a processor,
/// in seconds, by thread. Empty where the kernel does not tell.
using RunDelays = std::map<pid_t, double>;
RunDelays tree_run_delays(pid_t root);
/// What has come to them since `before`; a thread that has ended meanwhile is left out. Unset where
/// the kernel does not tell.
std::optional<double> run_delay_between(const RunDelays& before, const RunDelays& after);

/// Resident memory of a process and all its descendants now: Σ (anonymous + file pages) + the
/// largest shared-memory share, so that PostgreSQL's shared buffers count once. Library pages count
/// in each process.
std::uint64_t tree_rss_bytes(pid_t root);

/// Inodes of the sockets in the text of /proc/net/tcp or /proc/net/tcp6 that listen on `port` and
/// take connections to 127.0.0.1.
std::set<std::uint64_t> listening_sockets(std::string_view table, std::uint16_t port);

/// Why processor time and memory of `root` and its descendants are not those of whoever answers on
/// 127.0.0.1:`port`: a container that a daemon runs, say. Empty if one of them holds each socket
/// that listens there.
std::string why_unseen(std::uint16_t port, pid_t root);

/// Inodes of the unix sockets in the text of /proc/net/unix that listen at `path`.
std::set<std::uint64_t> listening_unix_sockets(std::string_view table, std::string_view path);

/// As why_unseen(), of whoever answers on the unix socket at `path`.
std::string why_unseen(const std::string& path, pid_t root);

}  // namespace poolbench::probe
