#include "report/validity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "report/json_place.h"
#include "stats/series.h"

namespace poolbench::report {
namespace {

/// Of a trial's requests, and of a cell's trials.
constexpr double kMostErrors = 0.1, kMostFailedTrials = 0.1;
constexpr std::uint64_t kFewestEach = 2;  // requests of a connection
constexpr double kSpoilingSteal = 0.2;
/// Slewing moves a clock by at most 0.05 %.
constexpr double kMostClockStepSeconds = 0.01, kMostClockDrift = 0.001;
constexpr double kSteady = 0.02;  // relative difference of the window's halves

/// What waiting for a processor may explain of the mean latency.
constexpr double kWorthAWarning = 0.05, kMostWaitingRatio = 0.20;
constexpr double kLeastAchievedRate = 0.99;
/// Requests whose answer may come after the window's end although the target keeps up: of the few
/// that a low rate sends, they are more than 1 %.
constexpr double kCutOffAtTheEnd = 3;
constexpr int kTailPart = 8;
constexpr double kMicroseconds = 1e6;

std::string error_counts(const Measurement& measurement) {
  std::string text;
  for (const auto& [name, count] : measurement.requests.errors) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  if (!measurement.first_error.empty()) text += "; the first: " + measurement.first_error;
  return text;
}

void judge_answers(Trial& trial, const Demands& demands) {
  const Measurement& measured = *trial.measurement;
  const auto sent = static_cast<double>(measured.requests.sent);
  const auto errors = static_cast<double>(measured.requests.failed());
  if (measured.requests.ok == 0) {
    trial.status = TrialStatus::kFailed;
    trial.reasons.push_back(fmt::format("no request succeeded ({} sent): {}",
                                        measured.requests.sent, error_counts(measured)));
  } else if (errors > demands.tolerated_error_ratio * sent) {
    trial.status = errors > kMostErrors * sent ? TrialStatus::kFailed : TrialStatus::kInvalid;
    trial.reasons.push_back(fmt::format("{} of {} requests failed: {}", measured.requests.failed(),
                                        measured.requests.sent, error_counts(measured)));
  }
}

/// Whether the rate was not reached, if neither the generator nor a busy machine can be the cause,
/// and more is missing than the few answers that the window's end may cut off.
bool has_missed_rate(const Measurement& measurement, double rate_hz) {
  const double seconds = measurement.measured_seconds;
  const double cut_off = seconds > 0 ? kCutOffAtTheEnd / seconds : 0;
  return measurement.throughput_requests_per_second + cut_off < kLeastAchievedRate * rate_hz &&
         !measurement.generator_limited && busy_machine(measurement) != Busy::kTooMuch;
}

/// Whether its answers took too long for turns with such slices.
bool is_too_slow_for_turns(const Measurement& measurement, base::Duration slice) {
  return measurement.latency_us.mean.value_or(0) >
         base::to_seconds(longest_answer_in_turns(slice)) * kMicroseconds;
}

/// Why the load was not the one that was asked for.
std::vector<std::string> load_faults(const Measurement& measured, const Demands& demands) {
  std::vector<std::string> faults;
  if (demands.rate_hz && has_missed_rate(measured, *demands.rate_hz)) {
    faults.push_back(fmt::format("the offered rate of {} requests/s was not reached: {:.1f}",
                                 *demands.rate_hz, measured.throughput_requests_per_second));
  }
  if (demands.slice && is_too_slow_for_turns(measured, *demands.slice)) {
    const base::Duration answer(std::llround(*measured.latency_us.mean * 1000));
    const base::Duration least =
        answer * (*demands.slice / longest_answer_in_turns(*demands.slice));
    faults.push_back(fmt::format(
        "answers take too long for turns of {} ({:.1f} ms on average): set design.slice to {} or "
        "more",
        base::format_duration(*demands.slice), base::to_seconds(answer) * 1000,
        base::format_duration(std::chrono::ceil<std::chrono::milliseconds>(least))));
  }
  if (measured.generator_limited) {
    faults.push_back(fmt::format(
        "the generator was the limit, not the target ({}): give it load.threads, or CPUs of its "
        "own (placement.generator), or less to do",
        fmt::join(measured.generator_limited_reasons, "; ")));
  }
  return faults;
}

struct Found {
  std::string reason;
  Disturbance how;
};

/// What the machine did to the trial.
std::vector<Found> disturbances(const Trial& trial, const Demands& demands) {
  const HostEvidence& host = trial.host;
  std::vector<Found> found;
  // The counter is read twice, so that it may be off by one of its steps.
  const double steal = host.steal_ratio.value_or(0) - host.steal_resolution_ratio.value_or(0);
  if (steal > kMostSteal) {
    found.push_back({fmt::format("the hypervisor took {:.1f} % of the CPU time (steal)",
                                 *host.steal_ratio * 100),
                     {steal > kSpoilingSteal, steal / kMostSteal}});
  }
  if (const auto periods = host.throttled_periods.value_or(0); periods > 0) {
    found.push_back({fmt::format("a CPU quota held the run up {} times (nr_throttled): give it "
                                 "CPUs (a cpuset), not a quota",
                                 periods),
                     {false, static_cast<double>(periods)}});
  }
  if (const auto bytes = host.swapped_bytes.value_or(0); bytes > kMostSwappedBytes) {
    const double mebibytes = static_cast<double>(bytes) / kMostSwappedBytes;
    found.push_back({fmt::format("the machine swapped {:.1f} MiB", mebibytes), {false, mebibytes}});
  }
  // Where its processor was its own work's, it was the limit.
  if (!trial.measurement->generator_limited && busy_machine(*trial.measurement) == Busy::kTooMuch) {
    const double share = trial.measurement->generator_delay_ratio.value_or(0);
    // What it measured then belongs to a lower rate.
    const bool is_below = demands.rate_hz && is_below_rate(*trial.measurement, *demands.rate_hz);
    found.push_back({busy_machine_text(*trial.measurement), {is_below, share / kMostWaitingRatio}});
  }
  const double step = std::abs(host.clock_step_seconds.value_or(0));
  const double tolerated =
      kMostClockStepSeconds + kMostClockDrift * trial.measurement->measured_seconds;
  if (step > tolerated) {
    found.push_back(
        {fmt::format("the clock was set by {:+.3f} s meanwhile", *host.clock_step_seconds),
         {true, step / tolerated}});
  }
  return found;
}

void warn(Trial& trial, const Demands& demands) {
  const auto& series = trial.measurement->series_requests;
  if (stats::halves_differ(std::vector<double>(series.begin(), series.end()), kSteady)) {
    trial.warnings.push_back(
        "not_steady: the rate of the measured window's halves differs by more than 2 %; a longer "
        "load.warmup or load.measure helps if that is so in most trials");
  }
  const std::uint64_t ended = trial.measurement->requests.worked_on();
  if (!demands.rate_hz && demands.ends_by_time &&
      ended < kFewestEach * static_cast<std::uint64_t>(demands.connections)) {
    trial.warnings.push_back(fmt::format(
        "{} requests ended on {} connections within the measured time: a longer load.measure "
        "makes the rate less a matter of chance",
        ended, demands.connections));
  }
  if (!demands.uses_database && trial.database.sessions_opened.value_or(0) > 0) {
    trial.warnings.push_back(
        "the endpoint is declared to use no database, yet sessions were opened");
  }
}

/// Of a cell, by the schema of its report: before 1.2 a rate was held against the target whoever
/// was the limit.
bool has_failed(const Trial& trial, const Demands& demands, int schema_minor) {
  if (trial.status == TrialStatus::kFailed) return true;
  if (trial.status != TrialStatus::kInvalid || !trial.measurement) return false;
  const Measurement& measured = *trial.measurement;
  const auto misses = schema_minor < 2 ? is_below_rate : has_missed_rate;
  return static_cast<double>(measured.requests.failed()) >
             demands.tolerated_error_ratio * static_cast<double>(measured.requests.sent) ||
         (demands.rate_hz && misses(measured, *demands.rate_hz)) ||
         (demands.slice && is_too_slow_for_turns(measured, *demands.slice));
}

/// The reasons of the first trial that tells why the cell failed: one that did itself, best one
/// that did not serve at all, else (before 1.2 always) one that does not count.
std::string first_reason(const CellReport& cell, const Demands& demands) {
  const Trial* first = nullptr;
  int best = 0;
  for (const Trial& trial : cell.trials) {
    const bool tells = cell.schema_minor >= 2 && has_failed(trial, demands, cell.schema_minor);
    const int rank = trial.status == TrialStatus::kFailed ? 3 : tells ? 2 : 1;
    if (rank <= best || (rank == 1 && !is_invalid(trial))) continue;
    first = &trial;
    best = rank;
  }
  return first == nullptr ? "" : fmt::format("{}", fmt::join(first->reasons, "\n"));
}

/// Trials that were not run again, and those of them that the machine disturbed.
struct Share {
  int all = 0, disturbed = 0, spoilt = 0;
  const Trial* worst = nullptr;  ///< by steal
};

Share share_of(const Report& report) {
  Share share;
  const auto steal = [](const Trial& trial) { return trial.host.steal_ratio.value_or(0); };
  for (const CellReport& cell : report.cells) {
    for (const Trial& trial : cell.trials) {
      if (!is_told_of(trial)) continue;
      ++share.all;
      if (!trial.disturbed) continue;
      ++share.disturbed;
      share.spoilt += is_spoilt(trial) ? 1 : 0;
      if (share.worst == nullptr || steal(trial) > steal(*share.worst)) share.worst = &trial;
    }
  }
  return share;
}

}  // namespace

base::Duration longest_answer_in_turns(base::Duration slice) { return slice / kTailPart; }

bool is_below_rate(const Measurement& measurement, double rate_hz) {
  return measurement.throughput_requests_per_second < kLeastAchievedRate * rate_hz;
}

Demands demands_of(const CellReport& cell) {
  Demands demands;
  demands.tolerated_error_ratio =
      look_up<double>(cell.config, {"load", "tolerated_error_ratio"}).value_or(0);
  demands.rate_hz = look_up<double>(cell.config, {"load", "rate"});
  const auto slice = look_up<std::string>(cell.config, {"load", "slice"});
  if (const auto length = base::parse_duration(slice.value_or(""))) demands.slice = *length;
  return demands;
}

Disturbance judge(Trial& trial, const Demands& demands) {
  judge_answers(trial, demands);
  for (std::string& fault : load_faults(*trial.measurement, demands)) {
    trial.reasons.push_back(std::move(fault));
  }
  if (trial.status == TrialStatus::kOk && !trial.reasons.empty())
    trial.status = TrialStatus::kInvalid;
  Disturbance worst;
  const bool counts = trial.status == TrialStatus::kOk;
  for (const auto& [reason, how] : disturbances(trial, demands)) {
    (counts ? trial.reasons : trial.warnings).push_back(reason);
    if (counts) worst = std::max(worst, how);
  }
  trial.disturbed = static_cast<bool>(worst);
  if (worst.spoils) trial.status = TrialStatus::kInvalid;
  warn(trial, demands);
  return worst;
}

void judge(CellReport& cell) {
  const Demands demands = demands_of(cell);
  const auto good = count_good(cell);
  const auto failed = std::ranges::count_if(cell.trials, [&](const Trial& trial) {
    return has_failed(trial, demands, cell.schema_minor);
  });
  const auto most_failed = kMostFailedTrials * static_cast<double>(good + failed);
  // What the generator or the machine kept from counting is no failure of the cell.
  const bool without_result =
      cell.schema_minor < 2 && good == 0 && std::ranges::any_of(cell.trials, is_invalid);
  cell.error.clear();
  if (static_cast<double>(failed) > most_failed || without_result) {
    cell.status = CellStatus::kFailed;
    cell.error = first_reason(cell, demands);
  } else {
    cell.status = good > 0 ? CellStatus::kOk : CellStatus::kPlanned;
  }
}

bool is_spoilt(const Trial& trial) {
  return trial.status == TrialStatus::kInvalid && trial.disturbed;
}

bool is_invalid(const Trial& trial) {
  return trial.status == TrialStatus::kInvalid && !trial.disturbed;
}

bool is_told_of(const Trial& trial) {
  return trial.status != TrialStatus::kInterrupted && trial.status != TrialStatus::kSuperseded;
}

bool counts_for(const Trial& trial, bool machine_proof) {
  return trial.status == TrialStatus::kOk || (machine_proof && is_spoilt(trial));
}

std::ptrdiff_t count_good(const CellReport& cell) {
  return std::ranges::count(cell.trials, TrialStatus::kOk, &Trial::status);
}

Busy busy_machine(const Measurement& measurement) {
  const double explained = measurement.generator_delay_ratio.value_or(0);
  if (explained > kMostWaitingRatio) return Busy::kTooMuch;
  return explained > kWorthAWarning ? Busy::kWorthAWarning : Busy::kNo;
}

std::string busy_machine_text(const Measurement& measurement) {
  const auto own = look_up<double>(measurement.details, {"busiest_thread_ratio"});
  return fmt::format(
      "the machine was busy: waiting for a processor could explain {:.0f} % of the latency{}",
      100 * measurement.generator_delay_ratio.value_or(0),
      own ? fmt::format(" (the generator itself used {:.0f} % of one)", 100 * *own) : "");
}

std::string disturbance_text(const Report& report) {
  const Share share = share_of(report);
  if (share.disturbed == 0) return {};
  const std::string reason =
      share.worst->reasons.empty() ? std::string("unknown") : share.worst->reasons.front();
  std::string text = fmt::format(
      "The machine disturbed {} of {} trials ({:.0f} %) each time they ran, at worst: {}. The "
      "least disturbed attempt counts: its intervals hold what that did.",
      share.disturbed, share.all, 100.0 * share.disturbed / share.all, reason);
  if (share.spoilt > 0) {
    text += fmt::format(
        " {} of them {} spoilt: of {} only counts are used (sessions, connections, errors), and "
        "the pairs that need {} rates are left out.",
        share.spoilt, share.spoilt == 1 ? "is" : "are", share.spoilt == 1 ? "it" : "them",
        share.spoilt == 1 ? "its" : "their");
  }
  return text;
}

}  // namespace poolbench::report
