#pragma once

#include <vector>

#include "base/raii.h"
#include "probe/sockets.h"

namespace poolbench::service {

/// Connections to a server of this machine on which nothing is asked. They are open as long as it
/// lives, also at a server that closes after each answer: a process that has accepted one waits for
/// its request.
class IdleConnections {
 public:
  /// Does not wait until they are accepted; those that fail are left out.
  IdleConnections(const probe::ListeningAt& server, int count);

 private:
  std::vector<base::UniqueFd> sockets_;
};

}  // namespace poolbench::service
