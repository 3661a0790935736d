#include "doctor/checks.h"
#include "doctor/texts.h"
#include "generator/options.h"
#include "scenario/scenario.h"

namespace poolbench::doctor {
namespace {

constexpr std::int64_t kFewPorts = 20000, kShortBacklog = 1024;
/// A private cluster, its databases and the logs of a run.
constexpr std::uint64_t kLeastDisk = 512 * kMiB, kGoodDisk = 2 * kGiB;

std::string disk_text(const Folder& folder, std::uint64_t free) {
  return fmt::format("{} free in {}", size_text(free), folder.path.string());
}

Verdict check_disk(const Folder& folder, const std::string& elsewhere) {
  if (!folder.free_bytes)
    return not_known(folder.path.string() + ": its file system tells no size");
  std::string text = disk_text(folder, *folder.free_bytes);
  const std::string next = fmt::format(
      "free some space{}; this shows what takes it: du -xh -d 2 "
      "{} | sort -h | tail",
      elsewhere, folder.existing.string());
  if (*folder.free_bytes < kLeastDisk) return must_mend(std::move(text), next);
  if (*folder.free_bytes < kGoodDisk) return advice(std::move(text), next);
  return ok(std::move(text));
}

}  // namespace

Verdict check_open_files(const Machine& machine) {
  const scenario::LoadSettings load;
  const auto& limit = machine.open_files;
  std::string text = limit.rlim_max == RLIM_INFINITY
                         ? fmt::format("{}, and no limit to which it can be raised", limit.rlim_cur)
                         : fmt::format("{}, at most {}", limit.rlim_cur, limit.rlim_max);
  const auto possible = generator::check_descriptors(load.connections, load.threads, limit);
  if (!possible) return must_mend(possible.error().message, possible.error().next);
  const rlimit as_it_is{limit.rlim_cur, limit.rlim_cur};
  if (generator::check_descriptors(load.connections, load.threads, as_it_is)) {
    return ok(std::move(text));
  }
  // The generator raises its own limit, but the target has ours.
  return advice(fmt::format("{}: too few for {} connections to the target", text, load.connections),
                "ulimit -n 4096");
}

Verdict check_ports(const Machine& machine) {
  const auto line = first_line_of(machine, "proc/sys/net/ipv4/ip_local_port_range");
  if (!line) return not_known(line.error().message);
  std::int64_t first = 0, last = 0;
  if (!(std::istringstream(*line) >> first >> last)) {
    return not_known("net.ipv4.ip_local_port_range is no range: " + *line);
  }
  std::string text = fmt::format("{} ({} to {})", last - first + 1, first, last);
  if (last - first + 1 >= kFewPorts) return ok(std::move(text));
  return advice(text + ": few for a connection per request (load.keep_alive = false)",
                "sysctl -w net.ipv4.ip_local_port_range=\"15000 64999\"");
}

Verdict check_backlog(const Machine& machine) {
  const auto length = number_in(machine, "proc/sys/net/core/somaxconn");
  if (!length) return not_known(length.error().message);
  std::string text = fmt::format("net.core.somaxconn = {}", *length);
  if (*length >= kShortBacklog) return ok(std::move(text));
  return advice(text + ": more connections at once are refused or wait for a second",
                "sysctl -w net.core.somaxconn=4096");
}

Verdict check_scratch(const Machine& machine) {
  const Folder& folder = machine.scratch;
  if (!folder.unwritable.empty()) {
    return must_mend(folder.unwritable, "chmod 1777 " + folder.path.string());
  }
  return check_disk(folder, "");
}

Verdict check_cache(const Machine& machine) {
  const Folder& folder = machine.cache;
  const char* const elsewhere = "export POOLBENCH_CACHE=FOLDER, one that can be written";
  if (!folder.unwritable.empty()) {
    return advice(folder.unwritable + ": what a run prepares is gone with it", elsewhere);
  }
  return check_disk(folder, ", or name another folder in POOLBENCH_CACHE");
}

Verdict check_results(const Machine& machine) {
  const Folder& folder = machine.results;
  if (!folder.unwritable.empty()) {
    return must_mend(folder.unwritable, "name a folder that can be written with --out FOLDER");
  }
  return check_disk(folder, ", or name another folder with --out");
}

}  // namespace poolbench::doctor
