#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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
#include "service/postgres/plain_session.h"
#include "service/worker_answers.h"

namespace poolbench::run {

/// Reads the sources of the metrics that a target or service declares during one trial: counters
/// before and after the measured window, gauges with the monitor's samples. A source that fails
/// makes its metrics null, with the reason, and is not asked again.
class MetricWatch {
 public:
  struct Watched {
    std::string name;  ///< "target", "service pgbouncer"
    const std::vector<scenario::MetricSpec>* metrics = nullptr;
    /// Who is asked over HTTP, without requests, by MetricSpec::port.
    std::map<std::string, service::Question> questions;
    int workers = 1;  ///< that answered when it was made ready
    std::filesystem::path log;
    std::optional<generator::Turn> turn;
    /// Opens a session in the database that a metric names.
    std::function<base::Result<service::PlainSession>(const std::string& database)> open;
  };
  MetricWatch(const base::Clock& clock, Watched watched)
      : clock_(&clock), watched_(std::move(watched)) {}

  /// Opens the sessions that metrics need.
  void connect();
  /// The process of the session in the trial's own database; 0 if there is none.
  [[nodiscard]] pid_t session_process() const;

  /// Begins to ask for the counters before the window, in at most that time. The second time it
  /// does nothing.
  void ask_before(base::Duration limit = kPatience);
  /// Waits for those answers, where no load is on.
  void wait_for_answers();
  /// The window begins.
  void begin();
  /// A sample is due.
  void sample();
  /// The window ends; without a begin it does nothing.
  void end();
  /// Asks once more, when the load is over, and puts all values into the trial.
  /// `worked_on`: as Requests::worked_on().
  void finish(report::Trial& trial, std::uint64_t worked_on);

 private:
  /// How long an answer may take, under load, too.
  static constexpr base::Duration kPatience = std::chrono::seconds(2);

  /// What has been read of one metric.
  struct State {
    Readings before, after;
    std::vector<double> samples;
    std::optional<GaugeValues> gauge;  ///< of the log's lines
    std::string failure;               ///< empty: nothing has gone wrong
  };
  /// Asks everybody, each in a thread of its own.
  using Asked = std::map<std::string, std::unique_ptr<service::WorkerQuestions>>;  ///< by port
  [[nodiscard]] Asked ask(report::MetricKind kind, base::Duration limit) const;
  void sample_http();
  std::optional<double> ask_postgres(const scenario::MetricSpec& metric);
  void read_postgres(Readings State::* readings);
  void take_answers(Asked& asked, Readings State::* readings);
  void read_log();
  [[nodiscard]] std::uintmax_t log_size() const;
  void put(report::Trial& trial, const scenario::MetricSpec& metric, const MeasuredWindow& window);

  const base::Clock* clock_;
  Watched watched_;
  /// By database, or why there is none.
  std::map<std::string, base::Result<service::PlainSession>> sessions_;
  std::map<std::string, State> states_;
  Asked asked_before_;
  Asked asked_for_gauges_;  ///< whose answers are still to come
  bool has_begun_ = false;
  base::SteadyTime begin_, end_;
  std::uintmax_t log_begin_ = 0, log_end_ = 0;
};

}  // namespace poolbench::run
