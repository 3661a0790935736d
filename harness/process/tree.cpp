#include "process/tree.h"

#include <map>

#include "process/proc.h"

namespace poolbench::process {

std::vector<pid_t> descendants(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  for (const ProcessStat& process : all_processes()) children.emplace(process.parent, process.pid);
  std::vector<pid_t> found;
  // A list read while processes come and go could hold a cycle; taking children out ends it.
  const auto take_children_of = [&](pid_t parent) {
    const auto [first, last] = children.equal_range(parent);
    for (auto it = first; it != last; ++it) found.push_back(it->second);
    children.erase(first, last);
  };
  take_children_of(root);
  for (std::size_t i = 0; i < found.size(); ++i) take_children_of(found[i]);
  std::erase(found, root);
  return found;
}

}  // namespace poolbench::process
