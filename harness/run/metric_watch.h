#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "generator/turns.h"
#include "report/report.h"
#include "run/metric_values.h"
#include "scenario/target/target_metrics.h"
#include "service/postgres/session.h"
#include "service/worker_answers.h"

namespace poolbench::service {
class Databases;
}

namespace poolbench::run {

/// Reads the sources of a target's declared metrics during one trial: counters before and after the
/// measured window, gauges with the monitor's samples. A source that fails makes its metrics null,
/// with the reason, and is not asked again.
class MetricWatch {
 public:
  struct Watched {
    const std::vector<scenario::MetricSpec>* metrics = nullptr;
    service::Question target;   ///< who is asked over HTTP, without requests
    int workers = 1;            ///< that answered when the target was made ready
    std::filesystem::path log;  ///< the target's
    std::optional<generator::Turn> turn;
  };
  MetricWatch(const base::Clock& clock, Watched watched)
      : clock_(&clock), watched_(std::move(watched)) {}

  /// Opens a session in the trial's database, if a metric needs one. `databases` is null without
  /// PostgreSQL.
  void connect(const service::Databases* databases, const std::string& database);
  /// The process of that session; 0 if there is none.
  [[nodiscard]] pid_t session_process() const { return session_ ? session_->process() : 0; }

  /// Begins to ask the target for its counters before the window, in at most that time. The second
  /// time it does nothing.
  void ask_before(base::Duration limit = kPatience);
  /// Waits for those answers, where no load is on.
  void wait_for_answers();
  /// The window begins.
  void begin();
  /// A sample is due.
  void sample();
  /// The window ends; without a begin it does nothing.
  void end();
  /// Asks the target once more, when the load is over, and puts all values into the trial.
  /// `worked_on`: as Requests::worked_on().
  void finish(report::Trial& trial, std::uint64_t worked_on);

 private:
  /// How long the target may take to answer, under load, too.
  static constexpr base::Duration kPatience = std::chrono::seconds(2);

  /// What has been read of one metric.
  struct State {
    Readings before, after;
    std::vector<double> samples;
    std::optional<GaugeValues> gauge;  ///< of the log's lines
    std::string failure;               ///< empty: nothing has gone wrong
  };
  [[nodiscard]] std::vector<std::string> paths() const;
  std::optional<double> ask_postgres(const scenario::MetricSpec& metric);
  void read_postgres(Readings State::* readings);
  void take_answers(service::WorkerQuestions& questions, Readings State::* readings);
  void read_log();
  [[nodiscard]] std::uintmax_t log_size() const;
  void put(report::Trial& trial, const scenario::MetricSpec& metric, const MeasuredWindow& window);

  const base::Clock* clock_;
  Watched watched_;
  std::optional<service::PostgresSession> session_;
  std::string no_session_;  ///< why there is none
  std::map<std::string, State> states_;
  std::unique_ptr<service::WorkerQuestions> asked_before_;
  bool has_begun_ = false;
  base::SteadyTime begin_, end_;
  std::uintmax_t log_begin_ = 0, log_end_ = 0;
};

}  // namespace poolbench::run
