#pragma once

#include <sys/types.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "process/child.h"
#include "process/proc.h"

namespace poolbench::process {

/// The live processes that belong to a child: itself, its group, its descendants, and orphans that
/// left all that (setsid, double fork) and became ours, since we are a subreaper. Those are known
/// by having been seen in the family before, or by their mark in the environment.
class Family {
 public:
  Family(const Child& child, std::string run_id) : child_(child), run_id_(std::move(run_id)) {}

  /// Looks at /proc. Zombies and ourselves are not in it.
  std::vector<ProcessStat> find();

 private:
  [[nodiscard]] bool belongs(const ProcessStat& process) const;
  [[nodiscard]] bool has_our_mark(pid_t pid) const;

  const Child& child_;
  std::string run_id_;
  std::set<std::pair<pid_t, std::uint64_t>> seen_;
};

/// The live processes below us that no child accounts for: orphans that hide their origin.
/// `before` are pids that lived already when supervision began.
std::vector<ProcessStat> find_strays(const std::set<pid_t>& before);

/// Reaps the zombies that became ours, except the children's own and those of `before`.
void reap_orphans(const Children& children, const std::set<pid_t>& before);

}  // namespace poolbench::process
