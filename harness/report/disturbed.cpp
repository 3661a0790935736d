#include "report/disturbed.h"

#include <fmt/format.h>

namespace poolbench::report {
namespace {

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
      if (trial.status == TrialStatus::kInterrupted || trial.status == TrialStatus::kSuperseded)
        continue;
      ++share.all;
      if (!trial.disturbed) continue;
      ++share.disturbed;
      share.spoilt += trial.status == TrialStatus::kInvalid ? 1 : 0;
      if (share.worst == nullptr || steal(trial) > steal(*share.worst)) share.worst = &trial;
    }
  }
  return share;
}

}  // namespace

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
