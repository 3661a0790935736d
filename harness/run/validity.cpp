#include "run/validity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/time.h"
#include "report/explained.h"
#include "report/too_slow.h"
#include "stats/steady_state.h"

namespace poolbench::run {
namespace {

constexpr double kMostErrors = 0.1;
constexpr std::uint64_t kFewestEach = 2;  // requests of a connection
constexpr double kMostSteal = 0.02, kSpoilingSteal = 0.2;
constexpr std::int64_t kMostSwappedBytes = 1 << 20;
/// Slewing moves a clock by at most 0.05 %.
constexpr double kMostClockStepSeconds = 0.01, kMostClockDrift = 0.001;
constexpr double kSteady = 0.02;  // relative difference of the window's halves

std::string error_counts(const report::Measurement& measurement) {
  std::string text;
  for (const auto& [name, count] : measurement.requests.errors) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  if (!measurement.first_error.empty()) text += "; the first: " + measurement.first_error;
  return text;
}

void judge_answers(report::Trial& trial, const scenario::Cell& cell) {
  const report::Measurement& measured = *trial.measurement;
  const auto sent = static_cast<double>(measured.requests.sent);
  const auto errors = static_cast<double>(measured.requests.failed());
  if (measured.requests.ok == 0) {
    trial.status = report::TrialStatus::kFailed;
    trial.reasons.push_back(fmt::format("no request succeeded ({} sent): {}",
                                        measured.requests.sent, error_counts(measured)));
  } else if (errors > cell.load.tolerated_error_ratio * sent) {
    trial.status =
        errors > kMostErrors * sent ? report::TrialStatus::kFailed : report::TrialStatus::kInvalid;
    trial.reasons.push_back(fmt::format("{} of {} requests failed: {}", measured.requests.failed(),
                                        measured.requests.sent, error_counts(measured)));
  }
}

/// Why the load was not the one that was asked for.
std::vector<std::string> load_faults(const report::Measurement& measured,
                                     const scenario::Cell& cell) {
  std::vector<std::string> faults;
  if (cell.load.rate_hz && report::has_missed_rate(measured, *cell.load.rate_hz)) {
    faults.push_back(fmt::format("the offered rate of {} requests/s was not reached: {:.1f}",
                                 *cell.load.rate_hz, measured.throughput_requests_per_second));
  }
  if (cell.load.slice && report::is_too_slow_for_turns(measured, *cell.load.slice)) {
    const base::Duration answer(std::llround(*measured.latency_us.mean * 1000));
    const base::Duration least =
        answer * (*cell.load.slice / report::longest_answer_in_turns(*cell.load.slice));
    faults.push_back(fmt::format(
        "answers take too long for turns of {} ({:.1f} ms on average): set design.slice to {} or "
        "more",
        base::format_duration(*cell.load.slice), base::to_seconds(answer) * 1000,
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
std::vector<Found> disturbances(const report::Trial& trial, const scenario::Cell& cell) {
  const report::HostEvidence& host = trial.host;
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
  if (!trial.measurement->generator_limited &&
      report::busy_machine(*trial.measurement) == report::Busy::kTooMuch) {
    const double share = trial.measurement->generator_delay_ratio.value_or(0);
    // What it measured then belongs to a lower rate.
    const bool is_below =
        cell.load.rate_hz && report::is_below_rate(*trial.measurement, *cell.load.rate_hz);
    found.push_back({report::busy_machine_text(*trial.measurement),
                     {is_below, share / report::kMostWaitingRatio}});
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

void warn(report::Trial& trial, const scenario::Cell& cell) {
  const auto& series = trial.measurement->series_requests;
  if (stats::halves_differ(std::vector<double>(series.begin(), series.end()), kSteady)) {
    trial.warnings.push_back(
        "not_steady: the rate of the measured window's halves differs by more than 2 %; a longer "
        "load.warmup or load.measure helps if that is so in most trials");
  }
  const std::uint64_t ended = trial.measurement->requests.worked_on();
  if (!cell.load.rate_hz && !cell.load.requests &&
      ended < kFewestEach * static_cast<std::uint64_t>(cell.load.connections)) {
    trial.warnings.push_back(fmt::format(
        "{} requests ended on {} connections within the measured time: a longer load.measure "
        "makes the rate less a matter of chance",
        ended, cell.load.connections));
  }
  if (!cell.target.spec->endpoints.at(cell.target.endpoint).database &&
      trial.database.sessions_opened.value_or(0) > 0) {
    trial.warnings.push_back(
        "the endpoint is declared to use no database, yet sessions were opened");
  }
}

}  // namespace

Disturbance judge(report::Trial& trial, const scenario::Cell& cell) {
  judge_answers(trial, cell);
  for (std::string& fault : load_faults(*trial.measurement, cell)) {
    trial.reasons.push_back(std::move(fault));
  }
  if (trial.status == report::TrialStatus::kOk && !trial.reasons.empty())
    trial.status = report::TrialStatus::kInvalid;
  Disturbance worst;
  const bool counts = trial.status == report::TrialStatus::kOk;
  for (const auto& [reason, how] : disturbances(trial, cell)) {
    (counts ? trial.reasons : trial.warnings).push_back(reason);
    if (counts) worst = std::max(worst, how);
  }
  trial.disturbed = static_cast<bool>(worst);
  if (worst.spoils) trial.status = report::TrialStatus::kInvalid;
  warn(trial, cell);
  return worst;
}

}  // namespace poolbench::run
