#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/raii.h"
#include "process/interrupt.h"
#include "process/launch.h"

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

/// What ending a child may need to know of the rest.
struct Surroundings {
  const Children& children;       ///< all of them: a second interrupt kills every group
  const std::set<pid_t>& before;  ///< pids that lived when supervision began; never touched
  const std::string& run_id;
  Interrupt& interrupt;
};

/// Supervisor::stop() for one child: its signal to the group, the grace, SIGKILL to all of its
/// family, until none is left; then the child is reaped. Returns what is worth telling.
std::vector<std::string> end_child(Child& child, const Surroundings& surroundings);

/// Ends what descends from us and belongs to no child any more.
std::vector<std::string> end_strays(const Surroundings& surroundings);

}  // namespace poolbench::process
