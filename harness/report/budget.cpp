#include "report/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace poolbench::report {
namespace {

constexpr double kMicrosecondsPerSecond = 1e6;

using Part = base::Result<double>;

/// Fills the parts of one budget.
class Division {
 public:
  Division(const Trial& trial, const BudgetRules& rules)
      : trial_(trial),
        rules_(rules),
        requests_(static_cast<double>(trial.measurement->requests.worked_on())) {}

  base::Result<Budget> divide(Reasons& missing) {
    if (requests_ <= 0) return base::failed("no request was worked on in the window");
    Budget budget;
    POOLBENCH_TRY(take_total(budget));
    const auto take = [&](std::optional<double>& part, const char* name, const Part& value) {
      if (value) part = *value;
      if (!value) missing.emplace_back(fmt::format("budget.{}", name), value.error().message);
    };
    if (!budget.queue_us) missing.emplace_back("budget.queue_us", why_no_queue());
    if (!budget.serves_at_once) missing.emplace_back("budget.serves_at_once", kNotSaid);
    take(budget.connect_us, "connect_us", connect());
    take(budget.connection_wait_us, "connection_wait_us", connection_wait());
    take(budget.query_us, "query_us", query());
    take(budget.round_trip_us, "round_trip_us", round_trips());
    take(budget.application_cpu_us, "application_cpu_us", application_cpu());
    take(budget.processor_wait_us, "processor_wait_us", processor_wait());
    take(budget.generator_us, "generator_us", generator(budget));
    budget.unexplained_us = unexplained_us(budget);
    return budget;
  }

 private:
  static constexpr const char* kNotSaid =
      "the target's file does not say how many requests it serves at once with these parameters "
      "([[budget.serves_at_once]])";

  /// Requests wait for workers only where there are more of them than workers.
  [[nodiscard]] bool has_queue() const {
    return !rules_.open_loop && rules_.serves_at_once &&
           rules_.connections > *rules_.serves_at_once;
  }

  base::Result<void> take_total(Budget& budget) const {
    const Measurement& measured = *trial_.measurement;
    budget.serves_at_once = rules_.serves_at_once;
    if (has_queue()) {
      const double rate = measured.throughput_requests_per_second;
      if (rate <= 0) return base::failed("there was no good answer");
      budget.of = BudgetOf::kWorker;
      budget.total_us = *rules_.serves_at_once / rate * kMicrosecondsPerSecond;
      budget.queue_us = rules_.connections / rate * kMicrosecondsPerSecond - budget.total_us;
      return {};
    }
    if (!rules_.open_loop && !rules_.serves_at_once) return base::failed(kNotSaid);
    if (!measured.latency_us.mean) return base::failed("the mean latency is not known");
    budget.of = BudgetOf::kLatency;
    budget.total_us = *measured.latency_us.mean;
    return {};
  }

  [[nodiscard]] const char* why_no_queue() const {
    return rules_.open_loop ? "in an open loop it is a part of the latency that nothing tells apart"
                            : "there are no more connections than requests served at once";
  }

  [[nodiscard]] base::Result<PathCost> path() const {
    if (trial_.path) return *trial_.path;
    return why("path", "what a connection costs is not known");
  }

  [[nodiscard]] base::Result<StatementSums> statements() const {
    if (trial_.database.statements) return *trial_.database.statements;
    return why("database.statements", "set postgres.statements = true to have them counted");
  }

  /// Why the trial lacks something, as it tells itself.
  [[nodiscard]] tl::unexpected<base::Error> why(const char* name, const char* otherwise) const {
    for (const auto& [what, reason] : trial_.missing) {
      if (what == name) return base::failed(reason);
    }
    return base::failed(otherwise);
  }

  /// How often the application connects, per request.
  [[nodiscard]] Part connects() const {
    if (!rules_.pooler.empty()) {
      return base::failed(fmt::format(
          "PostgreSQL sees the sessions of {}, and not how often the application connects to it",
          rules_.pooler));
    }
    if (trial_.database.sessions_per_request) return *trial_.database.sessions_per_request;
    return why("database.sessions_opened", "sessions were not counted");
  }

  /// Of one session, its first statement included.
  [[nodiscard]] Part connect_cost() const {
    const auto& setup = trial_.database.session_setup_us;
    if (setup && rules_.is_direct) return *setup;
    const auto path = this->path();
    if (!path) return tl::unexpected(path.error());
    return std::max(0.0, path->connect_us - path->round_trip_us);
  }

  [[nodiscard]] Part all_connecting() const {
    auto count = connects();
    if (!count || *count == 0) return count;
    const auto cost = connect_cost();
    return cost ? Part(*count * *cost) : cost;
  }

  /// All of it, whatever it is spent on; nothing where there is no pool.
  [[nodiscard]] Part all_waiting() const {
    const BudgetRules::ConnectionWait& wait = rules_.connection_wait;
    if (!wait.is_declared) {
      return base::failed(
          "the target's file does not say what tells it ([budget.connection_wait])");
    }
    if (const auto told = waiting_told()) return *told * wait.us_per_unit;
    if (wait.has_none) return 0.0;
    return why(fmt::format("metrics.{}", wait.metric).c_str(), "it was not asked for");
  }

  /// By the metric.
  [[nodiscard]] std::optional<double> waiting_told() const {
    const auto found = trial_.metrics.find(rules_.connection_wait.metric);
    return found == trial_.metrics.end() ? std::nullopt : found->second;
  }

  /// What the target's file says of its parameters holds unless the metric tells otherwise.
  [[nodiscard]] bool has_pool() const {
    return rules_.connection_wait.has_none ? waiting_told().value_or(0) > 0
                                           : waiting_told().has_value();
  }

  /// A pool opens connections by itself: requests notice only what they wait for.
  [[nodiscard]] Part connect() const {
    auto connecting = all_connecting();
    if (!connecting || *connecting == 0 || !has_pool()) return connecting;
    const auto waiting = all_waiting();
    return waiting ? Part(std::min(*connecting, *waiting)) : waiting;
  }

  /// For a connection of the application's own pool.
  [[nodiscard]] Part own_wait() const {
    auto waiting = all_waiting();
    if (!waiting || !has_pool()) return waiting;
    const auto connecting = all_connecting();
    return connecting ? Part(std::max(0.0, *waiting - *connecting)) : waiting;
  }

  [[nodiscard]] Part connection_wait() const {
    Part all = own_wait();
    for (const BudgetRules::PoolerWait& wait : rules_.pooler_waits) {
      if (!all) break;
      const auto found = trial_.metrics.find(wait.metric);
      const bool is_told = found != trial_.metrics.end() && found->second;
      all = is_told ? Part(*all + *found->second * wait.us_per_unit)
                    : why(fmt::format("metrics.{}", wait.metric).c_str(), "it was not asked for");
    }
    return all;
  }

  [[nodiscard]] Part query() const {
    const auto sums = statements();
    if (!sums) return tl::unexpected(sums.error());
    return sums->execution_us / requests_;
  }

  [[nodiscard]] Part round_trips() const {
    const auto sums = statements();
    if (!sums) return tl::unexpected(sums.error());
    if (sums->calls == 0) return 0.0;
    const auto path = this->path();
    if (!path) return tl::unexpected(path.error());
    return static_cast<double>(sums->calls) / requests_ * path->round_trip_us;
  }

  /// What the client library itself uses counts with what it is used for.
  [[nodiscard]] Part application_cpu() const {
    if (!trial_.cpu_seconds.target) return why("cpu_seconds.target", "it was not measured");
    double cpu = *trial_.cpu_seconds.target / requests_ * kMicrosecondsPerSecond;
    if (!trial_.path) return cpu;
    const double round_trip = trial_.path->round_trip_cpu_us.value_or(0);
    if (const auto count = connects()) {
      cpu -= *count * std::max(0.0, trial_.path->connect_cpu_us.value_or(0) - round_trip);
    }
    if (const auto sums = statements()) {
      cpu -= static_cast<double>(sums->calls) / requests_ * round_trip;
    }
    return cpu;
  }

  [[nodiscard]] Part processor_wait() const {
    if (trial_.target_run_delay_seconds) {
      return *trial_.target_run_delay_seconds / requests_ * kMicrosecondsPerSecond;
    }
    return why("cpu_seconds.target", "the kernel does not tell (/proc/PID/task/TID/schedstat)");
  }

  [[nodiscard]] Part generator(const Budget& budget) const {
    if (budget.of == BudgetOf::kWorker) return 0.0;
    const auto& share = trial_.measurement->generator_delay_ratio;
    if (share) return *share * budget.total_us;
    return base::failed("the generator does not tell how long it waited");
  }

  const Trial& trial_;
  const BudgetRules& rules_;
  double requests_;
};

}  // namespace

base::Result<Budget> budget_of(const Trial& trial, const BudgetRules& rules, Reasons& missing) {
  return Division(trial, rules).divide(missing);
}

double unexplained_us(const Budget& budget) {
  double left = budget.total_us;
  for (const BudgetPart& part : kBudgetParts) left -= (budget.*part.value).value_or(0);
  return left;
}

}  // namespace poolbench::report
