#include "process/run_id.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>

#include "process/proc.h"

namespace poolbench::process {
namespace {

/// Reads the number after the last '-' and takes both off the text.
template <typename Number>
bool take_last_number(std::string_view& text, Number& number) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos) return false;
  const std::string_view digits = text.substr(dash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  text = text.substr(0, dash);
  return error == std::errc{} && end == digits.data() + digits.size();
}

}  // namespace

std::string make_run_id(const base::Clock& clock) {
  const auto self = read_stat(::getpid());
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{}-{}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(clock.utc_now())), ::getpid(),
                     self ? self->start_ticks : 0);
}

RunState state_of_run(std::string_view run_id) {
  std::uint64_t start_ticks = 0;
  pid_t pid = 0;
  if (!take_last_number(run_id, start_ticks) || !take_last_number(run_id, pid) || pid <= 0) {
    return RunState::kUnknown;
  }
  if (const auto owner = read_stat(pid)) {
    const bool same = owner->start_ticks == start_ticks && !owner->has_ended();
    return same ? RunState::kAlive : RunState::kLost;
  }
  // A /proc mounted with hidepid hides other users' processes: one that exists may be the owner.
  return ::kill(pid, 0) == 0 || errno == EPERM ? RunState::kAlive : RunState::kLost;
}

}  // namespace poolbench::process
