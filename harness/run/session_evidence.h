#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "report/report.h"
#include "scenario/scenario.h"
#include "service/postgres/databases.h"
#include "service/postgres/session_log.h"

namespace poolbench::run {

/// What is known of the sessions that a trial's own database saw from the target's start to its
/// stop.
struct SessionFacts {
  base::Result<service::SessionSums> log;  ///< or why it does not tell
  std::optional<std::int64_t> counted;     ///< by pg_stat_database; unset: not known
};

/// Puts them into the trial: the peak and where it comes from, and how many sessions were refused,
/// which is named as the cause of failed answers. A measured trial whose endpoint uses a database,
/// though its own saw no session, becomes `failed`.
void judge_sessions(report::Trial& trial, const scenario::Cell& cell, const SessionFacts& facts);

/// Gathers them during a trial.
class SessionEvidence {
 public:
  /// The target has not been started yet.
  SessionEvidence(service::Databases& databases, std::string database)
      : databases_(&databases), database_(std::move(database)) {
    stretch_.begin = databases.log().size();
  }
  void begin_load() { stretch_.load_begin = databases_->log().size(); }
  /// While the target still runs, and poolbench's own session may be used.
  void end_load(const scenario::Cell& cell);
  /// After the target's stop.
  [[nodiscard]] SessionFacts facts() const;

 private:
  service::Databases* databases_;
  std::string database_;
  service::LogStretch stretch_;
  std::optional<std::int64_t> counted_;
};

}  // namespace poolbench::run
