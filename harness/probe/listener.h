#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace poolbench::probe {

/// Inodes of the sockets in the text of /proc/net/tcp or /proc/net/tcp6 that listen on `port` and
/// take connections to 127.0.0.1.
std::set<std::uint64_t> listening_sockets(std::string_view table, std::uint16_t port);

/// Why processor time and memory of `root` and its descendants are not those of whoever answers on
/// 127.0.0.1:`port`: a container that a daemon runs, say. Empty if one of them holds each socket
/// that listens there.
std::string why_unseen(std::uint16_t port, pid_t root);

}  // namespace poolbench::probe
