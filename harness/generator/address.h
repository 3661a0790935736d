#pragma once

#include <sys/socket.h>

#include <vector>

#include "base/result.h"
#include "generator/options.h"

namespace poolbench::generator {

/// Where the connections go, ready for connect().
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};

/// Looks the server's name up, once for the run: all its addresses, never none. Those of IPv4 come
/// first, as most development servers listen there only. kBadInput if there is no such host or the
/// socket's path is too long.
base::Result<std::vector<Address>> resolve(const Options& options);

}  // namespace poolbench::generator
