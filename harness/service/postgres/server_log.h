#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "service/postgres/session_log.h"

namespace poolbench::service {

/// PostgreSQL's log, as far as it tells of sessions.
class ServerLog {
 public:
  /// The log of a server that is not ours.
  ServerLog() : why_unknown_("the log of an external PostgreSQL cannot be read from here") {}
  explicit ServerLog(std::filesystem::path file) : file_(std::move(file)) {}

  /// The server runs with these settings now (session_log_settings()).
  void learn(const std::map<std::string, std::string>& settings);
  /// From now on it does not tell of sessions any more.
  void lose(std::string why) { why_unknown_ = std::move(why); }

  /// Where it ends now.
  [[nodiscard]] std::uintmax_t size() const;
  /// Of a database, from a stretch's beginning to now; waits a moment for the ends of sessions
  /// whose clients are gone. Fails with the reason where the log does not tell, or not all of it.
  [[nodiscard]] base::Result<SessionSums> sessions(const std::string& database,
                                                   const LogStretch& stretch) const;
  /// Takes lines about sessions out once there are many; for when no trial runs.
  void trim();

 private:
  std::filesystem::path file_;  ///< empty: external
  std::string why_unknown_;     ///< empty: it tells of sessions
  std::optional<LogLinePrefix> prefix_;
  std::uintmax_t size_when_trimmed_ = 0;
};

}  // namespace poolbench::service
