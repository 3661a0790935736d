#include "service/postgres/server_log.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "process/interrupt.h"

namespace poolbench::service {
namespace {

constexpr std::uintmax_t kTrimAfterBytes = std::uintmax_t{64} << 20U;
/// A backend notices within milliseconds that its client is gone; on a busy machine somewhat later.
constexpr std::chrono::milliseconds kFirstPause{5}, kLongestPause{700};

/// Other users' processes cannot be asked, but they can be seen.
bool is_running(pid_t pid) {
  struct stat ignored{};
  return ::stat(fmt::format("/proc/{}", pid).c_str(), &ignored) == 0;
}

}  // namespace

void ServerLog::learn(const std::map<std::string, std::string>& settings) {
  if (file_.empty()) return;
  why_unknown_ = why_log_hides_sessions(settings);
  prefix_.reset();
  if (const auto found = settings.find("log_line_prefix"); found != settings.end()) {
    prefix_ = LogLinePrefix::parse(found->second);
  }
}

std::uintmax_t ServerLog::size() const {
  std::error_code error;
  const auto size = file_.empty() ? 0 : std::filesystem::file_size(file_, error);
  return error ? 0 : size;
}

base::Result<SessionSums> ServerLog::sessions(const std::string& database,
                                              const LogStretch& stretch) const {
  if (!why_unknown_.empty()) return base::failed(why_unknown_);
  auto sums = read_sessions(file_, *prefix_, database, stretch);
  for (auto pause = kFirstPause; sums && !sums->open.empty() && pause < kLongestPause; pause *= 2) {
    process::pause({}, std::chrono::steady_clock::now() + pause);
    sums = read_sessions(file_, *prefix_, database, stretch);
  }
  if (!sums) return sums;
  const bool ends_are_there = std::ranges::all_of(sums->open, is_running);
  if (sums->is_whole && ends_are_there) return sums;
  return base::failed("PostgreSQL's log lacks lines (was its disk full?)", file_.string());
}

void ServerLog::trim() {
  if (!prefix_ || size() < size_when_trimmed_ + kTrimAfterBytes) return;
  // A log that cannot be made shorter is no reason to stop: the disk is not full yet.
  static_cast<void>(drop_session_lines(file_, *prefix_));
  size_when_trimmed_ = size();
}

}  // namespace poolbench::service
