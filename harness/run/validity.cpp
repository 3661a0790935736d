#include "run/validity.h"

#include <fmt/format.h>

namespace poolbench::run {
namespace {

constexpr double kLeastAchievedRate = 0.99;
constexpr double kMostSteal = 0.02;
constexpr double kMostErrors = 0.1;

std::string error_counts(const report::Measurement& measurement) {
  std::string text;
  for (const auto& [name, count] : measurement.requests.errors) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  }
  if (!measurement.first_error.empty()) text += "; the first: " + measurement.first_error;
  return text;
}

}  // namespace

void judge(report::Trial& trial, const scenario::Cell& cell) {
  const report::Measurement& measured = *trial.measurement;
  const auto fail = [&](const char* status, std::string reason) {
    if (trial.status != "failed") trial.status = status;
    trial.reasons.push_back(std::move(reason));
  };
  const auto sent = static_cast<double>(measured.requests.sent);
  const auto errors = static_cast<double>(measured.requests.failed());
  if (measured.requests.ok == 0) {
    fail("failed", fmt::format("no request succeeded ({} sent): {}", measured.requests.sent,
                               error_counts(measured)));
  } else if (errors > cell.load.tolerated_error_ratio * sent) {
    fail(errors > kMostErrors * sent ? "failed" : "invalid",
         fmt::format("{} of {} requests failed: {}", measured.requests.failed(),
                     measured.requests.sent, error_counts(measured)));
  }
  if (cell.load.rate_hz &&
      measured.throughput_requests_per_second < kLeastAchievedRate * *cell.load.rate_hz) {
    fail("invalid", fmt::format("the offered rate of {} requests/s was not reached: {:.1f}",
                                *cell.load.rate_hz, measured.throughput_requests_per_second));
  }
  if (trial.host.steal_ratio.value_or(0) > kMostSteal) {
    trial.warnings.push_back(fmt::format("the hypervisor took {:.1f} % of the CPU time (steal)",
                                         *trial.host.steal_ratio * 100));
  }
  if (!cell.target.spec->endpoints.at(cell.target.endpoint).database &&
      trial.database.sessions_opened.value_or(0) > 0) {
    trial.warnings.push_back(
        "the endpoint is declared to use no database, yet sessions were opened");
  }
}

}  // namespace poolbench::run
