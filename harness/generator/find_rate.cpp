#include "generator/find_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "base/time.h"
#include "report/measurement.h"
#include "report/validity.h"
#include "stats/histogram.h"

namespace poolbench::generator {
namespace {

constexpr double kPrecision = 0.02;
/// So many equal ones of three measurements of a rate decide.
constexpr int kDecisive = 2;
// Below the median there is no objective; "p100" would be read as 10.0.
constexpr double kLeastPercent = 50;

// "99" is 0.99, "99.9" and "999" are 0.999, as the report writes it.
base::Result<double> parse_quantile(std::string_view digits) {
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool has_point = digits.find('.') != std::string_view::npos;
  if (!has_point && digits.size() > 2) {
    number /= std::pow(10.0, static_cast<double>(digits.size()) - 2);
  }
  if (error != std::errc{} || end != digits.data() + digits.size() || number < kLeastPercent ||
      number >= 100) {
    return base::bad_input("no such quantile");
  }
  return number / 100;
}

/// What else than the server may have kept answers from being in time.
std::vector<std::string> limits_of(const report::Measurement& m, const Objective& objective) {
  std::vector<std::string> limits = m.generator_limited_reasons;
  if (report::busy_machine(m) == report::Busy::kTooMuch) {
    limits.push_back(report::busy_machine_text(m));
  }
  for (const report::NamedQuantile& each : report::named_quantiles()) {
    const auto withheld = m.withheld.find(each.name);
    if (each.q < objective.share || withheld == m.withheld.end()) continue;
    limits.push_back(withheld->second);
    break;
  }
  return limits;
}

/// If fewer were all in time, a server that misses the objective would show the same in more than
/// one of twenty measurements: share ^ n > 0.05.
std::uint64_t requests_needed(double share) {
  constexpr double kByChance = 0.05;
  return static_cast<std::uint64_t>(std::ceil(std::log(kByChance) / std::log(share)));
}

class Search {
 public:
  using Measure = std::function<base::Result<report::Measurement>(const Options&)>;
  Search(const Options& options, const Objective& objective, const Measure& measure)
      : options_(options), objective_(objective), measure_(measure) {}

  base::Result<FoundRate> run() {
    double capacity_before = 0;
    // A closed loop that was held up gives too little; then all rates below it are met.
    do {
      capacity_before = found_.capacity_hz;
      POOLBENCH_TRY(measure_closed_loop());
      POOLBENCH_TRY(bisect());
    } while (found_.refusal.empty() && !found_.missed_hz &&
             found_.capacity_hz > capacity_before * (1 + kPrecision));
    judge_upper_end();
    judge_evidence();
    return std::move(found_);
  }

 private:
  [[nodiscard]] double upper_end() const { return found_.missed_hz.value_or(found_.capacity_hz); }

  /// The most that it gave so far is the server's capacity.
  base::Result<void> measure_closed_loop() {
    Options closed = options_;
    closed.rate_hz = 0;
    const auto measured = measure_(closed);
    POOLBENCH_TRY(measured);
    if (measured->throughput_requests_per_second <= found_.capacity_hz) return {};
    found_.capacity_hz = measured->throughput_requests_per_second;
    found_.closed_loop_limited = measured->generator_limited_reasons;
    if (report::busy_machine(*measured) == report::Busy::kTooMuch) {
      found_.closed_loop_limited.push_back(report::busy_machine_text(*measured));
    }
    return {};
  }

  base::Result<void> bisect() {
    while (found_.refusal.empty() &&
           upper_end() - found_.rate_hz > kPrecision * found_.capacity_hz) {
      const double rate = (found_.rate_hz + upper_end()) / 2;
      const auto outcome = try_rate(rate);
      POOLBENCH_TRY(outcome);
      if (*outcome == Attempt::kMet) found_.rate_hz = rate;
      if (*outcome == Attempt::kMissed) found_.missed_hz = rate;
    }
    return {};
  }

  base::Result<Attempt> attempt(double rate) {
    Options open = options_;
    open.connect_ramp = {};  // of the closed loop alone
    open.rate_hz = rate;
    const auto measured = measure_(open);
    POOLBENCH_TRY(measured);
    const auto share = share_within(*measured, objective_.within);
    POOLBENCH_TRY(share);
    auto limits = limits_of(*measured, objective_);
    const Attempt outcome = *share >= objective_.share ? Attempt::kMet
                            : limits.empty()           ? Attempt::kMissed
                                                       : Attempt::kUnclear;
    found_.steps.push_back({rate, *share, outcome, std::move(limits), measured->requests.sent});
    return outcome;
  }

  /// At once if it is met, else when two measurements agree.
  base::Result<Attempt> try_rate(double rate) {
    std::map<Attempt, int> votes;
    while (true) {
      const auto outcome = attempt(rate);
      POOLBENCH_TRY(outcome);
      if (++votes[*outcome] == kDecisive) break;
      if (*outcome == Attempt::kMet && votes.size() == 1) break;
    }
    const RateStep& last = found_.steps.back();
    if (last.outcome == Attempt::kUnclear) {
      found_.refusal = fmt::format("at {:.1f} requests/s the server was not the limit: {}", rate,
                                   fmt::join(last.limited, "; "));
    }
    return last.outcome;
  }

  /// Where all rates were met up to what the closed loop gave, that must be the server's own.
  void judge_upper_end() {
    if (found_.missed_hz || found_.closed_loop_limited.empty() || !found_.refusal.empty()) return;
    found_.refusal = fmt::format(
        "all rates were met, up to those of the closed loop, in which the server was not the "
        "limit: {}",
        fmt::join(found_.closed_loop_limited, "; "));
  }

  void judge_evidence() {
    const auto needed = requests_needed(objective_.share);
    const auto best = std::ranges::find_if(found_.steps, [&](const RateStep& step) {
      return step.rate_hz == found_.rate_hz && step.outcome == Attempt::kMet;
    });
    if (best == found_.steps.end() || best->requests >= needed || !found_.refusal.empty()) return;
    found_.refusal = fmt::format(
        "at {:.1f} requests/s {} requests decided, and this objective takes {}: measure for "
        "{:.0f} s",
        best->rate_hz, best->requests, needed,
        std::ceil(static_cast<double>(needed) / best->rate_hz));
  }

  const Options& options_;
  const Objective& objective_;
  const Measure& measure_;
  FoundRate found_;
};

std::string limits_text(const std::vector<std::string>& limited) {
  std::string text;
  for (const std::string& reason : limited) {
    text += fmt::format("{:>12} the server was not the limit: {}\n", "", reason);
  }
  return text;
}

std::string words_of(Attempt outcome) {
  switch (outcome) {
    case Attempt::kMet:
      return {};
    case Attempt::kMissed:
      return ", too few";
    case Attempt::kUnclear:
      break;
  }
  return ", which says nothing of the server";
}

}  // namespace

base::Result<Objective> parse_objective(std::string_view text) {
  const auto refuse = [&] {
    return base::bad_input(fmt::format("\"{}\" is not a latency objective", text), {},
                           "write it as p99=50ms");
  };
  const std::size_t equals = text.find('=');
  if (!text.starts_with('p') || equals == std::string_view::npos) return refuse();
  const auto share = parse_quantile(text.substr(1, equals - 1));
  const auto within = base::parse_duration(text.substr(equals + 1));
  if (!share || !within || *within <= base::Duration::zero()) return refuse();
  return Objective{*share, *within};
}

base::Result<double> share_within(const report::Measurement& measurement, base::Duration within) {
  const auto latencies = stats::Histogram::decode(measurement.latency_hdr_v2_base64);
  POOLBENCH_TRY(latencies);
  std::uint64_t planned = measurement.requests.sent;
  if (measurement.details.contains("dropped")) {
    planned += measurement.details["dropped"].get<std::uint64_t>();
  }
  if (planned == 0) return 0;
  const auto limit_us = std::chrono::duration_cast<std::chrono::microseconds>(within).count();
  const auto met = latencies->count_up_to(static_cast<std::uint64_t>(limit_us));
  return static_cast<double>(met) / static_cast<double>(planned);
}

std::string_view name_of(Attempt attempt) {
  switch (attempt) {
    case Attempt::kMet:
      return "met";
    case Attempt::kMissed:
      return "missed";
    case Attempt::kUnclear:
      break;
  }
  return "unclear";
}

base::Result<FoundRate> find_rate(
    const Options& options, const Objective& objective,
    const std::function<base::Result<report::Measurement>(const Options&)>& measure) {
  return Search(options, objective, measure).run();
}

std::string found_rate_text(const FoundRate& found, const Objective& objective) {
  std::string text = fmt::format("closed loop: {:.1f} requests/s\n", found.capacity_hz) +
                     limits_text(found.closed_loop_limited);
  for (const RateStep& step : found.steps) {
    text +=
        fmt::format("{:>12.1f} requests/s: {:.2f} % within {}{}\n", step.rate_hz, 100 * step.share,
                    base::format_duration(objective.within), words_of(step.outcome)) +
        limits_text(step.limited);
  }
  if (!found.refusal.empty()) return text + "no answer: " + found.refusal + "\n";
  if (found.rate_hz <= 0) return text + "no rate met the objective\n";
  return text +
         fmt::format("highest rate with {:g} % within {}: {:.1f} requests/s; {}\n",
                     100 * objective.share, base::format_duration(objective.within), found.rate_hz,
                     found.missed_hz ? fmt::format("lowest without: {:.1f}", *found.missed_hz)
                                     : "none was without up to what the closed loop gave");
}

base::Json found_rate_json(const FoundRate& found, const Objective& objective) {
  base::Json steps = base::Json::array();
  for (const RateStep& step : found.steps) {
    steps.push_back({{"rate_requests_per_second", step.rate_hz},
                     {"share_within", step.share},
                     {"outcome", name_of(step.outcome)},
                     {"requests", step.requests},
                     {"generator_limited_reasons", step.limited}});
  }
  return {{"objective",
           {{"share", objective.share}, {"within_us", base::to_seconds(objective.within) * 1e6}}},
          {"closed_loop_requests_per_second", found.capacity_hz},
          {"rate_requests_per_second", found.rate_hz > 0 && found.refusal.empty()
                                           ? base::Json(found.rate_hz)
                                           : base::Json(nullptr)},
          {"missed_requests_per_second",
           found.refusal.empty() ? base::or_null(found.missed_hz) : base::Json(nullptr)},
          {"refusal", found.refusal.empty() ? base::Json(nullptr) : base::Json(found.refusal)},
          {"closed_loop_generator_limited_reasons", found.closed_loop_limited},
          {"steps", std::move(steps)}};
}

}  // namespace poolbench::generator
