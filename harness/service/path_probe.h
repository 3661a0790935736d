#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "service/postgres/session.h"

// Whether the way to PostgreSQL is open, and what it costs by itself.

namespace poolbench::service {

/// Medians, in microseconds.
struct PathTimes {
  double connect_us = 0;         ///< to connect, SELECT 1 and close
  double round_trip_us = 0;      ///< SELECT 1 in a session that there is
  double connect_cpu_us = 0;     ///< processor time of the client in connect_us
  double round_trip_cpu_us = 0;  ///< the same in round_trip_us
};

/// Connects ten times, and asks twenty times in one session; on a slow path less often, so that it
/// takes a few seconds at most. kFailed with libpq's words.
base::Result<PathTimes> measure_path(const Conninfo& conninfo);

/// Whether somebody accepts connections at a port of 127.0.0.1; or, where there is a path, at that
/// unix socket.
bool accepts_connections(std::uint16_t port, const std::filesystem::path& socket);

/// Connects, asks SELECT 1 and closes. kFailed with libpq's words.
base::Result<void> ask_once(const Conninfo& conninfo);

}  // namespace poolbench::service
