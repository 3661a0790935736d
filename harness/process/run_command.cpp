#include "process/run_command.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "base/raii.h"
#include "base/time.h"

namespace poolbench::process {
namespace {

constexpr base::Duration kAskEvery = std::chrono::milliseconds(10);

}  // namespace

base::Error ended_error(const ChildExited& ended, const std::string& meanwhile) {
  const auto& log = log_of(*ended.child);
  return {base::ErrorCode::kFailed,
          fmt::format("{} ended ({}) {}{}", name_of(*ended.child), to_text(ended.exit), meanwhile,
                      log_excerpt(log)),
          log.string(),
          {}};
}

base::Result<void> wait_until_ready(Supervisor& supervisor, const std::string& what,
                                    const std::filesystem::path& log, base::Duration limit,
                                    const std::function<bool()>& ready,
                                    const std::vector<int>& wake,
                                    const std::vector<Child*>& children) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!ready()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) {
      return base::failed(
          fmt::format("{} within {}{}", what, base::approximate_duration(limit), log_excerpt(log)),
          log.string(), "read the log; a longer limit may be set");
    }
    const auto outcome = supervisor.wait(std::min(deadline, now + kAskEvery), wake, children);
    if (const auto* ended = std::get_if<ChildExited>(&outcome)) {
      return tl::unexpected(ended_error(*ended, "before it was ready"));
    }
    if (std::holds_alternative<Interrupted>(outcome)) {
      return base::interrupted("interrupted while a service started");
    }
  }
  return {};
}

base::Result<void> run_to_success(Supervisor& supervisor, const Command& command,
                                  base::Duration limit) {
  const auto exit = supervisor.run(command, limit);
  if (!exit) return tl::unexpected(exit.error());
  if (!exit->ok()) {
    const auto& words = command.shown.empty() ? command.argv : command.shown;
    constexpr int kUnavailable = 69;  // EX_UNAVAILABLE of sysexits.h
    base::Error error{base::ErrorCode::kFailed,
                      fmt::format("{} failed ({}): {}{}", command.name, to_text(*exit),
                                  fmt::join(words, " "), log_excerpt(command.log)),
                      command.log.string(),
                      {}};
    if (exit->code == kUnavailable) error.code = base::ErrorCode::kUnavailable;
    return tl::unexpected(std::move(error));
  }
  return {};
}

base::Result<std::string> capture_stdout(Supervisor& supervisor, Command command,
                                         base::Duration limit) {
  const base::UniqueFd file(::memfd_create("stdout", MFD_CLOEXEC));
  if (!file) return base::failed(fmt::format("no memory for what {} prints", command.name));
  command.stdout_fd = file.get();
  POOLBENCH_TRY(run_to_success(supervisor, command, limit));
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  std::string output(static_cast<std::size_t>(std::max<off_t>(0, size)), '\0');
  if (size < 0 || ::pread(file.get(), output.data(), output.size(), 0) != size) {
    return base::failed(fmt::format("what {} printed cannot be read back", command.name));
  }
  return output;
}

}  // namespace poolbench::process
