#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "process/command.h"
#include "process/exit.h"

namespace poolbench::process {

/// See supervisor.h. Its zombie is kept until stop(): as long as that holds the pid, neither the
/// pid nor the group id can come to mean something else.
struct Child {
  std::string name;
  std::string mark;  ///< value of POOLBENCH_SERVICE: "<name>-<number>"
  std::filesystem::path log;
  std::uint64_t max_log_bytes = 0;
  std::uint64_t log_bytes_at_start = 0;
  StopPolicy stop;
  pid_t pid = 0;  ///< also the id of its group
  base::UniqueFd pidfd;
  std::optional<Exit> exit;  ///< set once we have seen it end
  bool reported = false;     ///< the caller knows of its end
  bool stopped = false;      ///< reaped, and nothing of it is left

  /// Looks whether it has ended, without waiting and without reaping it.
  void look();
  /// Takes the zombie away, if it is one.
  void reap();
};

using Children = std::vector<std::unique_ptr<Child>>;

}  // namespace poolbench::process
